"""`tidegate cache tune --audits`: the same curve from what the gate itself saw, in place of labelled pairs."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...cache.observed import Pair, kept_pairs
from ...engine.errors import ConfigError
from ..config.gate_yaml import load_config
from ..make_cache import named_verifier
from . import outfiles
from .memory import insist_on_all, opened
from .terminal import out
from .tune import curves

NAMES = {"audit": "audited hits", "near": "near misses", "shadow": "hits not served", "feedback": "users' words"}


def tune_audits(config: Path, *, picture: Path | None = None, export: Path | None = None) -> dict[str, Any]:
    """As `tune.tune`, by the probabilities of the time; `kinds` counts the pairs behind it. Raises ConfigError.

    Left out and counted are unclear pairs, and those of another verifier than today's: its probabilities were others.
    `export` writes all that are decided, to be measured again. A store that does not answer is not taken for empty.
    """
    loaded = load_config(config)
    section = loaded.config.cache
    pairs = asyncio.run(_read(config))
    decided = [pair for pair in pairs if pair.verdict != "unclear"]
    if not decided:
        hint = "audits, near misses and users' words make some as the gate runs; or give a FILE of labelled pairs"
        raise ConfigError(f"the store holds no decided pairs, and {len(pairs)} unclear", file=str(config), hint=hint)
    if export is not None:
        _export(export, decided)
    verifier, name = named_verifier(section)
    verifier.close()
    ours = [pair for pair in decided if pair.verifier == name]
    if not ours:
        hint = "--export FILE, then `tidegate cache tune FILE`"
        raise ConfigError(f"all {len(decided)} pairs were judged by another verifier", file=str(config), hint=hint)
    values, labels = [pair.probability for pair in ours], [pair.verdict == "same" for pair in ours]
    found = curves(section, values, labels, verifier.threshold(section.max_wrong_hits), "as observed", picture)
    seen = Counter((pair.kind, pair.verdict) for pair in ours)
    kinds = {kind: {verdict: seen[kind, verdict] for verdict in ("same", "different")} for kind in NAMES}
    left_out = {"unclear": len(pairs) - len(decided), "of_another_verifier": len(decided) - len(ours)}
    return {**found, "kinds": kinds, "left_out": left_out}


async def _read(config: Path) -> list[Pair]:
    async with opened(load_config(config)) as store:
        pairs = [pair for _, pair in await kept_pairs(store)]
        await insist_on_all(store)
        return pairs


def _export(file: Path, pairs: Sequence[Pair]) -> None:
    """As `read_pairs` reads them: first the stored question, then the one that was asked."""
    with outfiles.replacing(file) as lines:
        for pair in pairs:
            row = {"a": pair.stored, "b": pair.asked, "same": int(pair.verdict == "same")}
            row |= {"kind": pair.kind, "probability": pair.probability}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def report_kinds(found: dict[str, Any]) -> None:
    """On how many pairs of which kind the curve rests, for people."""
    said = [
        f"{NAMES[kind]} {row['same']} same + {row['different']} different"
        for kind, row in found["kinds"].items()
        if row["same"] or row["different"]
    ]
    out.print(f"{found['pairs']} pairs: {', '.join(said)}", highlight=False, soft_wrap=True)
    unclear, other = found["left_out"].values()
    out.print(f"left out: {unclear} unclear, {other} judged by another verifier", highlight=False)
