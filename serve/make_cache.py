"""The answer cache as the configuration has it: its store, its encoder and its verifier."""

from collections.abc import Callable

from ..cache.admission import Bypass
from ..cache.background import Background
from ..cache.judged import JudgedVerifier
from ..cache.key import digest
from ..cache.lineage import Lineage
from ..cache.rules.timely import Timely
from ..cache.stage import CacheStage
from ..cache.stores import open_store
from ..cache.verify import LexicalVerifier, Verifier
from ..engine.errors import ConfigError
from ..engine.ports import Embedder
from ..guardrails.guard import ReplyGuard
from ..models.embedding.onnx import load as load_encoder
from ..models.embedding.static import load_static
from ..models.judge import judge
from .config.cache import Cache
from .config.gate_yaml import Loaded


def store_url(loaded: Loaded) -> str:
    """`cache.store`, with a file's path made absolute."""
    url = loaded.config.cache.store
    path = url.removeprefix("sqlite:")
    return url if path == url or not path else f"sqlite:{loaded.path(path, ('cache', 'store'))}"


def make_encoder(loaded: Loaded) -> Embedder:
    """The sentence encoder, for the semantic cache and for rules about topics. Raises ConfigError."""
    try:
        return load_encoder(loaded.config.cache.encoder)
    except ConfigError as error:
        raise loaded.error(str(error), ("cache",)) from None


def make_verifier(section: Cache) -> Verifier:
    """As configured. Raises ConfigError when its model cannot be loaded."""
    return named_verifier(section)[0]


def named_verifier(section: Cache) -> tuple[Verifier, str]:
    """The same with a name that changes whenever its probabilities would."""
    if section.verifier == "words":
        words = LexicalVerifier(fixed=section.threshold)
        return words, "words@" + digest(repr(words.model))[:12]
    network = judge(deep=section.verifier == "model")
    return JudgedVerifier(network, section.max_wrong_hits, fixed=section.threshold), network.id


def make_cache(
    loaded: Loaded, reply_guard: ReplyGuard, encoder: Callable[[], Embedder], key: Callable[[], bytes]
) -> CacheStage | None:
    """None when nothing is answered from memory. Raises ConfigError."""
    section, rule = loaded.config.cache, loaded.config.cache.bypass
    if section.mode == "off":
        return None
    url = store_url(loaded)
    embedder = encoder() if section.mode == "semantic" else None
    static: Embedder | None = None
    verifier: Verifier | None = None
    verifier_id = ""
    try:
        store = open_store(url, section.max_entries, section.max_bytes, key)
        if section.mode == "semantic":
            static = load_static(section.encoder)
            verifier, verifier_id = named_verifier(section)
    except ConfigError as error:
        raise loaded.error(str(error), ("cache",)) from None
    return CacheStage(
        store,
        verifier,
        reply_guard.digest,
        reply_guard.screen,
        mode=section.mode,
        ttl=section.ttl,
        share=section.share,
        embedder=embedder,
        static=static,
        background=Background(),
        max_wrong_hits=section.max_wrong_hits,
        audit=section.audit,
        shared_after=section.shared_after,
        lineage=Lineage(fallbacks=section.fallbacks),
        bypass=Bypass(Timely(rule.words, builtin=rule.time_sensitive), rule.sampling),
        max_entry_bytes=section.max_entry,
        max_vectors=section.max_entries,
        verifier_id=verifier_id,
        secret=key,
        pace=section.pace,
    )
