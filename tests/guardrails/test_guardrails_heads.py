"""Headers that go on as they came are looked at: a caller's to the provider, a provider's to the caller."""

import time
from contextlib import nullcontext

import pytest

from tidegate.cache.lineage import tags_of
from tidegate.engine import jsonio
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import METADATA, ONWARD, Exchange, Reply
from tidegate.engine.headers import outcome
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.tests.guardrails.guarded import CARD, MAIL, WORDS, exchange, rules, run, streamed, whole

SEEN = [  # what OpenAI, Anthropic and what stands before them say
    ("openai-organization", "user-hrqzmyipxiofrxkoiuhaobfv"),
    ("openai-processing-ms", "1189"),
    ("openai-version", "2020-10-01"),
    ("x-ratelimit-limit-tokens", "150000000"),
    ("x-ratelimit-reset-tokens", "6ms"),
    ("anthropic-ratelimit-requests-reset", "2025-11-28T10:00:00Z"),
    ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ("anthropic-organization-id", "3f0a52b1-9c0a-4a57-8d5e-0b6fb5a0f1aa"),
    ("x-envoy-upstream-service-time", "1193"),
    ("cf-cache-status", "DYNAMIC"),
    ("cf-ray", "9a59d7e2ce4be516-FRA"),
    ("x-content-type-options", "nosniff"),
    ("content-type", "application/json; charset=utf-8"),
]


async def headers_of(
    ruleset: Ruleset, told: list[tuple[str, str]], reply: Reply | None = None
) -> list[tuple[str, str]]:
    reply = reply or whole("hi")
    reply.headers = told
    return (await run(ruleset, exchange("hello", stream=reply.streamed), lambda _: reply)).headers


async def test_what_providers_say_in_headers_passes_as_it_came() -> None:
    packs = load_ruleset([f"pack:{name}" for name in ("pii", "secrets", "exfiltration", "code", "finance", "health")])
    assert await headers_of(packs, list(SEEN)) == SEEN


@pytest.mark.parametrize("said", [f"to {MAIL}", f"card {CARD}", "about Project Falcon"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_header_of_a_reply_that_says_what_a_rule_forbids_is_left_out(said: str, stream: bool) -> None:
    told = [("x-note", said), ("retry-after", "3"), ("x-other", "fine")]
    got = await headers_of(rules(WORDS), told, streamed(["hi"]) if stream else None)
    assert [pair for pair in got if pair[0] != "x-tidegate-hold"] == told[1:]


async def test_counts_times_and_random_numbers_are_not_looked_at_and_longer_numbers_are() -> None:
    loose = "version: 1\nrules:\n  - {id: d, scope: output, detect: {regex: '[0-9]{2}|[a-z]{3}'}, action: redact}\n"
    told = [
        ("x-tokens", "29999888"),
        ("x-reset", "6m0.5s"),
        ("date", "Sat, 28 Nov 2026 11:39:12 GMT"),
        ("x-resets-at", "2026-11-28T11:39:12Z"),
        ("x-request-id", "req_8f14e45fceea167a5a36dedd4bea2543"),
        ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ]
    assert await headers_of(rules(loose), list(told)) == told
    for value in (CARD.replace(" ", ""), "6m0.5s12", "TCK123456", "projectfalcon123projectfalcon", "0123456789" * 2):
        assert await headers_of(rules(loose), [("x-note", value)]) == []


async def test_a_content_type_keeps_the_media_type_alone() -> None:
    got = await headers_of(rules(WORDS), [("content-type", f"application/json; x={MAIL}")])
    assert got == [("content-type", "application/json")]


async def test_a_rule_that_flags_leaves_headers_and_is_noted_once() -> None:
    flag = "version: 1\nrules:\n  - {id: f, scope: output, detect: {keywords: [falcon]}, action: flag}\n"
    asked, reply = exchange("hello"), whole("hi")
    reply.headers = [("x-note", "falcon"), ("x-other", "fine")]
    assert (await run(rules(flag), asked, lambda _: reply)).headers == [("x-note", "falcon"), ("x-other", "fine")]
    assert outcome(asked) == ("flagged", ["f"])
    assert [verdict.address for verdict in asked.verdicts] == ["headers.x-note"]


async def test_cookies_of_an_app_are_its_own() -> None:
    told = [("set-cookie", f"who={MAIL}")]
    assert await headers_of(rules(WORDS), list(told)) == told


@pytest.mark.parametrize(
    "name", ["idempotency-key", "openai-organization", "tracestate", "traceparent", "anthropic-beta"]
)
async def test_a_header_that_goes_to_the_provider_is_no_way_around_the_rules(name: str) -> None:
    asked = exchange("hello")
    asked.headers[name] = f"order-{CARD}"
    with pytest.raises(Blocked) as refused:
        await run(rules(WORDS), asked, lambda _: whole("hi"))
    assert refused.value.param == f"headers.{name}"
    assert "4111" not in str(refused.value)


async def test_versions_and_trace_ids_are_what_they_are() -> None:
    dates = (
        "version: 1\nrules:\n  - {id: d, detect: {regex: '[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9a-f]{16}'}, action: mask}\n"
    )
    asked = exchange("hello")
    asked.headers |= {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "prompt-caching-2024-07-31,token-counting-2024-11-01",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "x-unsent": "2023-06-01",
    }

    def answer(given: Exchange) -> Reply:
        assert jsonio.dumps(given.body)
        return whole("hi")

    assert (await run(rules(dates), asked, answer)).status == 200


async def test_a_long_value_that_is_nearly_a_random_number_takes_no_time() -> None:
    told = [("x-note", ("A1" * 400 + "a") * 2 + "A1" * 400)]
    begun = time.process_time()
    assert await headers_of(rules(WORDS), told) == told
    assert time.process_time() - begun < 2


async def test_a_number_before_a_date_is_no_name_of_a_beta() -> None:
    asked = exchange("hello")
    ruleset = rules("version: 1\nrules:\n  - {id: d, detect: {regex: '[0-9]{8}'}, action: mask}\n")
    for value, stops in (("output-128k-2025-02-19, files-api-2025-04-14", False), ("a-41111111-2025-01-01", True)):
        asked.headers["anthropic-beta"] = value
        with pytest.raises(Blocked) if stops else nullcontext():
            await run(ruleset, asked, lambda _: whole("hi"))


async def test_headers_are_read_in_the_letters_that_their_bytes_mean() -> None:
    ruleset = rules("version: 1\nrules:\n  - {id: w, detect: {keywords: [müller]}, action: block}\n")
    said = "Herr Müller".encode().decode("latin-1")
    assert await headers_of(ruleset, [("x-note", said), ("x-other", "M\xfcl")]) == [("x-other", "M\xfcl")]
    asked = exchange("hello")
    asked.headers["tracestate"] = said
    with pytest.raises(Blocked):
        await run(ruleset, asked, lambda _: whole("hi"))


@pytest.mark.parametrize(("header", "query"), [("x-user", ""), ("", "who=jane%40example.org"), ("x-user", "a=b")])
async def test_where_all_goes_on_all_headers_and_the_query_are_looked_at(header: str, query: str) -> None:
    asked = exchange("hello")
    asked.headers |= {"authorization": f"Bearer {CARD}", "helicone-auth": MAIL, "user-agent": MAIL, "cookie": MAIL}
    asked.headers |= {header: MAIL} if header else {}
    await run(rules(WORDS), asked, lambda _: whole("hi"))
    asked.memo[ONWARD] = query
    with pytest.raises(Blocked) as refused:
        await run(rules(WORDS), asked, lambda _: whole("hi"))
    assert refused.value.param == ("headers.x-user" if header else "query")


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "Subscription-Key", "api%5Fkey"])
async def test_a_credential_in_the_query_is_for_the_clients_own_host_as_one_in_a_header_is(name: str) -> None:
    asked = exchange("hello")
    asked.memo[ONWARD] = f"alt=sse&{name}={MAIL}&beta=true"
    await run(rules(WORDS), asked, lambda _: whole("hi"))
    asked.memo[ONWARD] += "&donkey=project+falcon"
    with pytest.raises(Blocked):
        await run(rules(WORDS), asked, lambda _: whole("hi"))


async def test_no_tag_of_an_entry_says_what_a_rule_would_change() -> None:
    """Metadata steers and goes no further, but the cache keeps it beside an answer, where `cache show` prints it."""
    given = {"app": "shop", "by": MAIL, MAIL: 1, "card": int(CARD.replace(" ", "")), "told": "project falcon", "n": 3}
    asked = exchange("hello")
    asked.headers[METADATA] = jsonio.dumps(given).decode()
    reply = await run(rules(WORDS), asked, lambda _: whole("hi"))
    assert reply.status == 200 and tags_of(asked) == {"app": "shop", "n": "3"}
    assert not asked.verdicts, "the request is as it was"
