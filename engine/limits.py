"""Every size and deadline of the engine, with its unit and its reason."""

BODY_BYTES = 16 * 1024 * 1024
"""Request body. Large enough for a few images or a book; more is a mistake or an attack."""

SMALL_BODY_BYTES = 64 * 1024
"""What of each body may arrive whatever else does: most requests are smaller, and none waits for large ones."""

ARRIVING_BYTES = 256 * 1024 * 1024
"""What may lie in memory beyond that of all bodies that have not come to their end."""

BODY_SECONDS = 60.0
"""Time in which a request body must arrive, so that a slow sender cannot hold a place for ever."""

JSON_DEPTH = 64
"""Nesting of a request body. Real tool schemas stay under 20; recursion in every parser behind us is bounded by it."""

ANY_DEPTH = 512
"""Nesting of any other JSON that is read: replies, arguments. Parsers end near a thousand levels or after many, by the
version of Python; what walks through a value afterwards ends near a thousand."""

JSON_VALUES = 400_000
"""Values of a request body, at all levels. OpenAI takes 300,000 tokens as numbers; of arguments each is a text to look
at, which takes some hundred bytes and ten microseconds: 8 million of them fit into BODY_BYTES."""

TEXTS = 100_000
"""Texts of a request, or of one event or whole reply: rules take a tenth of a millisecond or more for each, however
short. A conversation of a million tokens has some ten thousand."""

REPLY_BYTES = 32 * 1024 * 1024
"""A whole reply, streamed or not."""

EVENT_BYTES = 8 * 1024 * 1024
"""One server-sent event. Whole replies that a stream repeats at its end stay far below; a picture has some MiB."""

EVENTS = 500_000
"""Events of one stream. Each takes some ten microseconds, also an empty one of two bytes, of which 16 million fit into
REPLY_BYTES; those of models have a hundred bytes and more, and a token each at least."""

HEADER_BYTES = 32 * 1024
"""All headers of a request or a reply together."""

HEADER_COUNT = 100
"""Headers of a request or a reply, counted."""

CONNECT_SECONDS = 5.0
"""To open a connection to a provider."""

FIRST_BYTE_SECONDS = 120.0
"""Until a provider begins to answer: long prompts on busy models take a minute."""

BETWEEN_BYTES_SECONDS = 60.0
"""Between two pieces of a reply."""

TOTAL_SECONDS = 900.0
"""A whole reply, first byte to last."""

FINDINGS = 1000
"""Findings kept for one exchange. More are counted, not kept."""

STREAM_HOLD_CHARS = 64 * 1024
"""Text held back in one stream while a match may still be open; past it the stream is closed as blocked. As many
events may wait, since events without text have to keep their place behind it."""

STREAM_CHANNELS = 1024
"""Running texts in one stream: 128 choices with content, reasoning and a few tool calls each."""

STREAM_COPIES = 64
"""Long texts of one stream whose verdict is kept: some dialects say the same text in several events."""
