"""Bodies that are still on their way, counted together: many slow senders of large ones would fill the memory before
any of them becomes a request, of which only so many are under way."""

import threading

from . import limits
from .errors import Overloaded


class Arriving:
    """The bytes of one body as they come; used with `with`, which lets go of them."""

    _lock = threading.Lock()  # an app may be served by several loops
    _all = 0

    def __init__(self) -> None:
        self._counted = 0

    def __enter__(self) -> "Arriving":
        return self

    def __exit__(self, *_: object) -> None:
        self._count(-self._counted)

    def has(self, size: int) -> None:
        """So many have come by now. Raises Overloaded where all that are arriving are too many."""
        more = size - limits.SMALL_BODY_BYTES - self._counted
        if more > 0:
            self._count(more)
            if Arriving._all > limits.ARRIVING_BYTES:
                raise Overloaded("Too many large requests are arriving; try again in a second.")

    def _count(self, more: int) -> None:
        with Arriving._lock:
            Arriving._all += more
            self._counted += more
