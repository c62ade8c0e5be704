"""AWS's binary framing of streams (application/vnd.amazon.eventstream) as server-sent events.

Source: AWS SDK reference, event stream encoding; Bedrock API reference, InvokeModelWithResponseStream. The frames are
taken apart by botocore, which checks both of their sums.
"""

import base64
import binascii
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from ...engine import jsonio
from ...engine.errors import UpstreamBroke
from ...engine.limits import EVENT_BYTES, REPLY_BYTES
from ...engine.sse import Event

CONTENT_TYPE = "application/vnd.amazon.eventstream"


async def events(chunks: AsyncIterable[bytes], name: str) -> AsyncIterator[Event]:
    """The provider's own events out of the frames, their bytes untouched.

    Raises UpstreamBroke when a frame is damaged, too large or cut off, and when it says that the model failed; `name`
    is the provider's, for the text of it.
    """
    from botocore.eventstream import EventStreamBuffer, ParserError

    frames: Any = EventStreamBuffer()
    total = 0
    pending = 0
    async for chunk in chunks:
        total += len(chunk)
        pending += len(chunk)
        if total > 2 * REPLY_BYTES:  # in base64 and frames, a reply takes up to half as much again
            raise UpstreamBroke(f"{name} sent a reply of more than {REPLY_BYTES} bytes.")
        try:
            frames.add_data(chunk)
            for frame in frames:
                pending = len(chunk)  # at most what came with the frame's end
                yield _event(frame.headers, frame.payload, name)
        except ParserError:
            raise UpstreamBroke(f"{name} sent a damaged frame.") from None
        if pending > 2 * EVENT_BYTES + len(chunk):
            raise UpstreamBroke(f"{name} sent an event of more than {EVENT_BYTES} bytes.")
    if frames._data:  # pyright: ignore[reportPrivateUsage]  # there is no other way to see what is left
        raise UpstreamBroke(f"{name} ended its reply too early.")


def _event(headers: dict[str, Any], payload: bytes, name: str) -> Event:
    kind = headers.get(":message-type")
    if kind != "event":
        what = str(headers.get(":exception-type") or headers.get(":error-code") or kind)
        # A name from AWS's model of the API, or nothing at all: never its words, which may repeat the request.
        shown = f" ({what})" if what.isascii() and what.isalpha() and len(what) < 60 else ""
        raise UpstreamBroke(f"{name} ended its reply with an error{shown}.")
    try:
        raw = base64.b64decode(jsonio.loads(payload)["bytes"], validate=True)
        data = jsonio.loads(raw)
        said = str(data["type"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise UpstreamBroke(f"{name} sent a frame that holds no event.") from None
    if len(raw) > EVENT_BYTES or b"\n" in raw or b"\r" in raw or not said.isidentifier():
        raise UpstreamBroke(f"{name} sent an event that cannot be passed on.")
    return Event(b"event: " + said.encode() + b"\ndata: " + raw + b"\n\n", raw, kind=said)
