"""Where code begins and ends in what models write: fences in lists and quotations, and lists that are no code."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.yamlfile import Located
from tidegate.guardrails.detectors.base import Context, find_from
from tidegate.guardrails.detectors.code import Code

CODE = Code.from_config("any", Context(Located(None, "rules.yaml"), (), "CODE"))

FENCED = [
    ("1. Build:\n\n    ```bash\n    make\n    ```\n\nDone", "    ```bash\n    make\n    ```"),
    ("- a\n  - b\n\n      ```python\n      print(1)\n      ```\n", "      ```python\n      print(1)\n      ```"),
    ("- ```sh\n  make\n  ```\n- b", "- ```sh\n  make\n  ```"),
    ("> ```sh\n> make\n> ```\n> so", "> ```sh\n> make\n> ```"),
    ("```yaml\nrun:\n- ```\n> ```\nkey: 1\n```\nso", "```yaml\nrun:\n- ```\n> ```\nkey: 1\n```"),
    ("> - ```sh\n>   make\n>   ```\n> so", "> - ```sh\n>   make\n>   ```"),
    (
        "```py\ndef f():\n    '''\n    ```\n    f()\n    ```\n    '''\n```\nso",
        "```py\ndef f():\n    '''\n    ```\n    f()\n    ```\n    '''\n```",
    ),
]


@pytest.mark.parametrize(("text", "block"), FENCED)
def test_a_fenced_block_is_found_in_lists_and_quotations(text: str, block: str) -> None:
    assert [text[each.start : each.end] for each in CODE.find(text)] == [block]


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 80), max_size=8))
def test_so_it_is_in_pieces(cuts: list[int]) -> None:
    for text, _ in FENCED:
        assert _in_pieces(CODE, text, cuts) == [(each.start, each.end) for each in CODE.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "- Name: Jane\n- Age: 30\n- City: Berlin",
        "Plan:\n- Breakfast: eggs\n- Lunch: soup\n- Dinner: fish\n",
    ],
)
def test_what_a_list_says_of_things_is_no_code(text: str) -> None:
    assert CODE.find(text) == []


def test_a_list_in_a_configuration_is_code() -> None:
    assert len(CODE.find("- name: web\n  image: nginx\n- name: db\n  image: postgres\n")) == 1


def _in_pieces(detector: Any, text: str, cuts: list[int]) -> list[tuple[int, int]]:
    """Finds as a stream settles them."""
    out: list[tuple[int, int]] = []
    settled = 0
    for end in [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]:
        safe = max(settled, len(text) if end == len(text) else detector.open_from(text[:end]))
        out += [(each.start, each.end) for each in find_from(detector, text[:end], settled) if each.end <= safe]
        settled = safe
    return out
