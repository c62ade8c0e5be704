"""The reference of `gate.yaml`, from its own descriptions: python -m tidegate.serve.config.reference."""

import sys
from typing import Any, cast

from ...models.providers.presets import PRESETS
from .gate_yaml import Config

_INTRO = """\
# gate.yaml

Every setting with its meaning and default. An unknown key, an impossible value or a setting that would do nothing is an
error at start, with file, line and column; up to 20 are told at once. `${NAME}` stands for the environment variable
NAME, which must be set; where a number or a boolean is meant, its text is read as one. No other form is:
`${NAME:-default}` anywhere is an error, and so is `$NAME` as a credential. Durations are written `500ms`, `90s`, `15m`,
`24h`, `30d`, sizes `512KB`, `256MB`, `2GiB`; a number alone is seconds or bytes. Paths are relative to the file's
folder.

`tidegate check` tells whether a file is right and what it comes to; `tidegate check --schema` prints its JSON Schema,
for completion in an editor. This page is written from the same source.
"""

_TITLES = {
    "Listen": "listen",
    "OpenAIProvider": "providers.NAME, kind: openai",
    "PresetProvider": "providers.NAME, kind: PRESET",
    "AzureProvider": "providers.NAME, kind: azure",
    "LlamaProvider": "providers.NAME, kind: llama",
    "AnthropicProvider": "providers.NAME, kind: anthropic",
    "BedrockProvider": "providers.NAME, kind: bedrock",
    "AwsCredentials": "providers.NAME.aws",
    "GeminiProvider": "providers.NAME, kind: gemini",
    "InstalledProvider": "providers.NAME, an installed kind",
    "WeightedKey": "providers.NAME.api_keys[]",
    "Timeouts": "providers.NAME.timeouts",
    "Route": "routes[]",
    "When": "routes[].when",
    "Tokens": "routes[].when.tokens",
    "Target": "routes[].to[], fallback[]",
    "Fallback": "routes[].fallback, by class",
    "Retries": "routes[].retries",
    "Mirror": "routes[].mirror",
    "Breaker": "breaker",
    "Model": "models.NAME",
    "Guardrails": "guardrails",
    "Vault": "guardrails.vault",
    "Cache": "cache",
    "Bypass": "cache.bypass",
    "Keys": "keys",
    "KnownKey": "keys.known[]",
    "Log": "log",
}


def reference() -> str:
    """The page, in Markdown."""
    whole = Config.model_json_schema()
    sections: dict[str, dict[str, Any]] = whole["$defs"]
    parts = [_INTRO, _table("The file", whole)]
    parts += [_table(title, sections[name]) for name, title in _TITLES.items()]
    missing = set(sections) - set(_TITLES)
    if missing:
        raise ValueError(f"sections without a place on the page: {missing}")
    return "\n".join(parts)


def presets_table() -> str:
    """The table of presets, for docs/providers.md."""
    lines = ["| kind | base URL | speaks | otherwise | documentation |", "|---|---|---|---|---|"]
    for name, preset in PRESETS.items():
        quirks = preset.quirks
        notes = [
            *([f"{{site}}: {preset.site}"] if preset.site else []),
            *([f"only `{quirks.token_limit}`"] if quirks.token_limit else []),
            *([] if quirks.stream_options else ["no `stream_options`"]),
            *([] if quirks.lists else ["no list of models"]),
            *([] if preset.needs_key else ["needs no key"]),
        ]
        speaks = "openai, less Responses" if "openai.chat" in preset.speaks else ", ".join(preset.speaks)
        lines.append(f"| `{name}` | `{preset.base_url}` | {speaks} | {'; '.join(notes)} | {preset.docs} |")
    return "\n".join(lines) + "\n"


def _table(title: str, section: dict[str, Any]) -> str:
    lines = [f"## {title}"]
    if title != "The file" and section.get("description"):
        lines += [section["description"], ""]
    lines += ["| key | values | default | meaning |", "|---|---|---|---|"]
    required = section.get("required", [])
    fields = cast("dict[str, dict[str, Any]]", section["properties"])
    for key, field in sorted(fields.items(), key=lambda item: item[0] != "kind"):
        default = "required" if key in required else _default(field)
        lines.append(f"| `{key}` | {_values(field)} | {default} | {field.get('description', '')} |")
    return "\n".join(lines) + "\n"


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value is None or isinstance(value, dict | list):
        return "none" if value in (None, {}, []) else "see there"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _values(field: dict[str, Any]) -> str:
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " ".join(f"`{value}`" for value in field["enum"])
    if field.get("title") in ("duration", "size"):
        bounds = _bounds(field["anyOf"][0])
        return field["title"] + bounds + (" s" if bounds and field["title"] == "duration" else "")
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_values(option) for option in field["anyOf"] if option.get("type") != "null"))
    if "$ref" in field:
        return "see below"
    kind = str(field.get("type", "see below"))
    return {"array": "list", "object": "mapping"}.get(kind, kind) + _bounds(field)


def _bounds(field: dict[str, Any]) -> str:
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum")
    return f" {low} to {high}" if low is not None and high is not None else f" from {low}" if low is not None else ""


if __name__ == "__main__":
    sys.stdout.write(reference())
