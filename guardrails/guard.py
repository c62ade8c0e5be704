"""The two guard stages: one on the way in, which also puts masked values back last, and one on the way out."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from typing import cast

from ..engine import jsonio
from ..engine.errors import Blocked, NotEvaluated, TidegateError, UpstreamRefused
from ..engine.exchange import Exchange, Reply, Scope, Segment
from ..engine.ports import Next
from ..engine.sse import Event
from ..engine.stream import Edit, HoldBack, Screen, apply, raw_edits
from .rules.compile import Ruleset
from .screen import RuleScreen, Stopped
from .vault import MEMO, Restore, Vault, vault_of

RULESET = "guardrails.ruleset"
_REPLY_SCOPES = (Scope.OUTPUT, Scope.TOOL_ARGS, Scope.TOOL_RESULT)
"""What a reply can hold; tool results stand in replies of providers that run tools themselves."""


class RequestGuard:
    """Checks every text of a request, masks what rules say, and puts the caller's values back into the reply."""

    def __init__(self, ruleset: Callable[[], Ruleset]) -> None:
        self._ruleset = ruleset

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        """Raises Blocked and NotEvaluated, which name the rule and the address."""
        ruleset = exchange.memo[RULESET] = self._ruleset()
        if ruleset.rules:
            await _check(exchange, ruleset)
        reply = await next(exchange)
        vault = cast("Vault | None", exchange.memo.get(MEMO))
        return await _through(exchange, reply, Restore(vault)) if vault else reply


class ReplyGuard:
    """Checks every text of a reply, streamed or not."""

    def __init__(self, ruleset: Callable[[], Ruleset]) -> None:
        self._ruleset = ruleset

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        return await self.screen(exchange, await next(exchange))

    def digest(self, exchange: Exchange) -> str:
        """The digest of the rules that this exchange is judged by: a stored reply that passed them need not again."""
        return self._of(exchange).digest

    async def screen(self, exchange: Exchange, reply: Reply) -> Reply:
        """The reply as the rules leave it. Untouched, and not even parsed, when no rule is about replies."""
        ruleset = self._of(exchange)
        if not any(ruleset.has(scope) for scope in _REPLY_SCOPES):
            return reply
        return await _through(exchange, reply, RuleScreen(ruleset, exchange.note, _late_masker(exchange)))

    def _of(self, exchange: Exchange) -> Ruleset:
        return cast(Ruleset, exchange.memo.get(RULESET) or self._ruleset())


def _late_masker(exchange: Exchange) -> Callable[[str, str], str]:
    """Masks values of a reply; the vault is made only when there is one."""
    return lambda label, value: vault_of(exchange.memo).mask_reply(label, value)


async def _check(exchange: Exchange, ruleset: Ruleset) -> None:
    dialect, body = exchange.dialect, exchange.body
    vault = Vault()
    screen = RuleScreen(ruleset, exchange.note, vault.mask)
    texts: list[tuple[Segment, str, list[int] | None, list[Edit]]] = []
    try:
        for segment in dialect.request_segments(body):
            if segment.unread:
                screen.unread(segment)
                continue
            text, offsets = jsonio.unescape(segment.text, True) if segment.json else (segment.text, None)
            found = (await screen.look(segment, text, 0, True)).edits if screen.applies(segment) else ()
            texts.append((segment, text, offsets, list(found)))
    except Stopped as stop:
        raise _refusal(stop) from None
    for segment, text, offsets, edits in texts:
        if ruleset.masks_requests and not segment.sealed:
            edits += _apart(vault.lookalikes(text, ruleset.labels), edits)
            edits.sort(key=lambda edit: edit.start)
        if edits:
            dialect.put(body, segment, apply(segment.text, raw_edits(edits, offsets, segment.json)))
    if vault:
        exchange.memo[MEMO] = vault


def _apart(new: list[Edit], edits: list[Edit]) -> list[Edit]:
    """Those of `new` that overlap none of `edits`, which are in order."""
    starts = [edit.start for edit in edits]
    kept: list[Edit] = []
    for each in new:
        place = bisect_left(starts, each.end)
        if place == 0 or edits[place - 1].end <= each.start:
            kept.append(each)
    return kept


def _refusal(stop: Stopped) -> TidegateError:
    rule, address = stop.rule, jsonio.show(stop.segment.address)
    if stop.segment.sealed and not stop.reason and rule.action != "block":
        return Blocked(
            f'The rule "{rule.id}" would change the text at {address}, which is signed and cannot be changed.',
            param=address,
        )
    if not stop.reason:
        return Blocked(rule.message or f'The rule "{rule.id}" does not allow this request.', param=address)
    if stop.segment.unread:
        return NotEvaluated(
            f'The rule "{rule.id}" could not check the content at {address}: {stop.reason}. '
            "Setting allow_unread: true on the rule lets such content pass.",
            param=address,
        )
    return NotEvaluated(
        f'The rule "{rule.id}" could not check the text at {address}: {stop.reason}. '
        "Its on_error: block refuses the request then.",
        param=address,
    )


async def _through(exchange: Exchange, reply: Reply, screen: Screen) -> Reply:
    """The reply with its events passed through a screen.

    A reply that is not streamed is screened to its end here, so that what the rules said is known before the first
    byte leaves.
    """
    hold = HoldBack(exchange.dialect, screen, reply.streamed, reply.aclose)
    if reply.streamed:
        reply.events = hold.run(reply.events)
        return reply
    received = [event async for event in reply.events]
    for event in received:
        if event.payload and event.data is None:
            _unparsed(screen)
    reply.events = _replay([event async for event in hold.run(_replay(received))])
    return reply


def _unparsed(screen: Screen) -> None:
    """A whole reply that is not a JSON object: rules that must read it refuse it."""
    try:
        screen.unread(Segment((), "", Scope.OUTPUT, unread="a reply that is not JSON"))
    except Stopped as stop:
        raise UpstreamRefused(
            f'The provider\'s reply is not JSON, so the rule "{stop.rule.id}" could not check it.'
        ) from None


async def _replay(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


def summary(exchange: Exchange) -> tuple[str, list[str]]:
    """What the guards did, for the reply header: pass, flagged, masked or blocked, and the rules that did it.

    Shadow rules are not told to callers.
    """
    told = [verdict for verdict in exchange.verdicts if verdict.action in ("block", "mask", "redact", "flag")]
    acts = {verdict.action for verdict in told}
    outcome = "blocked" if "block" in acts else "masked" if acts & {"mask", "redact"} else "flagged" if acts else "pass"
    return outcome, list(dict.fromkeys(verdict.rule for verdict in told))
