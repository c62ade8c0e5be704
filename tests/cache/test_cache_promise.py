"""The promise, simulated: what tells nothing apart never begins, and a verifier that is wrong too often is stopped and
comes back."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from tidegate.cache.stage import CacheStage
from tidegate.cache.verify import Candidate
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.ports import Vector
from tidegate.tests.cache import learning
from tidegate.tests.cache.learning import Make, Says, Words, answer, ask, scope

make = learning.make


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
