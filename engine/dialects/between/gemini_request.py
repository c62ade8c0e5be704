"""Requests of Gemini's generateContent, read. Source: Gemini API reference, generating content."""

from collections.abc import Mapping
from typing import Any, cast

from ...jsonio import Address, dumps
from .carry import uncarried
from .gemini_contents import Contents
from .gemini_fields import Fields
from .gemini_schema import json_schema
from .talk import Choice, Format, Talk, Text, Tool, Turn

NUMBERS = {
    "temperature": "temperature",
    "top_p": "topP",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
WHOLE = {"top_k": "topK", "max_tokens": "maxOutputTokens", "seed": "seed"}
"""Fields of `generationConfig` that mean the same: neutral name to ours."""
_READ = (
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "safetySettings",
    "model",
    "store",
    "serviceTier",
)
_CONFIG = (
    *NUMBERS.values(),
    *WHOLE.values(),
    "stopSequences",
    "candidateCount",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "responseLogprobs",
    "thinkingConfig",
)
_THINKING = ("includeThoughts", "thinkingBudget", "thinkingLevel")
_SCHEMAS = ("parameters", "parametersJsonSchema")
_RETURNS = ("response", "responseJsonSchema")
_RETURN = "Returns JSON of this schema: "
_UNFILTERED = ("OFF", "BLOCK_NONE", "HARM_BLOCK_THRESHOLD_UNSPECIFIED")
"""Thresholds that ask for no filter, or for the usual one. Other providers have none that could be set."""
_MODES = {"AUTO": "auto", "MODE_UNSPECIFIED": "auto", "ANY": "must", "NONE": "never", "VALIDATED": "auto"}


def read_gemini(body: Mapping[str, Any], model: str, stream: bool) -> Talk:
    """A checked request as a Talk; its model's name is in the path. Raises BadRequest `not_carried`."""
    asked = Fields(body, (), *_READ)
    asked.only("model", model, f"models/{model}")
    asked.only("store", False)
    asked.only("serviceTier", "unspecified", "standard", "SERVICE_TIER_UNSPECIFIED", "STANDARD")
    for setting, place in asked.each("safetySettings"):
        Fields(setting, place, "category", "threshold", "method").only("threshold", *_UNFILTERED)
    values: dict[str, Any] = {}
    places: dict[str, Address] = {}
    _read_config(asked.inner("generationConfig", *_CONFIG), values, places)
    strict = _read_choice(asked.inner("toolConfig", "functionCallingConfig"), values, places)
    turns = [] if "systemInstruction" not in asked else [_read_system(asked)]
    turns += Contents().read(asked.each("contents"))
    tools: list[Tool] = []
    for tool, place in asked.each("tools"):
        declared = Fields(tool, place, "functionDeclarations").each("functionDeclarations")
        tools += [_read_tool(one, at, strict) for one, at in declared]
    return Talk(model, tuple(turns), stream, tuple(tools), places=places, **values)


def _read_system(asked: Fields) -> Turn:
    said = asked.inner("systemInstruction", "role", "parts")
    texts = [
        Text(Fields(part, place, "text").word("text"), place=(*place, "text")) for part, place in said.each("parts")
    ]
    return Turn("system", tuple(texts), said.place)


def _read_config(config: Fields, values: dict[str, Any], places: dict[str, Address]) -> None:
    config.only("candidateCount", 1)
    config.only("responseModalities", ["TEXT"], [])
    config.only("responseLogprobs", False)
    for fields, read in ((NUMBERS, config.number), (WHOLE, config.whole)):
        for name, ours in fields.items():
            if ours in config:
                values[name], places[name] = read(ours), config.at(ours)
    if config.words("stopSequences"):
        values["stop"], places["stop"] = config.words("stopSequences"), config.at("stopSequences")
    config.only("responseMimeType", "text/plain", "application/json")
    schema = _either(config, "responseSchema", "responseJsonSchema")
    if schema is not None or config.get("responseMimeType") == "application/json":
        field = next((name for name in ("responseSchema", "responseJsonSchema") if name in config), "responseMimeType")
        values["format"], places["format"] = Format(schema), config.at(field)
    if "thinkingConfig" in config:
        _read_thinking(config, values, places)


def _read_thinking(config: Fields, values: dict[str, Any], places: dict[str, Address]) -> None:
    """Thoughts are shown if the caller says so, and only then."""
    said = config.inner("thinkingConfig", *_THINKING)
    values["show_thoughts"], places["show_thoughts"] = said.flag("includeThoughts") or False, said.place
    if "thinkingBudget" in said:
        values["budget"], places["budget"] = said.whole("thinkingBudget"), said.at("thinkingBudget")
    level = said.said("thinkingLevel").lower()
    if level and level != "thinking_level_unspecified":
        values["effort"], places["effort"] = level, said.at("thinkingLevel")


def shows_thoughts(body: Mapping[str, Any]) -> bool:
    """Whether a request that was read asks for thoughts."""
    config = Fields(body, (), *_READ).inner("generationConfig", *_CONFIG)
    return config.inner("thinkingConfig", *_THINKING).flag("includeThoughts") or False


def _read_choice(config: Fields, values: dict[str, Any], places: dict[str, Address]) -> bool | None:
    """Whether calls are held to their schemas: in one mode for all tools, which leaves the model free to call none."""
    said = config.inner("functionCallingConfig", "mode", "allowedFunctionNames", "streamFunctionCallArguments")
    said.only("streamFunctionCallArguments", False)
    mode, names = said.said("mode").upper(), said.words("allowedFunctionNames")
    if mode and mode not in _MODES:
        raise uncarried(*said.at("mode"))
    if names and mode not in ("ANY", "VALIDATED"):
        raise uncarried(*said.at("allowedFunctionNames"))
    if mode:
        values["choice"], places["choice"] = Choice(cast(Any, _MODES[mode]), names), said.place
    return True if mode == "VALIDATED" else None


def _read_tool(declared: Any, place: Address, strict: bool | None) -> Tool:
    """What a function returns, for which others have no field, is said in its description."""
    said = Fields(declared, place, "name", "description", "behavior", *_SCHEMAS, *_RETURNS)
    said.only("behavior", "UNSPECIFIED", "BLOCKING")
    description, returns = said.said("description"), _either(said, *_RETURNS)
    if returns is not None:
        description = f"{description}\n{_RETURN}{dumps(returns).decode()}".lstrip()
    return Tool(said.word("name"), description, _either(said, *_SCHEMAS), strict, place)


def _either(said: Fields, own: str, plain: str) -> dict[str, Any] | None:
    """A schema in Gemini's own form, or in that of JSON Schema. Both at once cannot be carried."""
    if own in said and plain in said:
        raise uncarried(*said.at(own))
    if own in said:
        return json_schema(said.get(own), said.at(own))
    if plain in said and not isinstance(said.get(plain), dict):
        raise uncarried(*said.at(plain))
    return cast("dict[str, Any] | None", said.get(plain))
