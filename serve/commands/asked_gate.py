"""What a gate that runs says of itself: its `/metrics`, read by `tidegate cache stats --gate`."""

from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from ...engine.errors import ConfigError

WAIT_SECONDS = 5.0
_BY_NAME = {
    "tidegate_cache_bypass": "bypass",
    "tidegate_cache_not_stored": "not_stored",
    "tidegate_cache_events": "events",
    "tidegate_cache_background": "background",
}


def asked_gate(url: str) -> dict[str, Any]:
    """What its cache did since it started: lookups by step, with seconds; what was left to the model and not kept, by
    reason; what else happened, and work that was not done. Raises ConfigError when there is no gate that answers, or
    none with a cache."""
    try:
        got = httpx2.get(f"{url.rstrip('/')}/metrics", timeout=WAIT_SECONDS)
        got.raise_for_status()
        families = list(text_string_to_metric_families(got.text))
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise ConfigError(f"no gate answers at --gate: {type(error).__name__}", hint="http://127.0.0.1:8787") from None
    steps: dict[str, dict[str, Any]] = {}
    found: dict[str, Any] = {"steps": steps, **{name: {} for name in _BY_NAME.values()}}
    for sample in (sample for family in families for sample in family.samples):
        labels, value = sample.labels, sample.value
        if sample.name == "tidegate_cache_steps":
            steps.setdefault(labels["step"], {})[labels["outcome"]] = int(value)
        elif sample.name == "tidegate_cache_step_seconds":
            steps.setdefault(labels["step"], {})["seconds"] = round(value, 4)
        elif sample.name in _BY_NAME:
            found[_BY_NAME[sample.name]][" ".join(labels.values())] = int(value)
    if not steps:
        raise ConfigError("the gate at --gate answers nothing from memory", hint="set cache.mode there")
    return found
