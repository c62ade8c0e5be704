"""What `tidegate check`, `scan`, `rules test` and `logs` find out, as plain values."""

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
from .config import load_config
from .gate import Gate


def gate_schema() -> dict[str, Any]:
    """JSON Schema of `gate.yaml`."""
    return settings.schema()


def rules_schema() -> dict[str, Any]:
    """JSON Schema of a rule file."""
    return json_schema()


def check(path: Path) -> dict[str, Any]:
    """Load everything, run the rules' own tests. Raises ConfigError with file and line."""
    loaded = load_config(path)
    gate = Gate(loaded)
    config = loaded.config
    results = run_tests(gate.ruleset)
    failed = [str(result) for result in results if not result.ok]
    providers = ", ".join(f"{name} ({section.kind})" for name, section in config.providers.items())
    holds = gate.ruleset.holds()
    summary = {
        "configuration": str(path),
        "providers": providers or "none: only for the middleware and the transport",
        "routes": len(config.routes) or 1,
        "rules": len(gate.ruleset.rules),
        "rule tests": f"{len(results) - len(failed)} passed, {len(failed)} failed",
        "held back in streams": holds,
        "cache": f"{config.cache.mode}, {config.cache.store}" if config.cache.mode != "off" else "off",
        "log": config.log.store if config.log else "none",
    }
    return {"summary": summary, "failed_tests": failed}


def rule_tests(files: list[str]) -> dict[str, Any]:
    """Run the tests of some rule files."""
    results = run_tests(load_ruleset(files, Path.cwd()))
    return {
        "passed": sum(result.ok for result in results),
        "failed": [str(result) for result in results if not result.ok],
    }


def scan(text: str, config: Path, files: list[str], scope: str) -> dict[str, Any]:
    """Findings in a text, and the text as it would go on (None when it would be blocked)."""
    if scope not in list(Scope):
        raise ConfigError(f'there is no scope "{scope[:40]}"', hint=nearest(scope, list(Scope)) or ", ".join(Scope))
    found = scan_text(_ruleset(config, files), text, Scope(scope))
    return {
        "findings": [
            {"rule": f.rule, "action": f.action, "label": f.label, "start": f.start, "end": f.end, "score": f.score}
            for f in found.findings
        ],
        "blocked": found.text is None,
        "text": found.text,
    }


def _ruleset(config: Path, files: list[str]) -> Ruleset:
    """The rules named, else those of the configuration, else the shipped ones."""
    if files:
        return load_ruleset(files, Path.cwd())
    if config.is_file():
        loaded = load_config(config)
        return load_ruleset(loaded.config.guardrails.files, loaded.folder, loaded.tree)
    return load_ruleset(["pack:pii", "pack:secrets", "pack:injection"], Path.cwd())


def logs(config: Path, last: int) -> list[dict[str, Any]]:
    """The newest rows of the request log. Raises ConfigError when there is none."""
    loaded = load_config(config)
    if loaded.config.log is None:
        raise ConfigError("this configuration keeps no log", file=str(config), hint="add a `log:` section")
    path = loaded.path(loaded.config.log.store.removeprefix("sqlite:"))
    if not path.is_file():
        raise ConfigError("nothing was logged yet", file=str(path))
    return ledger.read(path, last)
