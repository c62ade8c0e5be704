"""`tidegate cache warm`: questions from a file go the way of any request, so that their answers are checked and stored
as those of traffic are. Where the file gives the answer, it stands in for the provider.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from msgspec import structs

from ...cache.answer import decode
from ...cache.feedback import HEADER
from ...cache.key import NAMESPACE_HEADER, Share, place
from ...cache.stores.record import SharedStore, Unanswered
from ...cache.tokens import Tokens
from ...engine.errors import ConfigError, NotInCache, TidegateError, Unauthorized
from ...engine.exchange import Exchange, Reply
from ...engine.handler import Request
from ...engine.jsonio import dumps
from ...engine.ports import Entry, Next, Store
from ..config.gate_yaml import Loaded, load_config
from ..gate import Gate
from ..gate_key import gate_key
from .jsonlines import numbered, value
from .memory import insist_on_all, opened

PATH = "/v1/chat/completions"
_OF_MESSAGES = (PATH, "/v1/messages")
"""Where `prompt` is short for a message. Elsewhere it is a field of the dialect's own."""
_GIVEN = "serve.given_answer"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to warm."""

    model: str = ""
    key: str = ""
    """The environment variable that holds the caller's credential."""
    namespace: str = ""
    at_once: int = 4
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One question."""

    path: str
    body: dict[str, Any]
    answer: str | None


class Given:
    """Answers what came with its answer, and knows what was asked for."""

    def __init__(self, share: Share) -> None:
        self.keys = set[str]()
        """Of the questions that were not in memory."""
        self._share: Share = share

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        self.keys.add(place(exchange, exchange.dialect.question(exchange.body), self._share).key)
        answer = exchange.memo.get(_GIVEN)
        if answer is None:
            return await next(exchange)
        whole = exchange.dialect.canned(exchange.body, answer)
        if whole is None:
            raise NotInCache("Replies of this kind have no words, so none can be given.")
        return Reply.whole(200, dumps(whole), [("content-type", "application/json")])


def warm(config: Path, file: Path, plan: Plan, progress: Callable[[int], None]) -> dict[str, int]:
    """Send every line; how many were stored, known already, left to the model by rule, not stored, and failed.

    Raises ConfigError on a file that cannot be read or a line that is no question.
    """
    loaded = load_config(config)
    lines = list(read(file, plan.model, plan.most))
    return asyncio.run(_warm(loaded, lines, plan, progress))


def read(file: Path, model: str, most: int) -> Iterator[Line]:
    """The questions of a file. `prompt` is short for one user message, where there are messages; other fields are those
    of the request's body."""
    rows = list(numbered(file))
    if len(rows) > most:
        raise ConfigError(f"{len(rows)} lines are more than {most}", file=str(file), hint="--most")
    for number, row in rows:
        try:
            found: Any = value(row)
        except ValueError:
            raise ConfigError("not JSON", file=str(file), line=number) from None
        if not isinstance(found, dict):
            raise ConfigError("not a JSON object", file=str(file), line=number)
        body = cast("dict[str, Any]", found)
        answer, path = body.pop("answer", None), body.pop("path", PATH)
        prompt = body.pop("prompt", None) if path in _OF_MESSAGES else None
        earlier = body.get("messages", [])
        if not isinstance(earlier, list):
            raise ConfigError("messages is a list", file=str(file), line=number)
        if not (prompt is None or isinstance(prompt, str)):
            raise ConfigError("prompt is a text", file=str(file), line=number, hint="or write messages")
        if isinstance(prompt, str):
            body["messages"] = [*cast("list[Any]", earlier), {"role": "user", "content": prompt}]
        if "model" not in body and model:
            body["model"] = model
        if path == PATH and not ("messages" in body and "model" in body):
            hint = 'write {"model": "...", "prompt": "..."}, or name --model'
            raise ConfigError("no prompt, or no model", file=str(file), line=number, hint=hint)
        if not isinstance(path, str) or not (answer is None or isinstance(answer, str)):
            raise ConfigError("path and answer are texts", file=str(file), line=number)
        yield Line(path, {**body, "stream": False} if "stream" in body else body, answer)


async def _warm(loaded: Loaded, lines: list[Line], plan: Plan, progress: Callable[[int], None]) -> dict[str, int]:
    credential = _credential(plan.key)
    headers = {"content-type": "application/json"}
    if credential is not None:
        headers["authorization"] = f"Bearer {credential}"
    if plan.namespace:
        headers[NAMESPACE_HEADER] = plan.namespace
    counts = {"stored": 0, "already_stored": 0, "left_to_the_model": 0, "not_stored": 0, "failed": 0}
    async with opened(loaded):  # says in words when there is no store to warm
        pass
    section, left, known = loaded.config.cache, iter(lines), set[str]()
    given = Given(section.share)
    gate = Gate(loaded, inner=[given])
    await gate.start()
    try:
        caller = gate.caller_of(Request("POST", PATH, headers, b""))
    except Unauthorized as refused:
        await gate.aclose()
        raise ConfigError(str(refused), hint="--key ENV names the variable that holds it") from None

    async def work() -> None:
        for line in left:
            outcome, token = await _send(gate, line, headers)
            counts[outcome] += 1
            hit = tokens.open(token, caller.id) if token else None
            if hit is not None and hit[1].detail == "exact":
                known.add(hit[1].key.hex())
            progress(sum(counts.values()))

    tokens = Tokens(lambda: gate_key(loaded))
    try:
        await asyncio.gather(*(work() for _ in range(plan.at_once)))
    finally:
        await gate.aclose()
        if section.share != "key" and section.shared_after > 1:  # also for what an interrupted run has stored
            async with opened(loaded) as store:
                await _vouch(store, caller.id, given.keys | known, section.shared_after)
    return counts


async def _send(gate: Gate, line: Line, headers: Mapping[str, str]) -> tuple[str, str]:
    """What became of a line, and the token of the stored answer if it was answered by one."""
    memo = {} if line.answer is None else {_GIVEN: line.answer}
    # What is given takes the place of what is stored; what has to be asked is not asked twice.
    wanted = {**headers, "cache-control": "no-cache"} if line.answer is not None else headers
    try:
        answer = await gate.answer(Request("POST", line.path, dict(wanted), dumps(line.body), memo))
    except (TidegateError, UnicodeEncodeError):  # a lone surrogate, which no request can say
        return "failed", ""
    try:
        async for _ in answer.chunks:
            pass
    except TidegateError:
        return "failed", ""
    finally:
        await answer.aclose()
    told = dict(answer.headers)
    return _outcome(answer.status, told.get("cache-status", "")), told.get(HEADER, "")


def _outcome(status: int, said: str) -> str:
    if status != 200:
        return "failed"
    if "; stored" in said:
        return "stored"
    if "; hit" in said:
        return "already_stored"
    return "left_to_the_model" if "fwd=bypass" in said and "no-cache" not in said else "not_stored"


async def _vouch(store: Store, caller: str, keys: Collection[str], callers: int) -> None:
    """The operator stands for as many callers as an answer needs to be shared: for this caller's under these keys, that
    this run or an earlier one has stored. What others store meanwhile is none of them. Raises ConfigError where the
    store does not answer."""
    mine: list[tuple[Entry, bytes]] = []
    async for entry in store.entries():
        answer = decode(entry.value)
        if entry.key in keys and answer is not None and answer.vouchers == [caller]:
            vouchers = [caller, *(f"operator.{number}" for number in range(2, callers + 1))]
            mine.append((entry, structs.replace(answer, vouchers=vouchers).encode()))
    await insist_on_all(store)
    try:
        for entry, value in mine:
            await cast("SharedStore", store).amend(entry, value)
    except Unanswered:
        raise ConfigError("the store does not answer: not all answers are shared", hint="do it again") from None


def _credential(name: str) -> str | None:
    if not name:
        return None
    if not (found := os.environ.get(name)):
        raise ConfigError(f"the environment variable {name} is not set", hint=f"export {name}=...")
    return found
