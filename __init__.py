"""tidegate: a gate in front of language models.

from tidegate import Gate, TidegateMiddleware
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .serve.gate import Gate
    from .serve.middleware import TidegateMiddleware

__version__ = "0.1.0"
__all__ = ["Gate", "TidegateMiddleware", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: `import tidegate` alone stays quick.
    if name == "Gate":
        from .serve.gate import Gate

        return Gate
    if name == "TidegateMiddleware":
        from .serve.middleware import TidegateMiddleware

        return TidegateMiddleware
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
