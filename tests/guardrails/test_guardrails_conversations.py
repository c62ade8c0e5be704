"""Masked values over the turns of a conversation: stable, restored later, the caller's alone, bounded, sealed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, ConfigError
from tidegate.engine.exchange import CacheNote, Caller, Exchange, Reply
from tidegate.engine.jsonio import dumps, loads
from tidegate.guardrails import conversations as module
from tidegate.guardrails.conversations import Conversations
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.vaultfile import VaultFile
from tidegate.tests.guardrails.guarded import streamed

RULES = compile_rules(load_text("version: 1\nrules:\n  - {id: pii, detect: {pii: [EMAIL_ADDRESS]}, action: mask}\n"))
SECRET = b"a secret of the gate"


def kept(key: str = "header.x-session-id", **more: Any) -> Conversations:
    given = {"ttl": 60.0, "most": 10, "most_chars": 10_000, "secret": lambda: SECRET, **more}
    return Conversations(key, **given)


def file(path: Path, secret: bytes = SECRET) -> VaultFile:
    return VaultFile(path, 10, 100_000, lambda: secret)


class Turn:
    """One exchange through both guards, with a model that says `answer` to what it sees."""

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations
        self.seen = ""

    async def __call__(
        self,
        content: str,
        answer: str | Callable[[str], str] = "ok",
        caller: str = "jane",
        status: str = "off",
        headers: dict[str, str] | None = None,
    ) -> str:
        body = {"model": "m", "messages": [{"role": "user", "content": content}]}
        sent = {"x-session-id": "session one"} if headers is None else headers
        exchange = Exchange(OpenAIChat(), "/v1/chat/completions", sent, body, "m", False)
        exchange.caller = Caller(caller)

        async def model(asked: Exchange) -> Reply:
            self.seen = asked.body["messages"][0]["content"]
            asked.cache = CacheNote(status)
            said = answer if isinstance(answer, str) else answer(self.seen)
            choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            return Reply.whole(200, dumps({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}))

        guard, replies = RequestGuard(lambda: RULES, conversations=self.conversations), ReplyGuard(lambda: RULES)
        reply = await guard(exchange, lambda onward: replies(onward, model))
        whole: Any = loads(await reply.read())
        await reply.aclose()
        return whole["choices"][0]["message"]["content"]


async def test_a_value_keeps_its_placeholder_and_comes_back_in_a_later_turn() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example")
    assert await turn("and he is c@d.example", "write to <EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_2>") == (
        "write to a@b.example, c@d.example"
    )
    assert turn.seen == "and he is <EMAIL_ADDRESS_2>"
    await turn("c@d.example and a@b.example")
    assert turn.seen == "<EMAIL_ADDRESS_2> and <EMAIL_ADDRESS_1>"


async def test_no_other_caller_reaches_it_whatever_key_they_name() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example")
    for caller in ("joe", "anonymous"):
        assert await turn("hello", "<EMAIL_ADDRESS_1>", caller) == "<EMAIL_ADDRESS_1>"
    assert await turn("hello", "<EMAIL_ADDRESS_1>", headers={"x-session-id": "s2"}) == "<EMAIL_ADDRESS_1>"
    assert await turn("hello", "<EMAIL_ADDRESS_1>", headers={}) == "<EMAIL_ADDRESS_1>"
    assert await turn("hello", "<EMAIL_ADDRESS_1>") == "a@b.example"


async def test_callers_without_a_credential_share_nothing() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example", caller="anonymous")
    assert await turn("hello", "<EMAIL_ADDRESS_1>", "anonymous") == "<EMAIL_ADDRESS_1>"
    assert len(turn.conversations) == 0


async def test_callers_masked_prompts_stay_equal() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example")
    first = turn.seen
    await turn("I am x@y.example", caller="joe")
    assert turn.seen == first == "I am <EMAIL_ADDRESS_1>"


async def test_a_stored_answer_brings_back_only_what_this_request_sent() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example, she is c@d.example")
    stored = "<EMAIL_ADDRESS_1> <EMAIL_ADDRESS_2>"
    assert await turn("who is c@d.example?", stored, status="hit") == "<EMAIL_ADDRESS_1> c@d.example"


async def test_an_answer_of_the_model_in_place_of_one_too_old_gives_back_values_of_earlier_turns() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example")
    assert await turn("who am I?", "<EMAIL_ADDRESS_1>", status="stale") == "a@b.example"


async def test_a_value_that_the_model_brought_up_stays_masked_until_the_caller_sends_it() -> None:
    turn = Turn(kept())
    assert await turn("whom do I ask?", "ask x@y.example") == "ask <EMAIL_ADDRESS_1>"
    assert await turn("you said <EMAIL_ADDRESS_1>", lambda seen: seen) == "you said <EMAIL_ADDRESS_1>"
    assert turn.seen == "you said <EMAIL_ADDRESS_1>"
    assert await turn("it is x@y.example", lambda seen: seen) == "it is x@y.example"
    assert turn.seen == "it is <EMAIL_ADDRESS_1>"


async def test_a_placeholder_that_the_caller_types_comes_back_as_typed() -> None:
    turn = Turn(kept())
    await turn("I am a@b.example")
    assert await turn("what is <EMAIL_ADDRESS_1>?", lambda seen: seen) == "what is <EMAIL_ADDRESS_1>?"
    assert turn.seen == "what is <LITERAL_1>?"


async def test_metadata_can_name_the_conversation() -> None:
    turn = Turn(kept("metadata.chat"))
    named = {"x-tidegate-metadata": '{"chat": 7}'}
    await turn("I am a@b.example", headers=named)
    assert await turn("hello", "<EMAIL_ADDRESS_1>", headers=named) == "a@b.example"
    for wrong in ("[]", "{", '{"chat": []}', '{"chat": true}'):
        with pytest.raises(BadRequest):
            await turn("hello", headers={"x-tidegate-metadata": wrong})


async def test_it_is_bounded_by_conversations_by_characters_and_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Turn(kept(most=2, most_chars=40))
    for number in range(4):
        await turn("I am a@b.example", headers={"x-session-id": str(number)})
    assert len(turn.conversations) == 2
    await turn("I am a-very-long-name-indeed@b.example", headers={"x-session-id": "long"})
    assert len(turn.conversations) == 1
    later = module.time.time() + 61
    monkeypatch.setattr(module.time, "time", lambda: later)
    assert await turn("hello", "<EMAIL_ADDRESS_1>", headers={"x-session-id": "long"}) == "<EMAIL_ADDRESS_1>"
    assert len(turn.conversations) == 1


@pytest.mark.parametrize("lasting", [False, True])
async def test_it_is_not_kept_longer_because_the_clock_is_set_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lasting: bool
) -> None:
    begin, passed = module.time.time(), [1e6]
    monkeypatch.setattr(module.time, "time", lambda: begin + passed[0])

    async def opened() -> Turn:
        path = tmp_path / "v.db"
        vaults = kept(file=VaultFile(path, 10, 100_000, lambda: SECRET, 60.0)) if lasting else kept()
        await vaults.start()
        return Turn(vaults)

    turn = await opened()
    await turn("I am a@b.example")
    await turn("I am a@b.example", headers={"x-session-id": "another"})
    passed[0] = 0.0
    if lasting:
        await turn.conversations.aclose()
        turn = await opened()
    await turn("I am a@b.example", headers={"x-session-id": "a third"})
    passed[0] = 61.0
    assert await turn("who?", "<EMAIL_ADDRESS_1>") == "<EMAIL_ADDRESS_1>"
    await turn.conversations.aclose()


async def test_what_one_conversation_may_hold_is_bounded_and_the_rest_is_redacted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROOM", 15)
    turn = Turn(kept())
    await turn("a@b.example c@d.example")
    assert turn.seen == "<EMAIL_ADDRESS_1> [EMAIL_ADDRESS]"


async def test_a_short_ttl_counts_from_the_last_use_also_over_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, passed = module.time.time(), [0]
    monkeypatch.setattr(module.time, "time", lambda: begin + passed[0])
    conversations = kept(ttl=30.0, file=file(tmp_path / "v.db"))
    await conversations.start()
    turn = Turn(conversations)
    await turn("I am a@b.example")
    for passed[0] in (10, 20, 28):
        await turn("go on")
    await conversations.aclose()
    passed[0] = 40
    again = kept(ttl=30.0, file=file(tmp_path / "v.db"))
    await again.start()
    assert await Turn(again)("hello", "<EMAIL_ADDRESS_1>") == "a@b.example"
    await again.aclose()


async def test_in_a_file_it_outlives_the_process_and_nothing_in_it_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "vaults.db"
    for turns in range(2):
        conversations = kept(file=file(path))
        await conversations.start()
        turn = Turn(conversations)
        if not turns:
            await turn("I am a@b.example", "and x@y.example")
        else:
            assert await turn("she is c@d.example", "<EMAIL_ADDRESS_1> <EMAIL_ADDRESS_3>") == "a@b.example c@d.example"
            assert turn.seen == "she is <EMAIL_ADDRESS_3>"
        await conversations.aclose()
    raw = path.read_bytes()
    assert all(word not in raw for word in (b"b.example", b"EMAIL", b"session one", b"jane"))
    assert path.stat().st_mode & 0o077 == 0


async def test_another_secret_opens_nothing(tmp_path: Path) -> None:
    for secret in (SECRET, b"another"):
        conversations = kept(file=file(tmp_path / "v.db", secret))
        await conversations.start()
        turn = Turn(conversations)
        said = await turn("hello" if secret != SECRET else "I am a@b.example", "<EMAIL_ADDRESS_1>")
        assert said == ("a@b.example" if secret == SECRET else "<EMAIL_ADDRESS_1>")
        await conversations.aclose()


@pytest.mark.parametrize("damage", ["zeroblob(40)", "zeroblob(3)", "'a text'"])
async def test_a_damaged_row_counts_as_none_and_is_written_anew(tmp_path: Path, damage: str) -> None:
    async def turn(content: str, answer: str) -> str:
        conversations = kept(file=file(tmp_path / "v.db"))
        await conversations.start()
        said = await Turn(conversations)(content, answer)
        await conversations.aclose()
        return said

    await turn("I am a@b.example, he is c@d.example", "ok")
    with sqlite3.connect(tmp_path / "v.db") as link:
        link.execute(f"UPDATE vaults SET sealed={damage}")
    link.close()
    assert await turn("I am x@y.example", "<EMAIL_ADDRESS_1>") == "x@y.example"
    assert await turn("hello", "<EMAIL_ADDRESS_1>") == "x@y.example"


async def test_what_could_not_be_written_is_written_as_soon_as_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = file(tmp_path / "v.db")
    conversations = kept(file=store)
    await conversations.start()

    def full(*given: Any) -> None:
        raise OSError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", full)
        await Turn(conversations)("I am a@b.example")
    await Turn(conversations)("hello")
    await conversations.aclose()
    conversations = kept(file=file(tmp_path / "v.db"))
    await conversations.start()
    assert await Turn(conversations)("hello", "<EMAIL_ADDRESS_1>") == "a@b.example"
    await conversations.aclose()


async def test_what_a_stream_brought_is_kept_when_its_caller_leaves(tmp_path: Path) -> None:
    conversations = kept(file=file(tmp_path / "v.db"))
    await conversations.start()
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "whom do I ask?"}]}
    exchange = Exchange(OpenAIChat(), "/v1/chat/completions", {"x-session-id": "session one"}, body, "m", True)
    exchange.caller = Caller("jane")
    replies = ReplyGuard(lambda: RULES)

    async def model(asked: Exchange) -> Reply:
        return streamed(["ask x@y.example. ", "What else", " is there?"])

    reply = await RequestGuard(lambda: RULES, conversations=conversations)(
        exchange, lambda onward: replies(onward, model)
    )
    first = await anext(aiter(reply.events))
    assert b"<EMAIL_ADDRESS_1>" in first.raw
    await reply.aclose()
    await conversations.aclose()
    conversations = kept(file=file(tmp_path / "v.db"))
    await conversations.start()
    turn = Turn(conversations)
    await turn("I am a@b.example")
    assert turn.seen == "I am <EMAIL_ADDRESS_2>", "the first one is what the caller read"
    await conversations.aclose()


async def test_a_row_moved_to_another_conversation_is_not_opened(tmp_path: Path) -> None:
    store = file(tmp_path / "v.db")
    store.start()
    store.write(b"one", 1, [("EMAIL", "a@b.example", True)], 2e10)
    assert store.read(b"one") == [("EMAIL", "a@b.example", True)]
    store.close()
    with sqlite3.connect(tmp_path / "v.db") as link:
        link.execute("UPDATE vaults SET id=?", (b"two",))
    link.close()
    store.start()
    assert store.read(b"two") == []
    store.close()


def test_a_second_process_is_refused_in_words(tmp_path: Path) -> None:
    first, second = file(tmp_path / "v.db"), file(tmp_path / "v.db")
    first.start()
    with pytest.raises(ConfigError, match="another process uses the file of conversations"):
        second.start()
    first.close()
    second.start()
    second.close()


async def test_a_file_that_fails_costs_only_memory_of_earlier_turns(tmp_path: Path) -> None:
    conversations = kept(file=file(tmp_path / "v.db"))
    await conversations.start()
    await conversations.aclose()
    turn = Turn(conversations)
    assert await turn("I am a@b.example", "<EMAIL_ADDRESS_1>") == "a@b.example"


def test_rows_in_a_file_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.guardrails.vaultfile.SWEEP", 1)
    store = VaultFile(tmp_path / "v.db", 3, 100_000, lambda: SECRET)
    store.start()
    for number in range(6):
        store.write(b"%d" % number, 1, [("N", "v", True)], 2e10 + number)
    assert [bool(store.read(b"%d" % number)) for number in range(6)] == [False] * 3 + [True] * 3
    store.close()


def test_a_conversation_that_begins_again_takes_the_place_of_one_that_has_expired(tmp_path: Path) -> None:
    store = file(tmp_path / "v.db")
    store.start()
    store.write(b"id", 9, [("A", "old", True)], 1.0)
    store.write(b"id", 1, [("A", "new", True)], 1e12)
    store.write(b"id", 0, [("A", "late", True)], 1e12)
    assert store.read(b"id") == [("A", "new", True)]
    store.close()
