"""After the reply: audits, lessons from misses, links, sharing, users' words; and the promise, simulated."""

import asyncio
import json
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.cache.lessons import REST_SECONDS, WAITING
from tidegate.cache.lineage import Lineage
from tidegate.cache.observed import kept_pairs
from tidegate.cache.semantic import CANARIES
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import Candidate
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import Blocked, UpstreamRefused
from tidegate.engine.exchange import Caller, Exchange, Reply, Spent
from tidegate.engine.ports import Vector
from tidegate.engine.sse import DONE, Event
from tidegate.engine.usage import Usage

DIALECT = OpenAIChat()


class Words:
    """Texts by their words, hashed."""

    id, dim = "words@1", 128

    def embed(self, texts: Sequence[str]) -> Vector:
        out = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().replace("?", "").replace(".", "").split():
                row[zlib.crc32(word.encode()) % self.dim] += 1.0
        return out / np.linalg.norm(out, axis=1, keepdims=True)


class Says:
    """A verifier that says `chance` of every pair but the canaries."""

    gate = floor = -1.0
    sentences = True
    reads, spread = 8, 2.0

    def __init__(self, chance: Callable[[str, str], float] = lambda *_: 0.95) -> None:
        self.chance = chance

    def veto(self, question: str, candidate: str) -> str:
        return ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        known = {(a, b): float(same) for a, b, same in CANARIES}
        return [known.get((question, c.text), self.chance(question, c.text)) for c in candidates]

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.8

    def close(self) -> None: ...


class Model:
    """Answers from a table of questions, else the same to all."""

    def __init__(self, **answers: str) -> None:
        self.answers = {name.replace("_", " "): text for name, text in answers.items()}
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.status = 200

    def says(self, text: str) -> str:
        return self.answers.get(text, "The value is 17.")

    async def __call__(self, asked: Exchange) -> Reply:
        text = asked.body["messages"][-1]["content"]
        self.asked.append(text)
        if self.error is not None:
            raise self.error
        return await answer(self.says(text), asked.stream, self.status)


async def answer(text: str, stream: bool = False, status: int = 200) -> Reply:
    if stream:
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        events = [
            Event.of({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}]}),
            Event.of({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
            DONE,
        ]
        return Reply(status, [("content-type", "text/event-stream")], each(events), streamed=True)
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return Reply.whole(status, json.dumps(body).encode(), [("content-type", "application/json")])


async def each(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


def exchange(text: str, who: str = "ann", *, stream: bool = False, **headers: str) -> Exchange:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}]}
    if stream:
        body["stream"] = True
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(DIALECT, DIALECT.path, named, body, "m", stream, caller=Caller(who))


Make = Callable[..., Awaitable[CacheStage]]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[CacheStage] = []

    async def build(verifier: Any = None, **changes: Any) -> CacheStage:
        store = open_store(changes.pop("url", "memory:"), 10_000, 1 << 26)

        async def same(_: Exchange, reply: Reply) -> Reply:
            return reply

        changes = {"embedder": Words(), "audit": 1.0, **changes}
        stage = CacheStage(store, verifier or Says(), lambda _: "rules@1", same, **changes)
        await stage.start()
        assert stage.semantic is None or stage.semantic.off == ""
        made.append(stage)
        return stage

    yield build
    for stage in made:
        await stage.aclose()


async def ask(stage: CacheStage, model: Any, asked: Exchange | str) -> tuple[Exchange, str]:
    """The exchange, and what the caller was told; everything behind it done."""
    asked = exchange(asked) if isinstance(asked, str) else asked
    reply = await stage(asked, model)
    raw = await reply.read()
    before = len(getattr(model, "asked", ()))
    await reply.aclose()
    assert len(getattr(model, "asked", ())) == before  # nothing is asked before the caller has it all
    await settle(stage)
    text = "" if asked.stream else json.loads(raw)["choices"][0]["message"]["content"]
    return asked, text


async def settle(stage: CacheStage) -> None:
    for _ in range(3):
        await stage.background.drain()
        await stage.lessons.background.drain()


def token(asked: Exchange) -> str:
    """What came with an answer from memory."""
    (found,) = (value for tell in asked.tells for name, value in tell(asked) if name == "x-tidegate-feedback")
    return found


def scope(stage: CacheStage) -> dict[str, Any]:
    (found,) = stage.bound.stats()
    return found


# Audits


@pytest.mark.parametrize("stream", [False, True])
async def test_an_audit_asks_the_model_after_the_caller_has_the_cached_answer(make: Make, stream: bool) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange("first question", stream=stream))
    asked, _ = await ask(stage, model, exchange("second question", stream=stream))
    assert asked.cache.detail == "semantic" and model.asked == ["first question", "second question"]
    assert scope(stage)["audits"] == {"same": 1, "different": 0, "unclear": 0}
    asked, _ = await ask(stage, model, exchange("second question", stream=stream))
    assert asked.cache.detail == "exact"  # the fresh answer was kept


async def test_a_wrong_hit_is_seen_and_its_question_gets_its_own_answer(make: Make) -> None:
    stage, model = await make(), Model(second="The value is 99.")
    await ask(stage, model, "first")
    _, told = await ask(stage, model, "second")
    assert told == "The value is 17."
    found = scope(stage)
    assert found["audits"]["different"] == 1 and found["wrong_hit_rate"] == 1.0
    asked, told = await ask(stage, model, "second")
    assert (asked.cache.detail, told) == ("exact", "The value is 99.")


async def test_without_audits_the_model_is_left_alone(make: Make) -> None:
    stage, model = await make(audit=0.0), Model()
    for text in ("first", "second", "third"):
        await ask(stage, model, text)
    assert model.asked == ["first"]


@pytest.mark.parametrize("failure", [UpstreamRefused("no"), 503])
async def test_audits_rest_while_the_model_fails(make: Make, failure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    if isinstance(failure, int):
        model.status = failure
    else:
        model.error = failure
    await ask(stage, model, "second")
    assert len(model.asked) == 2 and scope(stage)["audits"]["same"] == 0
    await ask(stage, model, "third")
    assert len(model.asked) == 2 and stage.lessons.counts["audit.skipped"] == 1
    model.error, model.status = None, 200
    stage.lessons._rests_until -= REST_SECONDS + 1  # pyright: ignore[reportPrivateUsage]
    await ask(stage, model, "fourth")
    assert len(model.asked) == 3


async def test_a_blocked_fresh_answer_is_unclear(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    model.error = Blocked("no")
    await ask(stage, model, "second")
    assert scope(stage)["audits"] == {"same": 0, "different": 0, "unclear": 1}


@pytest.mark.parametrize(
    ("model_status", "error", "said"),
    [(200, None, (200, "")), (503, None, (503, "")), (200, Blocked("no"), (400, "content_filter"))],
)
async def test_an_audit_is_told_of_as_what_it_is(
    make: Make, model_status: int, error: Exception | None, said: tuple[int, str]
) -> None:
    stage, model = await make(), Model()
    told: list[tuple[Exchange, int, str]] = []
    stage.lessons.told = lambda asked, status, failure: told.append((asked, status, failure.code if failure else ""))
    await ask(stage, model, "first")
    model.status, model.error = model_status, error

    async def counted(asked: Exchange) -> Reply:
        asked.spent = Spent(Usage(input=4, output=6), "m", dollars=0.5)
        return await model(asked)

    hit, _ = await ask(stage, counted, "second")
    ((asked, *rest),) = told
    assert (asked.id, asked.caller.id, asked.cache.status) == (hit.id + ".audit", "audit", "audit")
    assert tuple(rest) == said and asked.timings["total"] > 0
    assert stage.lessons.spent == {"tokens": 10, "cost": 0.5}
    assert scope(stage)["audits_took"] == {"tokens": 10, "cost": 0.5}


async def test_every_kind_of_comparison_is_kept_as_a_pair(make: Make) -> None:
    chances = {"third": 0.5}
    stage = await make(Says(lambda question, _: chances.get(question, 0.95)), max_wrong_hits=0.01)
    model = Model(third="The value is 99.")
    await ask(stage, model, "first")
    await ask(stage, model, "second")  # audited
    await ask(stage, model, "third")  # refused
    stage.bound.audit = 0.0
    asked, _ = await ask(stage, model, "fourth")
    assert await stage.feedback(token(asked), "ann", False)
    stage.bound.tallies[asked_scope(stage)].new_era()  # off
    await ask(stage, model, "fifth")
    await stage.journal.flush()
    pairs = {pair.asked: pair for _, pair in await kept_pairs(stage.store)}
    assert {asked: (pair.kind, pair.verdict) for asked, pair in pairs.items()} == {
        "second": ("audit", "same"),
        "third": ("near", "different"),
        "fourth": ("feedback", "different"),
        "fifth": ("shadow", "same"),
    }
    assert pairs["second"].stored == "first" and pairs["third"].probability == 0.5


def asked_scope(stage: CacheStage) -> str:
    (found,) = stage.bound.tallies
    return found


async def test_audits_are_bounded_and_what_is_too_much_is_counted(make: Make) -> None:
    stage, model, gate = await make(), Model(), asyncio.Event()
    await ask(stage, model, "first")

    async def slow(asked: Exchange) -> Reply:
        await gate.wait()
        return await model(asked)

    for n in range(WAITING + 5):
        reply = await stage(exchange(f"other {n}"), slow)
        await reply.read()
        await reply.aclose()
    assert stage.stats()["lessons"]["dropped"] == 5
    gate.set()
    await settle(stage)


# Lessons


async def test_a_near_miss_teaches_and_the_next_of_its_kind_hits(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.6)), Model()
    seen = []
    for text in ("capital france", "capital of france city", "france its capital", "france capital please", "capital?"):
        asked, _ = await ask(stage, model, text)
        seen.append(asked.cache.status)
    assert seen[0] == seen[1] == "miss" and seen[-1] == "hit"
    assert stage.lessons.counts["near.same"] >= 2


async def test_near_misses_with_other_answers_teach_the_opposite(make: Make) -> None:
    answers = {f"q{n}": f"The value is {n}." for n in range(8)}
    stage, model = await make(Says(lambda *_: 0.6)), Model(**answers)
    for text in answers:
        asked, told = await ask(stage, model, text)
        assert asked.cache.status == "miss" and told == answers[text]
    assert stage.lessons.counts["near.different"] == 7 and len(stage.links) == 0


async def test_linked_questions_answer_each_other_when_an_answer_has_left(make: Make, tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/c.db"
    first, model = await make(Says(lambda *_: 0.3), url=url), Model()
    for text in ("what is the capital of france", "capital city of france"):
        await ask(first, model, text)
    assert first.stats()["lessons"]["links"] == 2
    (gone,) = [e.key async for e in first.store.entries() if b"what is" in e.value]
    await first.store.delete(gone)
    await first.aclose()
    second = await make(Says(lambda *_: 0.3), url=url, audit=0.0)
    asked, _ = await ask(second, model, "what is the capital of france")
    assert asked.cache.detail == "linked" and len(model.asked) == 2
    asked, _ = await ask(second, model, exchange("what is the capital of france", "bob"))
    assert asked.cache.status == "miss"  # not in another scope


async def test_a_link_to_an_entry_that_has_gone_is_dropped(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.3)), Model()
    for text in ("what is the capital of france", "capital city of france"):
        await ask(stage, model, text)
    for entry in [one async for one in stage.store.entries()]:
        await stage.store.delete(entry.key)
    asked, _ = await ask(stage, model, "what is the capital of france")
    assert asked.cache.status == "miss"


async def test_questions_with_other_numbers_are_not_linked_even_if_their_answers_agree(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.3)), Model()
    for text in ("five tips with 5 steps", "five tips with 8 steps"):
        await ask(stage, model, text)
    assert len(stage.links) == 0


async def test_lessons_that_would_teach_nothing_are_not_given(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.05)), Model()
    for text in ("first", "second"):
        await ask(stage, model, text)
    assert not stage.lessons.counts


# Sharing


async def test_an_answer_is_shared_only_after_others_had_the_same(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2, audit=0.0), Model()
    await ask(stage, model, exchange("first", "ann"))
    asked, _ = await ask(stage, model, exchange("first", "ann"))
    assert asked.cache.detail == "exact"
    asked, _ = await ask(stage, model, exchange("first", "bob"))
    assert (asked.cache.status, asked.cache.detail) == ("miss", "unshared")
    for who in ("cyd", "ann"):
        asked, _ = await ask(stage, model, exchange("first", who))
        assert asked.cache.detail == "exact"
    assert len(model.asked) == 2


async def test_a_poisoned_answer_reaches_nobody_else(make: Make) -> None:
    stage, model, poison = await make(share="all", shared_after=2, audit=0.0), Model(), Model(first="The value is 66.")
    await ask(stage, poison, exchange("first", "eve"))
    for who in ("ann", "bob", "cyd"):
        _, told = await ask(stage, model, exchange("first", who))
        assert told == "The value is 17."
    assert len(model.asked) == 2  # the second honest answer agreed with the first
    _, told = await ask(stage, model, exchange("second", "dan"))
    assert told == "The value is 17."


async def test_a_semantic_neighbour_is_vouched_for_by_an_answer_of_ones_own(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2, audit=0.0), Model()
    await ask(stage, model, exchange("capital of france", "eve"))
    asked, _ = await ask(stage, model, exchange("capital city of france", "ann"))
    assert asked.cache.detail == "unshared"
    for text in ("capital of france", "capital city of france", "france and its capital"):
        asked, _ = await ask(stage, model, exchange(text, "bob"))
        assert asked.cache.status == "hit", text


async def test_callers_do_not_travel_on_a_flight_that_nobody_has_vouched_for(make: Make) -> None:
    stage, model, gate = await make(share="all", shared_after=2, audit=0.0), Model(), asyncio.Event()

    async def slow(asked: Exchange) -> Reply:
        await gate.wait()
        return await model(asked)

    tasks = [asyncio.create_task(ask(stage, slow, exchange("first", who))) for who in ("ann", "bob", "ann")]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(*tasks)
    assert len(model.asked) == 2


# Lineage


async def test_an_entry_knows_where_it_comes_from(make: Make) -> None:
    stage, model = await make(audit=0.0), Model()

    async def metered(asked: Exchange) -> Reply:
        asked.spent = Spent(Usage(input=6, output=4), "m", dollars=5.0)
        return await model(asked)

    tags = json.dumps({"app": "shop", "n": 3, "nested": {}, "long": "x" * 500})
    await ask(stage, metered, exchange("first", x_tidegate_metadata=tags))
    await ask(stage, metered, "second")
    found = scope(stage)
    assert found["saved"]["tokens"] == 10 and found["saved"]["cost"] == 5.0
    from tidegate.cache.answer import decode

    (entry,) = [one async for one in stage.store.entries()]
    stored = decode(entry.value)
    assert stored is not None and stored.tags == {"app": "shop", "n": "3", "long": "x" * 128}
    assert (stored.tokens, stored.cost, stored.vouchers, stored.policy) == (10, 5.0, ["ann"], "rules@1")
    assert entry.encoder == "words@1" and stored.seconds > 0


@pytest.mark.parametrize("allowed", [False, True])
async def test_an_answer_from_a_fallback_is_kept_only_where_allowed(make: Make, allowed: bool) -> None:
    stage, model = await make(lineage=Lineage(fallbacks=allowed)), Model()

    async def fallen(asked: Exchange) -> Reply:
        asked.memo["models.fallback"] = True
        return await model(asked)

    asked, _ = await ask(stage, fallen, "first")
    assert asked.cache.stored is allowed


# Users' words


async def test_a_users_word_counts_once_and_only_from_who_was_answered(make: Make) -> None:
    stage, model = await make(audit=0.0), Model()
    first, _ = await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "second")
    assert not first.tells and not await stage.feedback(first.id, "ann", False)  # no hit
    assert not await stage.feedback(token(asked), "bob", False)
    assert await stage.feedback(token(asked), "ann", False)
    assert not await stage.feedback(token(asked), "ann", False)
    assert scope(stage)["users"] == {"correct": 0, "wrong": 1}
    asked, _ = await ask(stage, model, "third")
    assert asked.cache.status == "miss"  # the bar of that entry is higher now


async def test_a_wrong_answer_to_the_very_question_is_asked_for_again(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "first")
    assert await stage.feedback(token(asked), "ann", False)
    asked, _ = await ask(stage, model, "first")
    assert asked.cache.status == "miss" and len(model.asked) == 2


# The self-test


@pytest.mark.parametrize("says", [0.95, 0.1])
async def test_a_verifier_that_tells_nothing_apart_keeps_the_tier_off(
    make: Make, says: float, caplog: pytest.LogCaptureFixture
) -> None:
    class Blind(Says):
        async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
            return [says for _ in candidates]

    with pytest.raises(AssertionError):
        await make(Blind())
    assert "the semantic cache stays off: the verifier does not tell the canary pairs apart" in caplog.text


async def test_static_vectors_that_tell_nothing_apart_keep_the_tier_off(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    class Flat(Words):
        def embed(self, texts: Sequence[str]) -> Vector:
            return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)

    with pytest.raises(AssertionError):
        await make(static=Flat())
    assert "the static vectors do not tell the canary pairs apart" in caplog.text


# The promise


class World:
    """Questions about topics; the verifier takes all of a topic for the same, and some need an answer of their own."""

    def __init__(self, wrong: float, sure: bool, seed: int) -> None:
        self.rng = random.Random(seed)
        self.wrong = wrong
        self.sure = sure
        self.truth: dict[str, str] = {}
        self.odd: set[str] = set()
        self.n = 0

    def question(self) -> str:
        self.n += 1
        topic = self.rng.randrange(8)
        text = f"topic{topic} wording{self.n}"
        odd = self.rng.random() < self.wrong and self.n > 30
        self.truth[text] = f"The value is {1000 + self.n if odd else topic}."
        if odd:
            self.odd.add(text)
        return text

    def chance(self, a: str, b: str) -> float:
        if a.split()[0] != b.split()[0]:
            return 0.0
        return 0.84 if not self.sure and (a in self.odd) != (b in self.odd) else 0.95

    async def __call__(self, asked: Exchange) -> Reply:
        return await answer(self.truth[asked.body["messages"][-1]["content"]])


async def served(stage: CacheStage, world: World, requests: int) -> tuple[int, int]:
    """Semantic hits, and how many of them were wrong."""
    hits = wrong = 0
    for _ in range(requests):
        text = world.question()
        asked, told = await ask(stage, world, text)
        if asked.cache.status == "hit":
            hits += 1
            wrong += told != world.truth[text]
    return hits, wrong


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_verifier_that_is_wrong_one_time_in_ten_is_stopped_and_comes_back(make: Make, seed: int) -> None:
    world = World(0.1, True, seed)
    stage = await make(Says(world.chance), audit=0.01)
    stage.bound._chance = random.Random(seed).random  # pyright: ignore[reportPrivateUsage]
    await served(stage, world, 300)  # until there is evidence
    assert scope(stage)["semantic"] == "off"
    _, wrong = await served(stage, world, 300)
    assert wrong <= 3, "not one request in a hundred is answered wrongly any more"
    world.wrong = 0.0
    await served(stage, world, 400)
    hits, _ = await served(stage, world, 50)
    assert hits > 25 and scope(stage)["semantic"] == "on"


async def test_a_verifier_that_is_less_sure_of_its_mistakes_goes_on_with_a_higher_bar(make: Make) -> None:
    world = World(0.1, False, 7)
    stage = await make(Says(world.chance), audit=0.05)
    stage.bound._chance = random.Random(7).random  # pyright: ignore[reportPrivateUsage]
    await served(stage, world, 300)
    hits, wrong = await served(stage, world, 200)
    assert wrong <= 4 and hits > 50
