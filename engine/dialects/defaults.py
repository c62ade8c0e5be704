"""Values that say what holds anyway: who gives one asks the same as who leaves it out. Data, and what takes it away.

Sources: the API references of OpenAI (chat completions, completions, responses), Anthropic (messages) and Google
(generateContent). Listed is only what is the default of every model at every host that speaks the dialect. Left out are
a temperature of 1, penalties of 0 and efforts, which hosts and models set as they like; `parallel_tool_calls: true` and
`top_logprobs: 0`, which some models refuse; and `responseModalities: ["TEXT"]`, which models of pictures go by.
"""

from collections.abc import Mapping
from typing import Any, cast

from .openai_common import dicts

CHAT: Mapping[str, Any] = {
    "n": 1,
    "logprobs": False,
    "logit_bias": {},
    "modalities": ["text"],
    "response_format": {"type": "text"},
}
COMPLETIONS: Mapping[str, Any] = {"n": 1, "best_of": 1, "echo": False, "logit_bias": {}}
RESPONSES: Mapping[str, Any] = {
    "background": False,
    "include": [],
    "metadata": {},
    "service_tier": "auto",
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "truncation": "disabled",
}
"""What a response repeats of them it repeats either way."""
CHAT_WITH_TOOLS: Mapping[str, Any] = {"tool_choice": "auto"}
MESSAGES_WITH_TOOLS: Mapping[str, Any] = {"tool_choice": {"type": "auto"}}
"""What holds where there are tools; without any it may be an error."""
GEMINI: Mapping[str, Any] = {"generationconfig": {}, "tools": [], "safetysettings": [], "toolconfig": {}}
GEMINI_CONFIG: Mapping[str, Any] = {
    "candidatecount": 1,
    "responsemimetype": "text/plain",
    "responselogprobs": False,
    "stopsequences": [],
}
"""Names as `plain_name` has them. An empty list or message of protobuf is one that is not there."""


def undefaulted(frame: Mapping[str, Any], known: Mapping[str, Any], with_tools: Mapping[str, Any]) -> dict[str, Any]:
    """A frame less the fields whose value is the default of that name; `with_tools` counts where tools are given."""
    defaults = {**known, **with_tools} if frame.get("tools") else known
    return {name: value for name, value in frame.items() if not (name in defaults and _same(value, defaults[name]))}


def _same(value: Any, default: Any) -> bool:
    """Equal, and of one type all through: `logprobs: 0` is no `false`."""
    if type(value) is not type(default):
        return False
    if isinstance(default, dict):
        there, wanted = cast("dict[str, Any]", value), cast("dict[str, Any]", default)
        return there.keys() == wanted.keys() and all(_same(there[name], wanted[name]) for name in wanted)
    return bool(value == default)


def unmarked(value: Any) -> Any:
    """Blocks of Anthropic's, or tools, without their marks for the provider's own cache, which change no answer. A
    string is short for one block of text."""
    if isinstance(value, str):
        return [{"type": "text", "text": value}]
    blocks = dicts(value)
    if not isinstance(value, list) or len(blocks) != len(cast("list[Any]", value)):
        return cast("Any", value)
    return [{name: each for name, each in block.items() if name != "cache_control"} for block in blocks]
