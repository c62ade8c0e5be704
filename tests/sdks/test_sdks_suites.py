"""A part of the official SDKs' own test suites passes through the gate as it does without it. All of them:
`python -m benchmarks.sdks`."""

import pytest

from tidegate.benchmarks.sdks import suite
from tidegate.benchmarks.sdks.__main__ import compare, differing

PARTS = {
    "openai": (
        "chat/test_completions.py",
        "test_embeddings.py",
        "test_files.py",
        "test_models.py",
        "test_responses.py",
    ),
    "anthropic": ("test_messages.py", "test_models.py", "messages/test_batches.py"),
}


@pytest.mark.skipif(not suite.prepared(), reason="the suites are not here: python -m benchmarks.sdks prepare")
@pytest.mark.parametrize("sdk", PARTS)
def test_the_sdks_own_tests_pass_through_the_gate_as_they_do_without_it(sdk: str) -> None:
    direct, gated, mock = compare(sdk, [f"{suite.RESOURCES}/{part}" for part in PARTS[sdk]], 0, "strict and not Async")
    assert len(direct) >= 40
    assert [name for name, state in direct.items() if state == "failed"] == []
    assert differing(direct, gated) == []
    assert mock.unknown == []
