"""Durations and sizes as people write them: `90s`, `24h`, `30d`, `256MB`."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_MOST = 10**15
_WRITTEN = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([A-Za-z]*)")


def seconds(value: Any) -> float:
    """`24h` as 86400.0; a bare number is seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return float(value)
    match = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[2] or "s") not in _SECONDS:
        raise ValueError("must be a duration such as 500ms, 90s, 15m, 24h or 30d")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def size(value: Any) -> int:
    """`256MB` as 256000000; a bare number is bytes. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    match = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2].upper() not in _BYTES:
        raise ValueError("must be a size such as 512KB, 256MB or 2GiB")
    return int(float(match[1]) * _BYTES[match[2].upper()])


@dataclass(frozen=True, slots=True)
class _AsWritten:
    """In the JSON Schema, the number, or a text with a unit."""

    title: str
    units: str

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        pattern = rf"^\s*\d{{1,15}}(\.\d{{1,15}})?\s*({self.units})?\s*$"
        return {"title": self.title, "anyOf": [handler(core_schema), {"type": "string", "pattern": pattern}]}


Seconds = Annotated[float, BeforeValidator(seconds), _AsWritten("duration", "ms|s|m|h|d|w")]
Bytes = Annotated[int, BeforeValidator(size), _AsWritten("size", "([kKmMgG][iI]?)?[bB]")]
