"""Several keys of one provider: whose turn it is, which rest, and what callers and logs see of it."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import UpstreamRefused
from tidegate.engine.exchange import Caller, Exchange
from tidegate.engine.secret import Secret
from tidegate.models.keys import LIMITED_SECONDS, MOST_SECONDS, REFUSED_SECONDS, Key, KeyRing, rest_of
from tidegate.models.providers.openai import OpenAIProvider
from tidegate.models.transport import Transport


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ring(*weights: int) -> tuple[KeyRing, Clock]:
    clock = Clock()
    return KeyRing([Key(Secret(f"key-{index}"), weight) for index, weight in enumerate(weights)], clock), clock


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_each_key_is_taken_as_often_as_its_weight_says(weights: list[int]) -> None:
    keys, _ = ring(*weights)
    taken = Counter(keys.pick() for _ in range(3 * sum(weights)))
    assert [taken[index] for index in range(len(weights))] == [3 * weight for weight in weights]


def test_a_heavy_key_does_not_answer_in_bursts() -> None:
    keys, _ = ring(5, 1, 1)
    assert [keys.pick() for _ in range(7)] == [0, 0, 1, 0, 2, 0, 0]


def test_a_resting_key_is_passed_over_until_its_time_is_over() -> None:
    keys, clock = ring(1, 1)
    keys.rest(0, 30)
    assert {keys.pick() for _ in range(4)} == {1}
    clock.now += 30
    assert {keys.pick() for _ in range(4)} == {0, 1}


def test_when_all_rest_the_one_that_wakes_first_is_asked_and_only_it() -> None:
    keys, _ = ring(1, 1, 1)
    for index, seconds in enumerate((30, 10, 20)):
        keys.rest(index, seconds)
    assert keys.pick() == 1
    assert keys.pick([1]) is None


def test_no_rest_is_longer_than_its_bound() -> None:
    keys, clock = ring(1, 1)
    keys.rest(0, 1e9)
    clock.now += MOST_SECONDS
    assert {keys.pick(), keys.pick()} == {0, 1}


@pytest.mark.parametrize("status", [200, 400, 404, 422, 500, 503])
def test_an_answer_that_says_nothing_of_the_key_lets_it_work_on(status: int) -> None:
    assert rest_of(status, [("retry-after", "9")]) is None


def test_how_long_a_key_rests() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert {rest_of(status, []) for status in (401, 402, 403)} == {REFUSED_SECONDS}
    assert rest_of(429, [("retry-after", " 7 ")]) == 7
    assert 50 < (rest_of(429, [("retry-after", later)]) or 0) <= 60
    assert rest_of(429, [("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]) == 0
    assert rest_of(429, [("retry-after", "9"), ("retry-after-ms", "1500")]) == 1.5
    for odd in ("", "soon", "nan", "9" * 400):
        assert rest_of(429, [("retry-after", odd)]) == LIMITED_SECONDS


@dataclass
class Host:
    """Answers each key as `says` has it; others with 200."""

    says: dict[str, int] = field(default_factory=dict[str, int])
    seen: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    base: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.seen.append((key, await request.read()))
        status = self.says.get(key, 200)
        return web.json_response({"id": "c", "choices": [], "echo": key}, status=status, headers={"retry-after": "60"})

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.seen]


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", host.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield host
    await runner.cleanup()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    await transport.start()
    yield transport
    await transport.aclose()


def ask() -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    caller = Caller(credential=Secret("the-callers-own"))
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, model="m", stream=False, caller=caller)


def provider(host: Host, transport: Transport, *weights: int) -> OpenAIProvider:
    return OpenAIProvider("acme", host.base, transport=transport, api_key=ring(*weights)[0])


@pytest.mark.parametrize("status", [401, 402, 403, 429])
async def test_another_key_is_tried_at_once_and_the_first_is_left_alone(
    status: int, host: Host, transport: Transport
) -> None:
    host.says["key-0"] = status
    acme = provider(host, transport, 1, 1)
    first = ask()
    assert (await acme(first)).status == 200
    assert host.keys == ["key-0", "key-1"] and host.seen[0][1] == host.seen[1][1]
    assert first.attempts == 1  # one more than the router counts
    for _ in range(4):
        assert (await acme(ask())).status == 200
    assert host.keys[2:] == ["key-1"] * 4


async def test_each_key_is_tried_once_and_the_last_answer_is_the_callers(host: Host, transport: Transport) -> None:
    host.says = {f"key-{index}": 429 for index in range(3)}
    reply = await provider(host, transport, 1, 1, 1)(ask())
    assert (reply.status, json.loads(await reply.read())["echo"]) == (429, host.keys[-1])
    assert sorted(host.keys) == ["key-0", "key-1", "key-2"]


async def test_when_every_key_is_refused_the_error_names_the_provider_and_no_key(
    host: Host, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    host.says = {"key-0": 401, "key-1": 403, "key-2": 402}
    acme = provider(host, transport, 1, 1, 1)
    with pytest.raises(UpstreamRefused) as caught:
        await acme(ask())
    assert str(caught.value) == "acme refused the credential that this gate is configured with (it answered 402)."
    assert "acme answered 401 to key 1 of 3" in caplog.text
    shown = caplog.text + repr(acme) + repr(vars(acme)) + repr(ring(1)[0].keys) + str(caught.value)
    assert "key-0" not in shown and "key-1" not in shown


async def test_a_key_that_stays_refused_is_not_logged_at_every_request(
    host: Host, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    host.says = {"key-0": 401}
    acme = provider(host, transport, 1)
    for _ in range(5):
        with pytest.raises(UpstreamRefused):
            await acme(ask())
    assert len(host.seen) == 5 and caplog.text.count("acme answered 401") == 1


async def test_with_a_key_of_ours_the_callers_never_goes_out(host: Host, transport: Transport) -> None:
    host.says = {"key-0": 401}
    with pytest.raises(UpstreamRefused):
        await provider(host, transport, 1)(ask())
    assert host.keys == ["key-0"]


async def test_unread_paths_and_lists_use_the_ring_too(host: Host, transport: Transport) -> None:
    host.says["key-0"] = 403
    acme = provider(host, transport, 1, 1)
    reply = await acme.passthrough("GET", "/v1/files", {}, b"", ask())
    assert (reply.status, host.keys) == (200, ["key-0", "key-1"])
    with pytest.raises(UpstreamRefused, match="no list of models"):  # asked with a key that is awake
        await acme.models()
