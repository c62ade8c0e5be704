"""The two guard stages: one on the way in, which also puts masked values back last, and one on the way out."""

import hmac
from collections.abc import AsyncIterator, Callable, Collection
from functools import cache
from typing import cast

from ..engine import jsonio, margins
from ..engine.edits import apart, put
from ..engine.errors import Blocked, NotEvaluated, TidegateError, UpstreamRefused
from ..engine.exchange import Exchange, Reply, Scope, Segment, metadata
from ..engine.pages import as_json, page_as_json
from ..engine.ports import Next
from ..engine.sources import read
from ..engine.sse import Event
from ..engine.steering import listed
from ..engine.stream import Edit, HoldBack, Screen
from ..engine.turns import Turns
from . import heads, reported
from .actions import Masker
from .conversations import Conversations
from .detectors.names.detector import NAMES
from .masks import Fakes, Mask, masked
from .parts import Part, Parts
from .rules.ruleset import EDITING, Ruleset
from .rules.when import Facts
from .screen import RuleScreen
from .stopped import Stopped
from .turns import asked, changed
from .vault import MEMO, SPAN, Restore, Vault, marked, vault_of

RouteNames = Callable[[Exchange], Callable[[str], str]]
RULESET = "guardrails.ruleset"
FACTS = "guardrails.facts"
FAKES = "guardrails.fakes"
MODEL = ("model",)
"""Where an error says that the model's name stands, also when it came in the path."""
HOLD = "x-tidegate-hold"
"""The header of a stream that tells how many characters may be held back at once (see `waits.held`)."""
_FOREIGN = frozenset({"hit", "collapsed"})
"""What the cache says of an answer that was made for another request. Not `stale`: then the model was asked."""
_REPLY_SCOPES = (Scope.OUTPUT, Scope.TOOL_ARGS, Scope.TOOL_RESULT)
"""What a reply can hold; tool results stand in replies of providers that run tools themselves."""


class RequestGuard:
    """Checks every text of a request, masks what rules say, and puts the caller's values back into the reply."""

    def __init__(
        self,
        ruleset: Callable[[], Ruleset],
        key: Callable[[], bytes] = bytes,
        conversations: Conversations | None = None,
        routes: RouteNames | None = None,
        named: Collection[str] = (),
    ) -> None:
        """`key` gives that of hashes and fakes, asked for once; the reply guard must have the same. Without
        `conversations`, masked values are forgotten with their exchange. `routes` tells, for conditions, the name of
        the route that a request has when it asks for a model. `named` are models that the configuration names."""
        self._ruleset = ruleset
        self._conversations = conversations
        self._routes = routes
        self._named = frozenset(named)
        self._key = cache(lambda: _mask_key(key()))

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        """Raises Blocked and NotEvaluated, which name the rule and the address."""
        ruleset = exchange.memo[RULESET] = self._ruleset()
        exchange.memo[FACTS] = _facts(exchange, ruleset, self._routes)
        exchange.model_passed = not ruleset.rules
        conversations = self._conversations
        vault: Vault | None = None
        if ruleset.rules:
            if conversations is not None:
                vault = await conversations.vault(exchange)
            try:
                await self._check_models(exchange, ruleset)
                exchange.model_passed = True
                await heads.check(exchange, ruleset, cast(Facts, exchange.memo[FACTS]), _router(exchange))
                await _check(exchange, ruleset, self._key, vault)
            except Stopped as stop:
                if stop.answer and (answered := _answer(exchange, stop.answer)):
                    return answered
                raise _refusal(stop) from None
        if conversations is not None and vault is not None:
            await conversations.save(exchange, vault)  # before the model can answer with a placeholder
        reply = await next(exchange)
        found = cast("Vault | None", exchange.memo.get(MEMO))
        if found:
            foreign = bool(_FOREIGN & {exchange.cache.status, exchange.cache.detail})
            reply = await _through(exchange, reply, Restore(found, asked=foreign))
        if reply.streamed and ruleset.rules:
            reply.headers = [header for header in reply.headers if header[0] != HOLD] + [(HOLD, _held(ruleset, found))]
        if conversations is not None and vault is not None:  # also when the caller leaves a stream, or it breaks
            reply.closers.insert(0, lambda: conversations.save(exchange, vault))
        return reply

    async def _check_models(self, exchange: Exchange, ruleset: Ruleset) -> None:
        """Run the rules over the names of models, in the body or not: they go to routes, paths and logs, and a model of
        another name is another model, so that what would change one blocks.

        Not one that the operator wrote: it is no caller's text. To a rule on people's names a Claude is a person, and
        most models have a date: names and dates are not looked for.
        """
        facts = cast(Facts, exchange.memo[FACTS])
        for model in dict.fromkeys([exchange.model, *(model for model, _ in facts.others)]):
            rules = ruleset.unchanging if model in self._named else ruleset
            segment = Segment(MODEL, model, Scope.INPUT, sealed=True)
            if rules.has(segment.scope):
                screen = RuleScreen(rules, exchange.note, _as_it_is, facts, _router(exchange), without=NAMES)
                await screen.look(segment, model, 0, True)


class ReplyGuard:
    """Checks every text of a reply, streamed or not."""

    def __init__(self, ruleset: Callable[[], Ruleset], key: Callable[[], bytes] = bytes) -> None:
        self._ruleset = ruleset
        self._key = cache(lambda: _mask_key(key()))

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        reply = await reported.asked(exchange, next, self._of(exchange), self._facts(exchange))
        return await self.screen(exchange, reply)

    def digest(self, exchange: Exchange) -> str:
        """The digest of the rules that this exchange is judged by: a stored reply that passed them need not again."""
        return self._of(exchange).digest_for(self._facts(exchange))

    async def screen(self, exchange: Exchange, reply: Reply) -> Reply:
        """The reply as the rules leave it. Untouched, and not even parsed, when no rule is about replies."""
        ruleset = self._of(exchange)
        if not any(ruleset.has(scope) for scope in _REPLY_SCOPES):
            return reply
        mask = _masker(
            lambda label, value: vault_of(exchange.memo).mask_reply(label, value), _fakes(exchange).reply, self._key
        )
        facts = self._facts(exchange)
        screen = RuleScreen(ruleset, exchange.note, mask, facts)
        reply.headers = heads.in_utf8(reply.headers)
        reply.headers = await heads.passed(exchange, ruleset, facts, reply)
        if reply.streamed:
            reply.events = margins.screened(exchange.dialect, screen, reply.events)
        return await _through(exchange, reply, screen, answers=ruleset.answers_replies)

    def _of(self, exchange: Exchange) -> Ruleset:
        return cast(Ruleset, exchange.memo.get(RULESET) or self._ruleset())

    def _facts(self, exchange: Exchange) -> Facts:
        return cast(Facts, exchange.memo.get(FACTS) or _facts(exchange, self._of(exchange)))


def _facts(exchange: Exchange, ruleset: Ruleset, routes: RouteNames | None = None) -> Facts:
    """What conditions ask for. Raises BadRequest when they ask for metadata, and what was sent is none, or where the
    body lists too many models."""
    told = metadata(exchange.headers) if ruleset.wants_metadata else {}
    choices = exchange.steering.choices if exchange.steering is not None else ()
    models = [*(choice.model for choice in choices if choice.model), *listed(exchange.body).values()]
    route_of = routes(exchange) if routes and ruleset.routes else None
    ways = [(model, route_of(model) if route_of else None) for model in (exchange.model, *dict.fromkeys(models))]
    (model, route), caller = ways[0], exchange.caller
    return Facts(exchange.id, model, route, told, caller.name, caller.team, others=tuple(ways[1:]))


def _held(ruleset: Ruleset, vault: Vault | None) -> str:
    """What rules hold, or a placeholder that may be under way."""
    return ruleset.held(SPAN if vault else 0)


def _mask_key(key: bytes) -> bytes:
    """A key for masks alone, so that a hash in a text says nothing of the digests of callers."""
    return hmac.digest(key, b"tidegate masks", "sha256")


def _fakes(exchange: Exchange) -> Fakes:
    return cast(Fakes, exchange.memo.setdefault(FAKES, Fakes()))


def _masker(
    reversible: Callable[[str, str], str], fake: Callable[[str, str, bytes], str], key: Callable[[], bytes]
) -> Masker:
    def mask(how: Mask, label: str, value: str) -> str:
        if how.mode == "reversible":
            return reversible(label, value)
        return fake(label, value, key()) if how.mode == "fake" else masked(how, label, value, key())

    return mask


def _as_it_is(how: Mask, label: str, value: str) -> str:
    return value


def _router(exchange: Exchange) -> Callable[[str], None]:
    """Sends the exchange to the provider that the first rule chose."""

    def route(provider: str) -> None:
        exchange.route_to = exchange.route_to or provider

    return route


def _answer(exchange: Exchange, text: str) -> Reply | None:
    """A rule's own answer as a reply of the dialect, streamed if that was asked for."""
    whole = exchange.dialect.canned(exchange.body, text)
    if whole is None:
        return None
    if not exchange.stream:
        return Reply.whole(200, jsonio.dumps(whole), [("content-type", "application/json")])
    events = _replay(exchange.dialect.split(whole, exchange.body))
    return Reply(200, [("content-type", "text/event-stream")], events, streamed=True)


async def _check(exchange: Exchange, ruleset: Ruleset, key: Callable[[], bytes], kept: Vault | None) -> None:
    """Run the rules over a request. `kept` is the vault of its conversation."""
    dialect, body = exchange.dialect, exchange.body
    vault = Vault() if kept is None else kept
    mask = _masker(vault.mask, _fakes(exchange).ask, key)
    screen = RuleScreen(ruleset, exchange.note, mask, cast(Facts, exchange.memo[FACTS]), _router(exchange))
    texts: list[Part] = []
    turns = Turns()
    nameable = {at: name for at, name in listed(body).items() if " " not in name and name.isascii()}
    models = {**nameable, MODEL: exchange.model}
    parts = Parts(screen, turns, told := await asked(exchange))
    for segment in told:
        if segment.unread:
            screen.unread(segment)
            continue
        segment = segment.opened()
        if models.get(segment.address) == segment.text:
            continue  # it has been looked at
        segment, text, offsets = await read(segment)
        if segment.sealed:
            vault.leave_out(segment.text, ruleset.labels)
        await turns.give()
        await parts.before(segment)
        found = (await screen.look(segment, text, 0, True)).edits if screen.applies(segment) else ()
        part = Part(segment, text, offsets, list(found), screen.known)
        parts.add(part)
        if part.edits or segment.within is None or marked(text):  # else nothing is left to do with a value
            texts.append(part)
    await parts.close()
    changes: list[tuple[Segment, str]] = []
    for part in texts:
        segment, edits = part.segment, part.edits
        if ruleset.masks_requests and not segment.sealed:
            alike: list[Edit] = []
            for edit in vault.lookalikes(part.text, ruleset.labels, edits):
                alike.append(edit)
                await turns.give()
            edits += apart(alike, edits)
            edits.sort(key=lambda edit: edit.start)
        await turns.give()
        if edits:
            changes.append((segment, await changed(segment, edits, part.offsets)))
    put(dialect, body, changes)
    exchange.own = vault.asked()
    if vault or kept is not None:
        exchange.memo[MEMO] = vault


def _refusal(stop: Stopped) -> TidegateError:
    rule, address = stop.rule, jsonio.show(stop.segment.address)
    if stop.points:
        rules = ", ".join(f'"{each}"' for each in stop.rules)
        return Blocked(f"The rules {rules} together do not allow this request ({stop.points}).", param=address)
    if stop.segment.sealed and not stop.reason and rule.action in EDITING:
        return Blocked(
            f'The rule "{rule.id}" would change the text at {address}, which is signed or a name: '
            "it cannot be changed.",
            param=address,
        )
    if not stop.reason:
        told = f'{rule.message} (rule "{rule.id}")' if rule.message else ""
        return Blocked(told or f'The rule "{rule.id}" does not allow this request.', param=address)
    if stop.segment.unread:
        return NotEvaluated(
            f'The rule "{rule.id}" could not check the content at {address}: {stop.reason}. '
            "With allow_unread: true on all such rules (overrides: in a rule file) it passes.",
            param=address,
        )
    return NotEvaluated(
        f'The rule "{rule.id}" could not check the text at {address}: {stop.reason}. '
        "Its on_error: block refuses the request then.",
        param=address,
    )


async def _through(exchange: Exchange, reply: Reply, screen: Screen, *, answers: bool = False) -> Reply:
    """The reply with its events passed through a screen. One that is not streamed is screened to its end here, so that
    what the rules said is known before the first byte leaves."""
    hold = HoldBack(exchange.dialect, screen, reply.streamed, reply.aclose, answers=answers)
    if reply.streamed:
        reply.events = hold.run(reply.events)
        return reply
    received = [event async for event in reply.events]
    for event in received:
        if event.payload and event.data is None and (rule := _refuses(screen)):
            told = f'The provider answered {reply.status} and no JSON, so the rule "{rule}" could not check it.'
            if reply.status < 400:
                raise UpstreamRefused(told)
            # What went wrong is in the status and the headers, which stay: a caller may have to wait, or to log in.
            reply.headers = as_json(reply.headers)
            reply.events = _replay([Event.whole(page_as_json(told, reply.status))])
            return reply
    reply.events = _replay([event async for event in hold.run(_replay(received))])
    return reply


def _refuses(screen: Screen) -> str:
    """The rule that must read a whole reply which is not a JSON object; empty when none must."""
    try:
        screen.unread(Segment((), "", Scope.OUTPUT, unread="a reply that is not JSON"))
    except Stopped as stop:
        return stop.rule.id
    return ""


async def _replay(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event
