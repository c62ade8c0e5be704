"""The language of a text: which are allowed, or which are not.

Scripts are told exactly, from the letters; languages by n-grams with py3langid (97 languages, a Naive Bayes model in
the package, nothing is fetched). Short texts are guesses: under `min_letters` letters only the script counts, from
some letters on also as one that no allowed language is written in, and a language counts from `min_score` on.
Source: Lui and Baldwin 2012, langid.py.
"""

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.ports import Finding
from .base import Context

READ = 4000
"""Characters of a text that are looked at; more says nothing new."""
SCRIPTS = {
    "latin": "LATIN", "cyrillic": "CYRILLIC", "greek": "GREEK", "arabic": "ARABIC", "hebrew": "HEBREW",
    "devanagari": "DEVANAGARI", "bengali": "BENGALI", "tamil": "TAMIL", "telugu": "TELUGU", "thai": "THAI",
    "georgian": "GEORGIAN", "armenian": "ARMENIAN", "hangul": "HANGUL", "kana": "HIRAGANA KATAKANA", "han": "CJK",
}  # fmt: skip
_WRITTEN = {
    "cyrillic": "az be bg bs kk ku ky mk mn ru sr tg tk tt uk uz", "greek": "el",
    "arabic": "ar az fa ha kk ku ky ms pa ps so sw tg ug ur uz", "hebrew": "he", "devanagari": "hi mr ne sa",
    "bengali": "as bn", "tamil": "ta", "telugu": "te", "thai": "th", "georgian": "ka", "armenian": "hy",
    "hangul": "ko", "kana": "ja", "han": "ja ko vi zh",
}  # fmt: skip
"""Languages that are, or were, written in a script."""
_LETTERS, _SYLLABLES = 8, 4
"""Letters of a script from which on it is no name or formula in a text of another; fewer where one is a syllable."""
_LETTER = re.compile(r"[^\W\d_]")
_CODED = re.compile(r"[A-Za-z0-9+/=_.-]{32,}")
_DRAWN = re.compile(r"[a-z][A-Z0-9]|[0-9][A-Za-z]")
"""Signatures, keys and the like are in no language: what is no word changes between small and capital, or has digits
among its letters."""
_CHANGES = 4
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


Refuse = Callable[[str, str], ConfigError]
"""An error about a language that is named, in words."""


def _plainly(_: str, told: str) -> ConfigError:
    return ConfigError(told)


class Language:
    """Finds texts in a language or script that is not wanted, whole."""

    kind = "language"
    version = "3"
    slow = True
    resumes = True
    context = None

    def __init__(self, config: LanguageConfig, label: str, refuse: Refuse = _plainly) -> None:
        """`refuse` makes an error of a language that the model lacks, and why."""
        self._config = config
        self._refuse = refuse
        self._named = frozenset(config.allow or config.deny)
        self._languages = bool(self._named - set(SCRIPTS))
        self.label = label
        self.hold: int | None = None

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Language":
        settings = context.parse(LanguageConfig, config, hint="language: {allow: [en]}, or deny")
        for key, names in (("allow", settings.allow), ("deny", settings.deny)):
            for index, name in enumerate(names):
                if name not in SCRIPTS and not re.fullmatch("[a-z]{2}", name):
                    near = get_close_matches(name, SCRIPTS, 1, 0.75)
                    hint = f'did you mean "{near[0]}"?' if near else "languages are two letters: en, de, zh"
                    raise context.error(f'unknown language or script "{name[:40]}"', (key, index), hint=hint)
        named = {name: (key, at) for key in ("allow", "deny") for at, name in enumerate(getattr(settings, key))}
        return cls(settings, context.label, lambda name, told: context.error(told, named[name]))

    @property
    def ready(self) -> bool:
        return not self._languages or _model.cache_info().currsize > 0

    def start(self) -> None:
        """Load the model. Raises ConfigError when it is missing, or does not know a language."""
        if self._languages:
            known = set(_model().labels)
            if strange := sorted(self._named - set(SCRIPTS) - known):
                raise self._refuse(strange[0], f"the language model does not know {', '.join(strange)}")

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if start or not text:
            return []
        score = self._unwanted(text[:READ])
        return [Finding(0, len(text), self.label, score)] if score else []

    def open_from(self, text: str) -> int:
        return 0 if len(text) < READ or self._unwanted(text[:READ]) else len(text)

    def _unwanted(self, text: str) -> float:
        """How sure it is that the text is not wanted; 0 when it may pass."""
        text = _CODED.sub(_worded, text)
        letters = _LETTER.findall(text)
        if not letters:
            return 0.0
        script, share = script_of(letters)
        if script in self._named:
            return 0.0 if self._config.allow else share
        if not self._languages:
            return share if self._config.allow else 0.0
        if share >= self._config.min_score and self._foreign(script, len(letters)):
            return share
        if len(letters) < (self._config.min_letters if script in ("latin", "cyrillic", "arabic") else 4):
            return 0.0
        language, score = language_of(text)
        wanted = language in self._named if self._config.allow else language not in self._named
        return 0.0 if wanted or score < self._config.min_score else score

    def _foreign(self, script: str, letters: int) -> bool:
        """Whether so many letters are of a script that no allowed language is written in."""
        least = _SYLLABLES if script in ("kana", "han", "hangul") else _LETTERS
        languages = _WRITTEN.get(script, "").split()
        return bool(self._config.allow and languages) and letters >= least and self._named.isdisjoint(languages)


def _worded(run: re.Match[str]) -> str:
    """A run of letters and digits, or a blank where they were drawn."""
    drawn = sum(1 for _ in _DRAWN.finditer(run[0]))
    return " " if drawn >= _CHANGES and drawn * 5 >= len(run[0]) else run[0]


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
