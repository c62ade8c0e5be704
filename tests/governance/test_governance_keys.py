"""Known keys name their callers, however they are presented, and are lent to nobody."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import Unauthorized
from tidegate.engine.exchange import CREDENTIALS, Caller, Exchange, Reply
from tidegate.engine.secret import Secret
from tidegate.governance.admit import Admit
from tidegate.governance.keys import Keyring, NamedKey

OLD, NEW, SHOP = "redteam-key-of-last-year", "redteam-key-of-this-year", "shop-key-0123456789"


def sha(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


KNOWN = [NamedKey("redteam-1", (sha(OLD), sha(NEW)), "security"), NamedKey("shop", (sha(SHOP),))]


def admit(*, require: bool = False, known: list[NamedKey] = KNOWN) -> Admit:
    stage = Admit(lambda: b"k" * 32, ["x-litellm-api-key", "x-bf-vk"], known, require=require)
    stage.start()
    return stage


def test_a_key_is_found_by_its_digest_alone() -> None:
    ring = Keyring(KNOWN)
    assert ring.find(Secret(OLD)) is ring.find(Secret(NEW)) is KNOWN[0]
    assert ring.find(Secret(SHOP)) is KNOWN[1]
    for other in (OLD[:-1], OLD + " ", OLD.upper(), sha(OLD), "", "ß"):
        assert ring.find(Secret(other)) is None


@pytest.mark.parametrize("header", [*CREDENTIALS, "x-litellm-api-key", "x-bf-vk"])
def test_a_known_key_names_its_caller_wherever_it_stands_and_is_not_lent(header: str) -> None:
    value = f"Bearer {NEW}" if header in ("authorization", "x-litellm-api-key") else NEW
    assert admit().caller_of({header: value}) == Caller("key:redteam-1", "security", name="redteam-1")


def test_a_new_key_of_a_name_is_the_same_caller() -> None:
    assert admit().caller_of({"x-api-key": OLD}) == admit().caller_of({"api-key": NEW})


@pytest.mark.parametrize("require", [False, True])
def test_a_key_is_taken_until_its_last_day_and_then_goes_nowhere(require: bool) -> None:
    today = datetime.now(UTC).date()
    for days, good in ((-1, False), (1, True)):
        stage = admit(require=require, known=[NamedKey("trial", (sha(OLD),), until=today + timedelta(days=days))])
        if good:
            assert stage.caller_of({"x-api-key": OLD}).name == "trial"
            continue
        with pytest.raises(Unauthorized, match=f'"trial" was good until {today + timedelta(days=days)}'):
            stage.caller_of({"x-api-key": OLD, "authorization": "Bearer sk-own"})


def test_a_credential_beside_a_known_key_is_the_callers_own_and_lent() -> None:
    for headers in (
        {"authorization": "Bearer sk-own", "x-api-key": SHOP},
        {"authorization": "Bearer sk-own", "x-bf-vk": SHOP},
        {"authorization": f"Bearer {SHOP}", "x-api-key": "sk-own"},
    ):
        caller = admit().caller_of(headers)
        assert (caller.name, caller.id) == ("shop", "key:shop")
        assert caller.credential and caller.credential.reveal() == "sk-own"
        lent = next(name for name, value in headers.items() if "sk-own" in value)
        assert caller.header == lent
        assert [name for name in headers if caller.lends(name) and name in CREDENTIALS] == [lent]


def test_an_unknown_credential_goes_on_as_it_does_without_any_key() -> None:
    for headers in ({"authorization": "Bearer sk-own"}, {"x-bf-vk": "v", "api-key": "k"}, {"x-bf-vk": "v"}, {}):
        assert repr(admit().caller_of(headers)) == repr(admit(known=[]).caller_of(headers))
    assert admit().caller_of({"authorization": "Bearer key:shop"}).id != "key:shop"


@pytest.mark.parametrize("headers", [{}, {"authorization": f"Basic {SHOP}"}, {"x-api-key": "sk-other"}])
async def test_where_keys_are_required_all_others_are_refused(headers: dict[str, str]) -> None:
    asked = Exchange(OpenAIChat(), "/v1/chat/completions", dict(headers), {}, "m", False)

    async def next(_: Exchange) -> Reply:
        raise AssertionError("nothing goes on")

    with pytest.raises(Unauthorized) as refused:
        await admit(require=True)(asked, next)
    assert asked.headers == {}, "what was refused goes nowhere either"
    assert not refused.value.retry and refused.value.headers == {"www-authenticate": "Bearer"}
    assert "sk-other" not in str(refused.value) and SHOP not in str(refused.value)
    assert "operator" in str(refused.value)
