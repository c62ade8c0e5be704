"""What the stage learns from misses, from links between questions and from users' words."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tidegate.cache.disputed import is_disputed
from tidegate.cache.stores.record import Unanswered
from tidegate.engine.errors import StoreSilent
from tidegate.tests.cache import learning
from tidegate.tests.cache.learning import Make, Model, Says, ask, exchange, scope, token

make = learning.make


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


async def test_a_request_that_asks_for_a_cosine_is_given_no_linked_answer(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.3), audit=0.0), Model()
    for text in ("what is the capital of france", "capital city of france"):
        await ask(stage, model, text)
    (own,) = [e.key async for e in stage.store.entries() if b"what is" in e.value]
    for asks, told in (({"x_tidegate_cache_similarity": "0.99"}, "miss"), ({}, "linked")):
        await stage.store.delete(own)
        asked, _ = await ask(stage, model, exchange("what is the capital of france", **asks))
        assert told in (asked.cache.status, asked.cache.detail)


async def test_a_link_to_an_entry_that_has_gone_is_dropped(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.3)), Model()
    for text in ("what is the capital of france", "capital city of france"):
        await ask(stage, model, text)
    for entry in [one async for one in stage.store.entries()]:
        await stage.store.delete(entry.key)
    asked, _ = await ask(stage, model, "what is the capital of france")
    assert asked.cache.status == "miss"


@pytest.mark.parametrize("linked", [True, False])
async def test_what_a_silent_store_does_not_give_is_not_forgotten(
    make: Make, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    stage, model = await make(Says(lambda *_: 0.3 if linked else 0.95), audit=0.0), Model()
    texts = ["what is the capital of france", "capital city of france", "capital of france please"]
    for text in texts[: 1 + linked]:
        await ask(stage, model, text)
    (kept,) = [e.key async for e in stage.store.entries() if b"what is" in e.value]
    stage.bound.observe("s", kept, 0.9, "same", "near")

    async def silent(key: str) -> None:
        counted["unanswered"] += 1

    counted = {"unanswered": 0}
    with monkeypatch.context() as patch:
        patch.setattr(type(stage.store), "unanswered", property(lambda _: counted["unanswered"]), raising=False)
        patch.setattr(stage.store, "get", silent)
        asked, _ = await ask(stage, model, texts[1] if linked else texts[2])
        assert asked.cache.status == "miss" and counted["unanswered"]
        await ask(stage, model, texts[0])
    assert stage.semantic is not None and kept in stage.semantic._texts
    assert stage.bound.knows(kept) and len(stage.links) == 2 * linked


async def test_questions_with_other_numbers_are_not_linked_even_if_their_answers_agree(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.3)), Model()
    for text in ("five tips with 5 steps", "five tips with 8 steps"):
        await ask(stage, model, text)
    assert len(stage.links) == 0


async def test_two_questions_that_are_both_answered_yes_are_not_linked_for_that(make: Make) -> None:
    stage = await make(Says(lambda *_: 0.3))
    model = Model(is_data_encrypted_at_rest="Yes.", is_data_encrypted_in_transit="Yes, by TLS 1.3.")
    for text in model.answers:
        await ask(stage, model, text)
    assert stage.lessons.counts["near.same"] == 1 and len(stage.links) == 0


async def test_lessons_that_would_teach_nothing_are_not_given(make: Make) -> None:
    stage, model = await make(Says(lambda *_: 0.05)), Model()
    for text in ("first", "second"):
        await ask(stage, model, text)
    assert not stage.lessons.counts


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


@pytest.mark.parametrize("correct", [True, False])
async def test_a_users_word_on_an_exact_hit_is_shown_and_moves_no_bar(make: Make, correct: bool) -> None:
    stage, model = await make(audit=0.0), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "first")
    assert asked.cache.detail == "exact" and await stage.feedback(token(asked), "ann", correct)
    assert scope(stage)["users"] == {"correct": int(correct), "wrong": int(not correct)}
    tally = next(iter(stage.bound.tallies.values()))
    assert not tally.era_said and not tally.raised and not stage.bound.records


async def test_a_users_word_is_heard_when_the_store_does_not_answer(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(name: str) -> bytes | None:
        raise Unanswered

    stage, model = await make(audit=0.0), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "second")
    monkeypatch.setattr(stage.store, "note", silent)
    assert await stage.feedback(token(asked), "ann", False)
    assert not await stage.feedback(token(asked), "ann", False)


async def test_a_wrong_answer_to_the_very_question_is_asked_for_again(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "first")
    assert await stage.feedback(token(asked), "ann", False)
    asked, _ = await ask(stage, model, "first")
    assert asked.cache.status == "miss" and len(model.asked) == 2


@pytest.mark.parametrize(("behind", "left"), [(5.0, True), (-5.0, False)])
async def test_a_word_on_an_answer_reaches_that_answer_whatever_the_clocks_say(
    make: Make, monkeypatch: pytest.MonkeyPatch, behind: float, left: bool
) -> None:
    stage, model, clock = await make(), Model(), time.time
    await ask(stage, model, "first")
    monkeypatch.setattr(time, "time", lambda: clock() - behind)  # of the node that serves
    asked, _ = await ask(stage, model, "first")
    if not left:  # another answer takes its place
        monkeypatch.setattr(time, "time", lambda: clock() - behind - 3.0)
        await ask(stage, model, exchange("first", cache_control="no-cache"))
    assert await stage.feedback(token(asked), "ann", False)
    asked, _ = await ask(stage, model, "first")
    assert asked.cache.status == ("miss" if left else "hit")


@pytest.mark.parametrize(("chance", "links"), [(0.3, 2), (0.95, 0)])
async def test_after_a_wrong_answer_to_the_very_question_no_near_one_is_served_but_the_models(
    make: Make, tmp_path: Path, chance: float, links: int
) -> None:
    url = f"sqlite:{tmp_path}/c.db"
    stage, other = [await make(Says(lambda *_: chance), url=url, audit=0.0) for _ in "12"]
    first, second, model = "what is the capital of france", "capital city of france", Model()
    for text in (second, first):
        await ask(stage, model, exchange(text, cache_control="no-cache" if chance > 0.9 else ""))
    asked, _ = await ask(stage, model, first)
    await stage.journal.flush()
    await other.journal.listen()
    assert len(stage.links) == len(other.links) == links
    assert await stage.feedback(token(asked), "ann", False)
    model.answers[first] = "The value is 99."
    asking = other if links else stage
    asked, told = await ask(asking, model, first)
    assert (asked.cache.status, told) == ("miss", "The value is 99.")
    assert asking.lessons.counts["near.different"] == 1 and not len(asking.links)
    (own,) = [e.key async for e in asking.store.entries() if b"what is" in e.value]
    assert not await is_disputed(asking.store, own, exchange(first)), "the model has answered"


async def test_what_was_seen_of_an_answer_is_not_held_against_the_one_that_takes_its_place(make: Make) -> None:
    stage, model = await make(audit=0.0, max_wrong_hits=0.1), Model()
    await ask(stage, model, "first question")
    (left,) = [one async for one in stage.store.entries()]
    stage.bound.observe("s", left.key, 0.9, "different", "user")
    await ask(stage, model, exchange("first question", cache_control="no-cache"))
    assert stage.bound.knows(left.key), "it had not left"
    await stage.store.delete(left.key)
    await ask(stage, model, "first question")
    assert not stage.bound.knows(left.key)


async def test_a_wrong_answer_that_the_store_does_not_delete_may_be_spoken_of_again(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def silent(keys: list[str]) -> None:
        raise Unanswered

    stage, model = await make(url=f"sqlite:{tmp_path}/c.db"), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, "first")
    with monkeypatch.context() as patch:
        patch.setattr(stage.store, "erase", silent)
        with pytest.raises(StoreSilent):
            await stage.feedback(token(asked), "ann", False)
    assert stage.feedback.counts["wrong"] == 0
    assert await stage.feedback(token(asked), "ann", False)
    asked, _ = await ask(stage, model, "first")
    assert asked.cache.status == "miss", "it is gone when the word was taken, not some time later"


@pytest.mark.parametrize(("question", "slow"), [("first", "note"), ("first", "delete"), ("second", "get")])
async def test_a_word_whose_caller_leaves_before_it_is_taken_may_be_said_again_and_counts_once(
    make: Make, monkeypatch: pytest.MonkeyPatch, question: str, slow: str
) -> None:
    async def never(_: Any) -> None:
        await asyncio.Event().wait()

    stage, model = await make(audit=0.0), Model()
    await ask(stage, model, "first")
    asked, _ = await ask(stage, model, question)
    with monkeypatch.context() as patch:
        patch.setattr(stage.store, slow, never)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await stage.feedback(token(asked), "ann", False)
    assert await stage.feedback(token(asked), "ann", False)
    assert scope(stage)["users"] == {"correct": 0, "wrong": 1}
    assert stage.feedback.counts["wrong"] == 1
