"""That changed rules are not in force is to be seen without reading a log."""

from pathlib import Path
from typing import Any

RULES = "version: 1\nrules: [{id: a, detect: {keywords: [falcon]}, action: %s}]"


async def test_refused_rules_are_told_in_the_metrics_until_they_are_mended(support: Any, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES % "block")
    config = "version: 1\nproviders: {up: {kind: openai, api_key: k}}\nguardrails: {files: [rules.yaml], reload: off}"
    gate = support.Gate(support.parse_config(config, file="gate.yaml", folder=tmp_path))

    def told() -> bool:
        text = gate.metrics_text().decode()
        assert "tidegate_rules_refused " in text
        return "tidegate_rules_refused 1.0" in text

    assert not told()
    for action, refused in (("blok", True), ("blok", True), ("flag", False)):
        file.write_text(RULES % action)
        await gate.reload()
        assert told() is refused
