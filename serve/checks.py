"""What `tidegate check`, `scan` and `logs` find out, as plain values."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..engine.errors import ConfigError
from ..engine.exchange import Scope
from ..engine.yamlfile import nearest
from ..governance import ledger
from ..guardrails.rules.compile import load_ruleset
from ..guardrails.rules.ruleset import Ruleset
from ..guardrails.rules.schema import json_schema
from ..guardrails.rules.test import run_tests
from ..guardrails.scan import scan as scan_text
from . import config as settings
from .config import Loaded, load_config
from .config_callers import Keys
from .gate import Gate
from .listing import make_catalogue
from .reach import credentials, reach
from .rule_models import hand_models
from .scanfiles import files_below, rows, sarif, scan_files


def gate_schema() -> dict[str, Any]:
    """JSON Schema of `gate.yaml`."""
    return settings.schema()


def rules_schema() -> dict[str, Any]:
    """JSON Schema of a rule file."""
    return json_schema()


def check(path: Path, ask: bool = False) -> dict[str, Any]:
    """Load everything, run the rules' own tests; with `ask`, ask each provider for its models over the network.

    Raises ConfigError with file and line.
    """
    loaded = load_config(path)
    gate = Gate(loaded)
    config = loaded.config
    results = run_tests(gate.ruleset)
    failed = [str(result) for result in results if not result.ok]
    providers = ", ".join(f"{name} ({section.kind})" for name, section in config.providers.items())
    today = datetime.now(UTC).date()
    expired = [each.place for each in gate.ruleset.exceptions if each.excepted.expired(today)]
    holds = gate.ruleset.holds()
    summary = {
        "configuration": str(path),
        "providers": providers or "none: only for the middleware and the transport",
        **{f"{name}: credentials": said for name, said in credentials(loaded).items()},
        "price lists": ", ".join(sorted(_priced(loaded))) or "for no provider",
        "keys": _keys(config.keys),
        "routes": len(config.routes) or 1,
        "rules": len(gate.ruleset.rules),
        "rule tests": f"{len(results) - len(failed)} passed, {len(failed)} failed",
        "held back in streams": holds,
        **({"expired exceptions": ", ".join(expired)} if expired else {}),
        "cache": f"{config.cache.mode}, {config.cache.store}" if config.cache.mode != "off" else "off",
        "log": config.log.store if config.log else "none",
    }
    reached = asyncio.run(reach(loaded)) if ask else {}
    return {
        "summary": summary | {f"{name}: asked": said for name, (_, said) in reached.items()},
        "failed_tests": failed,
        "unreachable": [name for name, (answered, _) in reached.items() if not answered],
    }


def _keys(keys: Keys) -> str:
    """The callers that are known, and whether others are served."""
    named = ", ".join(f"{each.name} ({each.team})" if each.team else each.name for each in keys.known)
    return (named or "none known") + ("; no others are served" if keys.require else "")


def _priced(loaded: Loaded) -> set[str]:
    catalogue = make_catalogue(loaded)
    catalogue.start()
    return catalogue.priced()


def scan(text: str, config: Path, files: list[str], scope: str) -> dict[str, Any]:
    """Findings in a text, and the text as it would go on (None when it would be blocked)."""
    found = scan_text(_ruleset(config, files), text, _scope(scope))
    return {
        "findings": [
            {"rule": f.rule, "action": f.action, "label": f.label, "start": f.start, "end": f.end, "score": f.score}
            | {"view": f.view}
            for f in found.findings
        ],
        "blocked": found.text is None,
        "text": found.text,
    }


def scan_paths(
    path: Path, config: Path, files: list[str], scope: str, log: Path | None, step: Callable[[int], None]
) -> dict[str, Any]:
    """Findings in a file or below a folder, by file and line; also written to `log` as SARIF.

    `step` is told the number of files each time that one is done. Raises ConfigError.
    """
    ruleset, wanted = _ruleset(config, files), _scope(scope)
    ruleset.start()
    paths = files_below(path) if path.is_dir() else [path]
    results, skipped = scan_files(ruleset, paths, wanted, lambda: step(len(paths)))
    found = list(rows(results, path if path.is_dir() else path.parent))
    if log is not None:
        log.write_text(json.dumps(sarif(ruleset, found), indent=1), "utf-8")
    blocked = any(row["action"] in ("block", "respond") for row in found)
    return {"findings": found, "files": len(paths), "skipped": skipped, "blocked": blocked}


def _scope(name: str) -> Scope:
    if name not in list(Scope):
        raise ConfigError(f'there is no scope "{name[:40]}"', hint=nearest(name, list(Scope)) or ", ".join(Scope))
    return Scope(name)


def _ruleset(config: Path, files: list[str]) -> Ruleset:
    """The rules named, else those of the configuration, else the shipped ones."""
    if files:
        return hand_models(load_ruleset(files, Path.cwd()))
    if config.is_file():
        loaded = load_config(config)
        return hand_models(load_ruleset(loaded.config.guardrails.files, loaded.folder, loaded.tree))
    return hand_models(load_ruleset(["pack:pii", "pack:secrets", "pack:injection"], Path.cwd()))


def logs(config: Path, last: int) -> list[dict[str, Any]]:
    """The newest rows of the request log. Raises ConfigError when there is none."""
    loaded = load_config(config)
    if loaded.config.log is None:
        raise ConfigError("this configuration keeps no log", file=str(config), hint="add a `log:` section")
    path = loaded.path(loaded.config.log.store.removeprefix("sqlite:"))
    if not path.is_file():
        raise ConfigError("nothing was logged yet", file=str(path))
    return ledger.read(path, last)
