"""Every way to misbehave that a provider has, by name. Imported as `tidegate.tests.promises.misbehaving`."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Callable

from tidegate.engine.limits import ANY_DEPTH
from tidegate.tests.promises.behaving import (
    BROKEN,
    CHUNKED,
    ERROR,
    PASSED,
    REPLY_BYTES,
    WITHHELD,
    Call,
    Case,
    Script,
    chunked,
    sse,
)

CASES: dict[str, Case] = {}


def case(
    whole: str, stream: str, *, guarded: str = "", slow: bool = False, calls: int = 1
) -> Callable[[Script], Script]:
    """Register a misbehaviour. `slow` ones last until a deadline, which is short for them."""

    def keep(script: Script) -> Script:
        name = ("slow-" if slow else "") + script.__name__.replace("_", "-")
        CASES[name] = Case(name, script, whole, stream, guarded or stream, calls)
        return script

    return keep


@case(PASSED, PASSED)
async def behaves(call: Call) -> None:
    await call.answer(call.raw)


@case(ERROR, ERROR, slow=True)
async def silent(call: Call) -> None:
    await call.gone()


@case(ERROR, ERROR)
async def closes_at_once(call: Call) -> None:
    pass


@case(ERROR, ERROR)
async def resets(call: Call) -> None:
    sock = call.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.writer.transport.abort()


@case(ERROR, BROKEN)
async def resets_in_the_body(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await asyncio.sleep(0.05)
    await resets(call)


@case(ERROR, ERROR)
async def half_a_head(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\ncontent-ty")


@case(ERROR, ERROR, slow=True)
async def half_a_head_and_silence(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await call.gone()


@case(ERROR, ERROR)
async def wrong_status_line(call: Call) -> None:
    await call.say(b"HTTP/1.1 abc OK\r\ncontent-length: 0\r\n\r\n")


@case(ERROR, ERROR)
async def another_protocol(call: Call) -> None:
    await call.say(b"SSH-2.0-OpenSSH_9.6\r\n")


@case(ERROR, ERROR)
async def a_status_that_is_none(call: Call) -> None:
    await call.answer(call.raw, status="999 What")


@case(ERROR, ERROR)
async def switches_protocols(call: Call) -> None:
    await call.say(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
    await call.say(call.raw)


@case(ERROR, ERROR)
async def no_content(call: Call) -> None:
    await call.say(b"HTTP/1.1 204 No Content\r\n\r\n")


@case(ERROR, ERROR)
async def a_huge_header(call: Call) -> None:
    await call.answer(call.raw, "x-a: " + "a" * 100_000)


@case(ERROR, ERROR)
async def many_headers(call: Call) -> None:
    await call.answer(call.raw, *(f"x-{number}: a" for number in range(1000)))


@case(ERROR, ERROR)
async def large_headers_together(call: Call) -> None:
    await call.answer(call.raw, *(f"x-{number}: {'a' * 2000}" for number in range(40)))


@case(ERROR, ERROR)
async def endless_headers(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\n")
    await call.forever(b"x-a: a\r\n" * 100)


@case(ERROR, BROKEN)
async def shorter_than_its_length(call: Call) -> None:
    await call.head(f"content-length: {len(call.raw)}")
    await call.say(call.begun)


@case(f"{PASSED} {ERROR}", f"{PASSED} {ERROR} {BROKEN}")
async def longer_than_its_length(call: Call) -> None:
    await call.answer(call.raw)
    await call.say(b'{"and": "more"}' * 100)


@case(ERROR, ERROR)
async def two_lengths(call: Call) -> None:
    await call.answer(call.raw, f"content-length: {len(call.raw) - 9}")


@case(ERROR, ERROR)
async def length_and_chunks(call: Call) -> None:
    await call.answer(chunked(call.raw, b""), CHUNKED)


@case(ERROR, BROKEN)
async def chunks_that_are_none(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await asyncio.sleep(0.05)
    await call.say(b"zz\r\n" + call.raw)


@case(ERROR, BROKEN)
async def cut_in_a_chunk(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun) + b"ffff\r\n" + call.raw[len(call.begun) :][:20])


@case(ERROR, BROKEN)
async def cut_between_chunks(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))


@case(ERROR, BROKEN)
async def cut_inside_a_character(call: Call) -> None:
    await call.head()
    await call.say(call.raw[: call.raw.index("ü".encode()) + 1])


@case(ERROR, ERROR)
async def html(call: Call) -> None:
    await call.answer(b"<html>hello</html>", kind="text/html")


@case(ERROR, ERROR)
async def html_of_a_proxy(call: Call) -> None:
    await call.answer(b"<html>Bad Gateway</html>", status="502 Bad Gateway", kind="text/html")


@case(ERROR, ERROR)
async def json_that_is_no_object(call: Call) -> None:
    await call.answer(b"[1, 2]", kind="application/json")


@case(ERROR, ERROR)
async def json_nested_too_deeply(call: Call) -> None:
    await call.answer(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", kind="application/json")


@case(PASSED, PASSED)
async def json_nested_as_deeply_as_it_may(call: Call) -> None:
    deep = ANY_DEPTH - 1
    await call.answer(call.raw.replace(b"{", b'{"x_deep":' + b"[" * deep + b"]" * deep + b",", 1))


@case(ERROR, BROKEN)
async def an_empty_body(call: Call) -> None:
    await call.answer(b"")


@case(ERROR, BROKEN)
async def a_gzip_bomb(call: Call) -> None:
    await call.answer(gzip.compress(bytes(REPLY_BYTES + (1 << 20)), 1), "content-encoding: gzip")


@case(ERROR, BROKEN)
async def gzip_that_is_cut(call: Call) -> None:
    await call.answer(gzip.compress(call.raw)[:-12], "content-encoding: gzip")


@case(ERROR, ERROR)
async def an_unknown_compression(call: Call) -> None:
    await call.answer(call.raw, "content-encoding: br")


@case(ERROR, ERROR)
async def a_redirect_to_metadata(call: Call) -> None:
    await call.answer(call.raw, "location: http://169.254.169.254/latest/meta-data", status="307 Temporary Redirect")


@case(ERROR, BROKEN)
async def an_endless_line(call: Call) -> None:
    await call.head()
    await call.say(b"".join(call.good.events[:1]) + b"data: " if call.streamed else b'{"a": "')
    await call.forever(b"a" * 65536)


@case(ERROR, BROKEN)
async def an_endless_event(call: Call) -> None:
    await call.head()
    await call.say(b"".join(call.good.events[:1]) if call.streamed else b'{"a": ')
    await call.forever((b"data: " if call.streamed else b"") + b"1" * 65536 + b"\n")


@case(ERROR, BROKEN)
async def an_endless_reply(call: Call) -> None:
    await call.head()
    await call.forever(b": " + b"a" * 100_000 + b"\n\n" if call.streamed else b" " * 65536)


@case(ERROR, PASSED, guarded=WITHHELD)
async def an_event_that_is_not_json(call: Call) -> None:
    first, *others = call.good.events
    await call.answer(first + sse(b'{"half') + b"".join(others) if call.streamed else b'{"half', kind="")


@case(PASSED, BROKEN)
async def no_end_mark(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun, b"") if call.streamed else chunked(call.raw, b""))


@case(PASSED, PASSED)
async def more_behind_the_end_mark(call: Call) -> None:
    await call.answer(call.raw + (b": bye\n\n" + sse(b"[DONE]") if call.streamed else b"\n"))


@case(PASSED, BROKEN)
async def an_error_in_the_middle(call: Call) -> None:
    kind = call.good.error.get("type", "")
    await call.answer(
        call.begun + sse(call.good.error, kind) if call.streamed else json.dumps(call.good.error).encode()
    )


@case(ERROR, BROKEN, slow=True)
async def drips_for_ever(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await call.forever(chunked(b": ping\n\n" if call.streamed else b" "), 0.1)


@case(ERROR, BROKEN, slow=True)
async def stalls_in_the_middle(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await call.gone()


@case(ERROR, ERROR, slow=True)
async def endless_interim_answers(call: Call) -> None:
    await call.forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01)


@case(PASSED, PASSED)
async def many_interim_answers(call: Call) -> None:
    await call.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 50)
    await call.answer(call.raw)


@case(ERROR, ERROR)
async def the_other_form(call: Call) -> None:
    other = not call.streamed
    await call.answer(call.good.raw(other), kind=call.good.kind(other))


@case(PASSED, PASSED)
async def keys_twice(call: Call) -> None:
    await call.answer(call.raw.replace(b'"index":', b'"index": 0, "index":'))


@case(ERROR, ERROR)
async def an_error_in_plain_text(call: Call) -> None:
    await call.say(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\noops")
