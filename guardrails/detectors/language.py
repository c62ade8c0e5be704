"""The language of a text: which are allowed, or which are not.

Scripts are told exactly, from the letters; languages by n-grams with py3langid (97 languages, a Naive Bayes model in
the package, nothing is fetched). Short texts are guesses: under `min_letters` letters only the script counts, and a
language counts from `min_score` on. Source: Lui and Baldwin 2012, langid.py.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.ports import Finding
from ...engine.yamlfile import nearest
from .base import Context

READ = 4000
"""Characters of a text that are looked at; more says nothing new."""
SCRIPTS = {
    "latin": "LATIN", "cyrillic": "CYRILLIC", "greek": "GREEK", "arabic": "ARABIC", "hebrew": "HEBREW",
    "devanagari": "DEVANAGARI", "bengali": "BENGALI", "tamil": "TAMIL", "telugu": "TELUGU", "thai": "THAI",
    "georgian": "GEORGIAN", "armenian": "ARMENIAN", "hangul": "HANGUL", "kana": "HIRAGANA KATAKANA", "han": "CJK",
}  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_lock = threading.Lock()


class LanguageConfig(BaseModel):
    """Languages, as ISO 639-1 codes (en, de, zh), and scripts (latin, cyrillic, han, ...)."""

    model_config = ConfigDict(extra="forbid")

    allow: list[str] = Field(default=[], description="Everything else is found.")
    deny: list[str] = Field(default=[], description="These are found.")
    min_letters: int = Field(default=40, ge=1, description="Letters from which on a language is told.")
    min_score: float = Field(default=0.9, ge=0.3, le=1, description="How sure the language must be, 0 to 1.")

    @model_validator(mode="after")
    def _one(self) -> "LanguageConfig":
        if bool(self.allow) == bool(self.deny):
            raise ValueError("language needs either allow or deny")
        return self


class Language:
    """Finds texts in a language or script that is not wanted, whole."""

    kind = "language"
    version = "1"
    slow = True
    resumes = True
    context = None

    def __init__(self, config: LanguageConfig, label: str) -> None:
        self._config = config
        self._named = frozenset(config.allow or config.deny)
        self._languages = bool(self._named - set(SCRIPTS))
        self.label = label
        self.hold: int | None = None

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Language":
        settings = context.parse(LanguageConfig, config)
        for key, names in (("allow", settings.allow), ("deny", settings.deny)):
            for index, name in enumerate(names):
                if name not in SCRIPTS and not re.fullmatch("[a-z]{2}", name):
                    hint = nearest(name, list(SCRIPTS)) or "languages are two letters: en, de, zh"
                    raise context.error(f'unknown language or script "{name[:40]}"', (key, index), hint=hint)
        return cls(settings, context.label)

    @property
    def ready(self) -> bool:
        return not self._languages or _model.cache_info().currsize > 0

    def start(self) -> None:
        """Load the model. Raises ConfigError when it is missing, or does not know a language."""
        if self._languages:
            known = set(_model().labels)
            if strange := sorted(self._named - set(SCRIPTS) - known):
                raise ConfigError(f"the language model does not know {', '.join(strange)}")

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if start or not text:
            return []
        score = self._unwanted(text[:READ])
        return [Finding(0, len(text), self.label, score)] if score else []

    def open_from(self, text: str) -> int:
        return 0 if len(text) < READ or self._unwanted(text[:READ]) else len(text)

    def _unwanted(self, text: str) -> float:
        """How sure it is that the text is not wanted; 0 when it may pass."""
        letters = _LETTER.findall(text)
        if not letters:
            return 0.0
        script, share = script_of(letters)
        if script in self._named:
            return 0.0 if self._config.allow else share
        if not self._languages:
            return share if self._config.allow else 0.0
        if len(letters) < (self._config.min_letters if script in ("latin", "cyrillic", "arabic") else 4):
            return 0.0
        language, score = language_of(text)
        wanted = language in self._named if self._config.allow else language not in self._named
        return 0.0 if wanted or score < self._config.min_score else score


def script_of(letters: Sequence[str]) -> tuple[str, float]:
    """The script of most letters, and their share."""
    counts = Counter(unicodedata.name(letter, "").split(" ", 1)[0] for letter in letters)
    name, count = counts.most_common(1)[0]
    known = next((script for script, names in SCRIPTS.items() if name in names.split()), name.lower())
    return known, count / len(letters)


def language_of(text: str) -> tuple[str, float]:
    """The likeliest language, and its probability among all that the model knows."""
    with _lock:
        language, score = _model().classify(text)
    return str(language), float(score)


@cache
def _model() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        raise ConfigError("languages need the package py3langid", hint="pip install py3langid") from None
    loaded: Any = LanguageIdentifier
    return loaded.from_model_file(MODEL_FILE, norm_probs=True)
