"""Errors as they are told, without their columns: for tests about a line and words. Imported as
`tidegate.tests.places`."""

import re

_COLUMN = re.compile(r"((?:yaml|gate|rules|^g):[0-9]+):[0-9]+(?=[:)\s]|$)", re.MULTILINE)


def lines_only(error: object) -> str:
    """`gate.yaml:3:7: wrong` as `gate.yaml:3: wrong`."""
    return _COLUMN.sub(r"\1", str(error))
