"""The cache's section of `gate.yaml`."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from .section import Name, Section
from .units import Bytes, Seconds

if TYPE_CHECKING:
    from .gate_yaml import Loaded


class Bypass(Section):
    time_sensitive: bool = Field(
        default=True,
        description="Leave questions to the model whose answer changes by the day: today, the weather, the price of "
        "gold, the latest version, in some thirty languages.",
    )
    words: list[Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]] = Field(
        default=[], max_length=1000, description="The same for questions with one of these words or phrases in them."
    )
    sampling: bool = Field(
        default=True,
        description="The same for requests with a temperature over 1, or for several choices, without a seed.",
    )


StoreUrl = Annotated[str, AfterValidator(lambda written: "memory:" if written == "memory" else written)]


class Cache(Section):
    mode: Literal["off", "exact", "semantic"] = Field(default="off", description="What may be answered from memory.")
    store: StoreUrl = Field(
        default="memory:",
        description="memory:, sqlite:PATH, redis://HOST:PORT/DB or rediss://; with ?recall=server a Redis that can "
        "search vectors does so for all nodes.",
    )
    ttl: Seconds = Field(default=86400.0, gt=0, description="A duration: how long an answer is good for.")
    share: Literal["key", "team", "all"] = Field(
        default="key", description="Who may share an answer. Under team, a caller without one shares with nobody."
    )
    max_wrong_hits: float = Field(
        default=0.01,
        gt=0,
        le=0.5,
        description="Bound on the share of semantic hits that answer another question, as audits and users find it in "
        "a scope's own traffic; what a scope begins with is set by hand-written traps (docs/cache.md, The bound).",
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="The verifier's probability from which on a near question is answered, in place of its own table "
        "for max_wrong_hits; `tidegate cache tune` measures it on your pairs. The bound holds all the same.",
    )
    audit: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Share of semantic hits after which the model is asked all the same and the answers are compared; "
        "of a scope's first hits more. 0: never, and then only users' words and misses teach.",
    )
    shared_after: int = Field(
        default=2,
        ge=1,
        le=10,
        description="With share: team or all, how many callers must have had the same answer from the model themselves "
        "before others are given it. 1: shared at once.",
    )
    pace: float | None = Field(
        default=None,
        ge=50,
        le=1_000_000,
        description="Characters a second at which an answer from memory is streamed, the first of its text at once. "
        "Left out, all of it is. Answers that are not streamed leave at once.",
    )
    bypass: Bypass = Field(default=Bypass(), description="What is neither answered from memory nor kept.")
    fallbacks: bool = Field(default=False, description="Also keep answers of a model that a route fell back to.")
    max_entries: int = Field(default=100_000, ge=1, description="Entries kept; the least recently used go first.")
    max_bytes: Bytes = Field(default=256_000_000, ge=1, description="Bytes kept, all entries together.")
    max_entry: Bytes = Field(default=1_000_000, ge=1, description="An answer larger than this is not stored.")
    encoder: Name = Field(default="all-MiniLM-L6-v2", description="A model prepared with `tidegate models prepare`.")
    verifier: Literal["model", "small", "words"] = Field(
        default="model",
        description="Who has the last word on a near question. `model`: networks that know rewordings, a small one "
        "where it is sure and else a deep one. `small`: the small one alone, four times as fast, which finds fewer. "
        "`words`: word rules alone, which take microseconds and find fewer still.",
    )


def check_cache(loaded: "Loaded") -> None:
    """A section that says it is off may keep its settings; others have none without effect."""
    section = loaded.config.cache
    # Rules about topics have their encoder from here, and need no answers in memory for it.
    alone = [name for name in type(section).model_fields if name in section.model_fields_set - {"encoder"}]
    if "mode" not in section.model_fields_set and alone:
        raise loaded.error(
            f"`{alone[0]}` does nothing without a mode", ("cache", alone[0]), hint="mode: exact or semantic"
        )
    routes = loaded.config.routes
    # With `compat`, requests may name fallbacks of their own.
    if section.mode != "off" and section.fallbacks and not (loaded.config.compat or any(r.fallback for r in routes)):
        raise loaded.error(
            "`fallbacks` does nothing where no route has a `fallback`", ("cache", "fallbacks"), hint="leave it out"
        )
    for name in ("max_wrong_hits", "encoder", "verifier", "threshold", "audit"):
        if section.mode == "exact" and name in section.model_fields_set:
            raise loaded.error(
                f"`{name}` does nothing in mode exact", ("cache", name), hint="set mode: semantic, or leave it out"
            )
    if section.mode == "exact" and "recall=server" in section.store.partition("?")[2].split("&"):
        raise loaded.error(
            "`recall=server` does nothing in mode exact", ("cache", "store"), hint="set mode: semantic, or leave it out"
        )
    if section.mode != "off" and section.share == "key" and "shared_after" in section.model_fields_set:
        raise loaded.error(
            "`shared_after` does nothing where each caller has answers of its own",
            ("cache", "shared_after"),
            hint="set share: all, or leave it out",
        )
