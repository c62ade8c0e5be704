"""`tidegate bench guardrails`: what the rules find in labelled data, and what they cost."""

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...engine.errors import ConfigError
from . import dress, injection, ordinary, pii
from .rows import read

OTHERS = ("presidio", "stackone")


def measure(
    pii_file: Path | None,
    injection_file: Path | None,
    others: str,
    limit: int | None,
    note: Callable[[str], None],
    *,
    reads: bool = True,
) -> dict[str, Any]:
    """Every figure of one run. Raises ConfigError for a file or a name that is wrong."""
    wanted = [name.strip() for name in others.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in OTHERS]:
        raise ConfigError(f'--beside does not know "{unknown[0][:40]}"', hint=", ".join(OTHERS))
    people = read(pii_file, limit, ("text", "spans")) if pii_file else []
    attacks = read(injection_file, limit, ("text", "label")) if injection_file else []
    report: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, {platform.machine()}, "
        f"Python {platform.python_version()}"
    }
    if people:
        report["pii"] = pii.measure(people, wanted, note)
    ruleset = injection.loaded(reads=reads)
    if attacks:
        report["injection"] = injection.measure(attacks, ruleset, wanted, note)
    note("encodings")
    report["encodings"] = dress.measure(attacks, ruleset, min(limit or dress.MOST, dress.MOST))
    note("ordinary texts")
    report["ordinary texts"] = ordinary.measure(min(limit or ordinary.TEXTS, ordinary.TEXTS), reads=reads)
    return report
