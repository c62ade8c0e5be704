"""The pages that are written from the code say what the code says."""

from pathlib import Path

from tidegate.serve.reference import reference

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_configuration_page_is_up_to_date() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert page == reference(), "run: python -m tidegate.serve.reference > docs/configuration.md"


def test_every_setting_is_on_the_page() -> None:
    assert "None" not in reference()
