"""The pages that are written from the code say what the code says."""

from pathlib import Path

from tidegate.serve.config.reference import reference

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_configuration_page_is_up_to_date() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert page == reference(), "run: python -m tidegate.serve.config.reference > docs/configuration.md"


def test_every_setting_has_a_meaning_or_a_table_of_its_own() -> None:
    for line in reference().splitlines():
        if line.startswith("| `") and line.endswith("|  |"):
            assert "see" in line or "required" in line, line
