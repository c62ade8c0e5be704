"""Another gateway's configuration as ours, and line by line what could not be carried over: `tidegate import`."""

import re
from pathlib import Path
from typing import Any, cast

from ...engine.errors import ConfigError
from ...engine.yamlfile import Located, load_yaml
from ..config.callers import SHORTEST
from ..config.gate_yaml import parse_config
from .draft import Draft
from .litellm import from_litellm
from .portkey import from_portkey, snake

_ENV = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def imported(path: Path) -> Draft:
    """Read LiteLLM's proxy configuration or a Portkey config, whichever it is. Raises ConfigError."""
    tree = load_yaml(path)  # JSON is YAML
    draft = _read(tree)
    try:
        parse_config(_ENV.sub("x" * SHORTEST, draft.text()), file="gate.yaml", folder=path.parent)
    except ConfigError as error:
        raise ConfigError(f"what came of it is no valid gate.yaml: {error}", file=str(path)) from None
    return draft


def _read(tree: Located) -> Draft:
    data: dict[str, Any] = cast("dict[str, Any]", tree.data) if isinstance(tree.data, dict) else {}
    if "model_list" in data:
        return from_litellm(tree, data)
    if snake(data).keys() & {"targets", "strategy", "provider", "virtual_key"}:
        return from_portkey(tree, data)
    raise tree.error(
        "this is neither LiteLLM's configuration nor Portkey's",
        hint="the one has a model_list, the other a provider, or a strategy and targets",
    )
