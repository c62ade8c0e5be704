"""How long a hostile or mistaken rule file occupies the gate before it is refused.

    python -m benchmarks.hostile

Prints the slowest of the files of the tests, each read anew, and of bigger ones made here. Exits with 1 when one is not
refused, or takes more than LIMIT_MS of the processor: what a busy machine adds to the clock's time is not the file's.
"""

import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text

LIMIT_MS = 100.0
HEAD = "version: 1\nrules:\n"
RULE = "  - {{id: a{0}, detect: {1}, action: flag}}\n"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + chr(ord(name) - 1)] * 9)}]\n" for name in "bcdefghi"
)
BIG = {
    "a billion laughs": LAUGHS,
    "nested 100,000 deep": "version: 1\nrules: " + "[" * 100_000,
    "mappings nested 50,000 deep": "{a: " * 50_000,
    "longer than a file may be": "# " + "x" * (1 << 20),
    "a megabyte of one word": HEAD + "x" * ((1 << 20) - 100),
    "20,000 unknown keys": "version: 1\n" + "".join(f"key{at}: 1\n" for at in range(20_000)),
    "an expression of 300,000 characters": HEAD + RULE.format(1, "{regex: '" + "(a|b)" * 60_000 + "'}"),
    "nested repetition": HEAD + RULE.format(1, "{regex: '((((a{1,100}){1,100}){1,100}){1,100})'}"),
    "nested stars on both sides of a look-behind": HEAD + RULE.format(1, "{regex: '(?<=(a+)+)b'}"),
    "a number of 900,000 digits": "version: " + "9" * 900_000,
    "20,000 includes": "version: 1\ninclude: [" + ", ".join(f"f{at}.yaml" for at in range(20_000)) + "]",
    "a keyword of 500,000 characters": HEAD + RULE.format(1, "{keywords: ['" + "x" * 500_000 + "']}"),
    "one key, 100,000 times": "version: 1\n" + "x: 1\n" * 100_000,
}


def tested() -> list[str]:
    """The files that the tests refuse."""
    path = Path(__file__).parent.parent / "tests" / "guardrails" / "test_guardrails_rules.py"
    spec = importlib.util.spec_from_file_location("hostile_rules", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is missing")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [text for text, _ in module.HOSTILE]


def circles(folder: Path) -> None:
    """Files that include each other, and one outside."""
    for at in range(100):
        (folder / f"f{at}.yaml").write_text(f"version: 1\ninclude: [f{(at + 1) % 100}.yaml]\n")
    (folder / "out.yaml").write_text("version: 1\ninclude: ['../../etc/passwd']\n")


def timed(read: Any) -> tuple[float, float] | None:
    """Milliseconds until the refusal, and those of the processor; None when there was none."""
    begun, used = time.perf_counter(), time.process_time()
    try:
        read()
    except ConfigError:
        return (time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000
    return None


def main() -> int:
    files = {f"test {at}: {text[11:60]!r}": text for at, text in enumerate(tested())} | BIG
    with tempfile.TemporaryDirectory() as name:
        circles(Path(name))
        found = {title: timed(lambda t=text: compile_rules(load_text(t))) for title, text in files.items()}
        found["a circle of 100 files"] = timed(lambda: load_ruleset(["f0.yaml"], Path(name)))
        found["a file outside of the folder"] = timed(lambda: load_ruleset(["out.yaml"], Path(name)))
    accepted = [title for title, took in found.items() if took is None]
    ranked = sorted(((took, title) for title, took in found.items() if took is not None), reverse=True)
    for (took, used), title in ranked[:8]:
        print(f"{took:8.1f} ms, processor {used:8.1f} ms  {title}")
    print(f"{len(found)} files, {len(ranked)} refused, the slowest after {ranked[0][0][0]:.1f} ms")
    for title in accepted:
        print(f"not refused: {title}")
    return int(bool(accepted) or ranked[0][0][1] > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
