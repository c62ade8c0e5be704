"""What `tidegate check` and `scan` find out, as plain values."""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...engine.jsonio import Address, show
from ...engine.yamlfile import nearest, shorten
from ...guardrails.rules.compile import load_ruleset
from ...guardrails.rules.ruleset import Ruleset
from ...guardrails.rules.schema import json_schema
from ...guardrails.rules.test import run_tests
from ...guardrails.rules.waits import outgrown, seen_late
from ...guardrails.rules.when import Facts
from ...guardrails.scan import scan as scan_text
from ..config import gate_yaml as settings
from ..config.callers import Keys, KnownKey
from ..config.gate_yaml import Loaded, load_config
from ..gate import Gate
from ..listing import make_catalogue
from ..make_cache import make_encoder
from ..reach import credentials, reach
from ..rule_models import hand_models, in_words
from .outfiles import writable, write
from .scan_files import UNREAD, files_below, named, rows, sarif, scan_files
from .terminal import DEFAULT

log = logging.getLogger("tidegate")

SHIPPED = ["pack:pii", "pack:secrets", "pack:injection"]
"""What is looked for where nothing was named."""


def gate_schema() -> dict[str, Any]:
    """JSON Schema of `gate.yaml`."""
    return settings.schema()


def rules_schema() -> dict[str, Any]:
    """JSON Schema of a rule file."""
    return json_schema()


def check(path: Path, ask: bool = False) -> dict[str, Any]:
    """Load everything, run the rules' own tests and the semantic cache's; with `ask`, ask each provider for its
    models over the network.

    Raises ConfigError with file and line.
    """
    loaded = load_config(path)
    gate = Gate(loaded)
    config = loaded.config
    gate.ruleset.start()
    with in_words():
        results = run_tests(gate.ruleset.rules)
    failed = [str(result) for result in results if not result.ok]
    providers = ", ".join(f"{name} ({section.kind})" for name, section in config.providers.items())
    off = asyncio.run(gate.self_test())
    today = datetime.now(UTC).date()
    expired = [each.place for each in gate.ruleset.exceptions if each.excepted.expired(today)]
    overridden = sum(rule.overridden is not None for rule in gate.ruleset.rules)
    summary = {
        "configuration": str(path),
        "providers": providers or "none: only for the middleware and the transport",
        **{f"{name}: credentials": said for name, said in credentials(loaded).items()},
        "price lists": ", ".join(sorted(_priced(loaded))) or "for no provider",
        "keys": _keys(config.keys),
        "routes": len(config.routes) or 1,
        "rules": len(gate.ruleset.rules),
        **({"rules overridden": str(overridden)} if overridden else {}),
        "rule tests": f"{len(results) - len(failed)} passed, {len(failed)} failed",
        "held back in streams": gate.ruleset.holds(),
        **(
            {"finds that leave streams": f"what is complete only behind its hold, by {few}"}
            if (few := outgrown(gate.ruleset.rules))
            else {}
        ),
        **({"streams are ended late": f"by {late}"} if (late := gate.ruleset.stopped_late()) else {}),
        **({"encodings in streams are seen": late} if (late := seen_late(gate.ruleset.rules)) else {}),
        **({"expired exceptions": ", ".join(expired)} if expired else {}),
        "cache": f"{config.cache.mode}, {_place(config.cache.store)}" if config.cache.mode != "off" else "off",
        **({"semantic cache": f"off: {off}" if off else "passes its test"} if config.cache.mode == "semantic" else {}),
        "log": config.log.store if config.log else "none",
        **_unwritable(loaded),
    }
    reached = asyncio.run(reach(loaded)) if ask else {}
    return {
        "summary": summary | {f"{name}: asked": said for name, (_, said) in reached.items()},
        "failed_tests": failed,
        "semantic_off": off,
        "unreachable": [name for name, (answered, _) in reached.items() if not answered],
    }


def _unwritable(loaded: Loaded) -> dict[str, str]:
    """Files that a gate that runs here as who asks could not write. None is made, and a gate may run elsewhere."""
    config, vault = loaded.config, loaded.config.guardrails.vault
    stores: list[tuple[str, Address]] = [(config.log.store, ("log", "store"))] if config.log else []
    stores += [(config.cache.store, ("cache", "store"))] if config.cache.mode != "off" else []
    stores += [(vault.store, ("guardrails", "vault", "store"))] if vault else []
    files = {at: loaded.path(store.removeprefix("sqlite:"), at) for store, at in stores if store.startswith("sqlite:")}
    found = (f"{show(at)}: {shorten(str(path), 200)}" for at, path in files.items() if not writable(path))
    return {"cannot be written here": told} if (told := ", ".join(found)) else {}


def _place(store: str) -> str:
    """A store's address without what a URL may hold beside it: a user, a password, parameters."""
    found = urlsplit(store)
    return f"{found.scheme}://{found.netloc.rpartition('@')[2]}{found.path}" if found.netloc else store


def _keys(keys: Keys) -> str:
    """The callers that are known, and whether others are served."""
    named = ", ".join(map(_key, keys.known))
    return (named or "none known") + ("; no others are served" if keys.require else "")


def _key(known: KnownKey) -> str:
    ended = known.named().expired(datetime.now(UTC).date())
    said = [known.team or "", f"expired on {known.until}" if ended else f"until {known.until}" if known.until else ""]
    return f"{known.name} ({', '.join(filter(None, said))})" if any(said) else known.name


def _priced(loaded: Loaded) -> set[str]:
    catalogue = make_catalogue(loaded)
    catalogue.start()
    return catalogue.priced()


@in_words()
def scan(
    text: str, config: Path | None, files: list[str], scope: str, loading: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Findings in a text, and the text as it would go on (None when it would be blocked), for a caller without a key:
    exceptions for everybody hold, and conditions are left aside. `loading` is told what is loaded for the rules."""
    found = scan_text(_ruleset(config, files, loading), text, _scope(scope), Facts())
    return {
        "findings": [
            {"rule": f.rule, "action": f.action, "label": f.label, "start": f.start, "end": f.end, "score": f.score}
            | {"view": f.view}
            for f in found.findings
        ],
        "blocked": found.text is None,
        "text": found.text,
    }


@in_words()
def scan_paths(
    path: Path,
    config: Path | None,
    files: list[str],
    scope: str,
    log: Path | None,
    step: Callable[[int], None],
    loading: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The same for a file or what is below a folder, by file and line; also written to `log` as SARIF.

    `step` is told the number of files at each of them. Raises ConfigError.
    """
    ruleset, wanted = _ruleset(config, files, loading), _scope(scope)
    paths, closed = files_below(path) if path.is_dir() else ([path], [])
    seen = scan_files(ruleset, paths, wanted, lambda: step(len(paths)))
    if (seen.skipped or seen.unread) and not path.is_dir():
        raise ConfigError("no text of up to 4 MiB that can be read", file=str(path))
    base = Path.cwd()
    found = list(rows(seen.results, base))
    unread = [*closed, *seen.unread]
    unseen = sorted([*((each, UNREAD) for each in unread), *seen.gaps])
    gaps = [{"file": named(each, base), "reason": reason} for each, reason in unseen]
    if log is not None:
        write(log, json.dumps(sarif(ruleset, found, gaps), indent=1))
    return {
        "findings": found,
        "files": len(paths),
        "skipped": seen.skipped,
        "unread": len(unread),
        "not_evaluated": gaps,
        "blocked": seen.blocked > 0,
    }


def _scope(name: str) -> Scope:
    if name not in list(Scope):
        raise ConfigError(f'there is no scope "{name[:40]}"', hint=nearest(name, list(Scope)) or ", ".join(Scope))
    return Scope(name)


def _ruleset(config: Path | None, files: list[str], loading: Callable[[str], None]) -> Ruleset:
    """The rules named, else those of the configuration, else, when none is named or there, the shipped ones; started.

    Raises ConfigError for a configuration that is named and not there, and for one without rules: nothing would be
    found in anything.
    """
    if config is not None and not config.exists():
        raise ConfigError("there is no such file", file=str(config), hint="without --config the shipped rules are used")
    config = config or DEFAULT
    if files or not config.exists():
        if not files:
            log.info("no %s here: these are the shipped rules, %s", config, ", ".join(SHIPPED))
        ruleset = hand_models(load_ruleset(files or SHIPPED, Path.cwd()))
    else:
        loaded = load_config(config)
        ruleset = load_ruleset(loaded.config.guardrails.files, loaded.folder, loaded.tree)
        if not ruleset.rules:
            hint = "list some under guardrails.files, or name some with --rules"
            raise ConfigError("there are no rules in this configuration", file=str(config), hint=hint)
        hand_models(ruleset, lambda: make_encoder(loaded))
    ruleset.start(loading)
    return ruleset
