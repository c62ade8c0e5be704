"""Where connections go: whatever address a name turns out to have, to none that is forbidden."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.errors import UpstreamRefused, UpstreamSilent
from tidegate.models.hosts import NEVER, Reach, judged
from tidegate.models.transport import Deadlines, Transport

STANDS_FOR = [
    *("127.0.0.1", "127.8.9.1", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *(
        "198.18.0.1",
        "fc00::1",
        "fd12:3456::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
    ),
    "64:ff9b:1::a00:1",
]
NOWHERE = [
    *("169.254.169.254", "169.254.170.2", "169.254.1.1", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200"),
    *("192.0.0.192", "168.63.129.16", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *(
        "255.255.255.255",
        "ff02::1",
        "fe80::1",
        "fec0::1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
        "2001:db8::1",
        "::10.0.0.1",
    ),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::ffff:0:0", "192.0.2.1", "198.51.100.1", "203.0.113.1"),
    *("192.88.99.1", "100::1", "3fff::1", "4000::1"),
]
ANYWHERE = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"]
QUICK = Deadlines(connect=5.0, first_byte=5.0, between_bytes=5.0, total=5.0)


def infos(*addresses: str) -> Any:
    """What a look-up would have answered."""

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    return getaddrinfo


@asynccontextmanager
async def transport(*private: str) -> AsyncIterator[Transport]:
    made = Transport(private=private)
    await made.start()
    try:
        yield made
    finally:
        await made.aclose()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every address that a socket of this process was told to connect to. None is reached."""
    seen: list[Any] = []

    async def sock_connect(_: Any, sock: socket.socket, address: Any) -> None:
        seen.append(address[0])
        raise ConnectionRefusedError("not in this test")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", sock_connect)
    yield seen


@pytest.mark.parametrize("address", STANDS_FOR)
async def test_a_name_for_an_address_inside_a_network_is_refused_and_the_error_says_what_to_write(
    address: str, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", infos(address))
    async with transport("inside") as sends:
        for name in ("outside", "inside"):
            sends.allow(name, f"http://{name}.example/v1")
        with pytest.raises(UpstreamRefused, match=r"`network: private` under providers\.outside") as caught:
            await sends.send("POST", "http://outside.example/v1", {}, b"{}", deadlines=QUICK, name="outside")
        assert connected == []
        assert address not in str(caught.value)
        with pytest.raises(UpstreamRefused, match="no connection"):
            await sends.send("POST", "http://inside.example/v1", {}, b"{}", deadlines=QUICK, name="inside")
        assert connected == [address]


@pytest.mark.parametrize("address", NOWHERE)
async def test_a_name_for_an_address_that_nobody_may_call_is_refused_whatever_the_provider_says(
    address: str, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", infos(address))
    async with transport("p") as sends:
        sends.allow("p", "http://p.example/v1")
        with pytest.raises(UpstreamRefused, match="never called"):
            await sends.send("POST", "http://p.example/v1", {}, b"{}", deadlines=QUICK, name="p")
    assert connected == []


@pytest.mark.parametrize("address", ANYWHERE)
async def test_a_name_for_a_public_address_is_called(
    address: str, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", infos(address))
    async with transport() as sends:
        sends.allow("p", "http://p.example/v1")
        with pytest.raises(UpstreamRefused, match="no connection"):
            await sends.send("POST", "http://p.example/v1", {}, b"{}", deadlines=QUICK, name="p")
    assert connected == [address]


async def test_of_several_addresses_only_the_allowed_are_called(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        asyncio.get_running_loop(), "getaddrinfo", infos("10.0.0.1", "8.8.8.8", "::1", "169.254.169.254")
    )
    async with transport() as sends:
        sends.allow("p", "http://p.example/v1")
        with pytest.raises(UpstreamRefused, match="no connection"):
            await sends.send("POST", "http://p.example/v1", {}, b"{}", deadlines=QUICK, name="p")
    assert set(connected) == {"8.8.8.8"}


async def test_a_name_that_changes_its_address_is_judged_at_every_connection(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    monkeypatch.setattr("tidegate.models.pool.DNS_SECONDS", 0)
    async with transport() as sends:
        sends.allow("p", "http://p.example/v1")
        for reason in ("no connection", "network: private"):
            with pytest.raises(UpstreamRefused, match=reason):
                await sends.send("POST", "http://p.example/v1", {}, b"{}", deadlines=QUICK, name="p")
    assert connected == ["8.8.8.8"]


async def test_localhost_is_this_machine_and_nothing_else(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", infos("10.0.0.1"))
    async with transport("p") as sends:
        sends.allow("p", "http://localhost:9/v1")
        with pytest.raises(UpstreamRefused, match="never called"):
            await sends.send("POST", "http://localhost:9/v1", {}, b"{}", deadlines=QUICK, name="p")
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://evil.example/v1",
            "http://p.example:81/v1",
            "https://p.example/v1",
            "http://p.example.evil.example/v1",
        ),
        *("http://p.example@evil.example/v1", "http://evil.example/http://p.example/v1", "http://127.0.0.1/v1"),
        "http://169.254.169.254/latest",
    ],
)
async def test_an_address_that_no_provider_was_made_with_is_not_called(url: str, connected: list[Any]) -> None:
    async with transport("p") as sends:
        sends.allow("p", "http://p.example/v1")
        with pytest.raises(UpstreamRefused, match="not in its configuration"):
            await sends.send("POST", url, {}, b"{}", deadlines=QUICK, name="p")
    assert connected == []


async def test_the_host_s_name_is_what_tls_and_http_say_and_its_certificate_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("p.example").configure_cert(context)  # of an authority that nobody trusts
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    plain = await asyncio.start_server(answer, "127.0.0.1", 0)
    tls = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", infos("127.0.0.1"))
    async with transport("p") as sends:
        for scheme, server, reason in (("http", plain, "without an answer"), ("https", tls, "certificate")):
            url = f"{scheme}://p.example:{server.sockets[0].getsockname()[1]}/v1"
            sends.allow("p", url)
            with pytest.raises(UpstreamRefused, match=reason):
                await sends.send("POST", url, {}, b"{}", deadlines=QUICK, name="p")
            server.close()
    assert b"\r\nHost: p.example:" in heads[0]
    assert len(heads) == 1
    assert names == ["p.example"]


async def test_a_look_up_that_hangs_ends_at_the_connect_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with transport() as sends:
        sends.allow("p", "http://p.example/v1")
        with pytest.raises(UpstreamSilent, match="reached"):
            await sends.send("POST", "http://p.example/v1", {}, b"{}", deadlines=Deadlines(connect=0.1), name="p")


@given(st.integers(0, 2**32 - 1))
def test_an_address_inside_another_is_judged_as_itself(number: int) -> None:
    inner = judged(IPv4Address(number))
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert judged(IPv6Address(int(IPv6Address(prefix)) + number)) == inner
    for prefix in (0, int(IPv6Address("2002::"))):  # compatible and 6to4: nobody needs them
        assert judged(IPv6Address(prefix + (number << 80 if prefix else number))) == NEVER or number == 1


@given(st.one_of(st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_what_may_be_called_is_global_by_the_registry_too(address: IPv4Address | IPv6Address) -> None:
    inside = isinstance(address, IPv6Address) and (address.ipv4_mapped or str(address).startswith("64:ff9b::"))
    assert judged(address) or address.is_global or inside


def test_an_address_that_was_named_allows_itself_alone() -> None:
    reach = Reach(named=ip_address("10.0.0.1"))
    assert [reach.refusal(one) for one in ("10.0.0.1", "10.0.0.2", "8.8.8.8")] == ["", NEVER, NEVER]
