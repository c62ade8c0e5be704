"""Presidio's recognisers, run without its engine and its language model: for kinds that our own table does not have,
and for every kind that a rule with `engine: presidio` names.

Each is a pattern with a validator, or phonenumbers; its context words add to the score. Loading Presidio takes seconds
and some hundred megabytes, so that happens only when a rule needs it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from ....engine.errors import ConfigError
from ....engine.ports import Finding
from ....engine.yamlfile import nearest
from ... import patience
from ..overlaps import resolve
from ..why import Why
from .kinds import worded

_FURTHER = """
CA_POSTAL_CODE DE_BSNR DE_FUEHRERSCHEIN DE_HANDELSREGISTER DE_HEALTH_INSURANCE DE_ID_CARD DE_KFZ DE_LANR DE_PASSPORT
DE_PLZ DE_TAX_NUMBER DE_VAT_ID ES_PASSPORT IN_PASSPORT IN_VEHICLE_REGISTRATION IN_VOTER IT_DRIVER_LICENSE
IT_IDENTITY_CARD IT_PASSPORT IT_VAT_CODE KR_BRN KR_DRIVER_LICENSE KR_FRN KR_PASSPORT NG_NIN NG_VEHICLE_REGISTRATION
PH_PASSPORT PH_TIN PH_UMID SE_ORGANISATIONSNUMMER SG_UEN TR_LICENSE_PLATE UK_PASSPORT UK_POSTCODE
UK_VEHICLE_REGISTRATION US_CLAIM_NUMBER US_HEALTH_INSURANCE_MEMBER_ID US_PRESCRIPTION_NUMBER
US_PRIOR_AUTHORIZATION_NUMBER US_PROVIDER_TAX_ID US_REFERRAL_NUMBER UUID ZA_COMPANY_REGISTRATION ZA_DRIVER_LICENSE
ZA_INCOME_TAX_NUMBER ZA_LICENSE_PLATE ZA_PASSPORT ZA_TRAFFIC_REGISTER_NUMBER ZA_VAT_NUMBER
"""
FURTHER = tuple(_FURTHER.split())
_LONG = {"EMAIL_ADDRESS": 330, "URL": 2_010, "CRYPTO": 100}
SPAN = 64
"""The longest value of the other kinds."""
NEAR = 60
BOOST = 0.35
"""Presidio's own, in its context enhancer."""
WITH_WORD = 0.5
"""The least score of a value with a word of its context near. Presidio's own is 0.4, but its usual threshold is none:
with less, kinds whose patterns say little would never be found at ours."""

Refuse = Callable[[int, str, str], ConfigError]
"""The number of the type, a message and a hint to an error with the line of the rule."""


def plainly(_: int, message: str, hint: str) -> ConfigError:
    return ConfigError(message, hint=hint)


class Presidio:
    """Runs some of Presidio's recognisers. Slow: about 0.1 ms each for 40 words."""

    def __init__(self, types: Sequence[str], min_score: float, refuse: Refuse = plainly) -> None:
        self._least = min_score
        self._types = tuple(types)
        self._refuse = refuse
        self._loaded: list[tuple[str, Any, re.Pattern[str] | None]] = []
        self._span = max(_LONG.get(name, SPAN) for name in types)
        self.context = self.hold = NEAR + self._span

    @property
    def ready(self) -> bool:
        return bool(self._loaded)

    def start(self) -> None:
        """Load the recognisers. Raises ConfigError when there is none for a type, or none that scores enough."""
        if self._loaded:
            return
        loaded: list[tuple[str, Any, re.Pattern[str] | None]] = []
        for index, name in enumerate(self._types):
            made = recognisers().get(name)
            if made is None:
                hint = (
                    nearest(name, [*recognisers()]) or "leave out `engine` for our own detectors, or see docs/rules.md"
                )
                raise self._refuse(index, f"the installed presidio-analyzer has no pattern for {name}", hint)
            if (best := best_score(made)) < self._least:
                raise self._refuse(
                    index,
                    f"min_score is {self._least:g}, and no {name} scores more than {best:g}: none would be found",
                    "",
                )
            loaded.append((name, made, _words(made)))
        self._loaded = loaded

    def find(self, text: str, start: int) -> list[Finding]:
        found = [each for each in self._scored(text) if each.score >= self._least]
        return [finding for finding in resolve(found) if finding.start >= start]

    def whys(self, text: str) -> list[Why]:
        """Everything that has the form of a type, and what it scores."""
        return [
            Why(each.start, each.end, each.label, each.score, self._least, "by Presidio") for each in self._scored(text)
        ]

    def _scored(self, text: str) -> Iterator[Finding]:
        self.start()
        for name, recogniser, words in self._loaded:
            patience.check()
            for result in recogniser.analyze(text, [name]) or ():
                begin, end, score = int(result.start), int(result.end), float(result.score)
                if words and words.search(text, max(0, begin - NEAR), end + NEAR):
                    score = min(1.0, max(score + BOOST, WITH_WORD))
                yield Finding(begin, end, name, score)

    def open_from(self, text: str) -> int:
        return max(0, len(text) - self._span - NEAR)


def best_score(recogniser: Any) -> float:
    """The score that nothing it finds exceeds."""
    alone = max((float(pattern.score) for pattern in getattr(recogniser, "patterns", ())), default=0.0)
    alone = max(alone, float(getattr(recogniser, "SCORE", 0.0)))
    from presidio_analyzer import PatternRecognizer

    checks: Any = getattr(recogniser.__class__, "validate_result", PatternRecognizer.validate_result)
    if checks is not PatternRecognizer.validate_result:
        return 1.0
    return min(1.0, max(alone + BOOST, WITH_WORD)) if recogniser.context else alone


def _words(recogniser: Any) -> re.Pattern[str] | None:
    words = [re.escape(str(word).strip()) for word in recogniser.context or ()]
    return worded("|".join(words)) if words else None


@cache
def recognisers() -> Mapping[str, Any]:
    """Presidio's recognisers that need no model and no service, by type. Raises ConfigError without Presidio."""
    try:
        import presidio_analyzer.predefined_recognizers as shipped
        from presidio_analyzer import PatternRecognizer
    except ImportError as error:
        raise ConfigError(
            f"Presidio's recognisers cannot be loaded: {error}", hint="pip install presidio-analyzer"
        ) from None

    plain: Any = (PatternRecognizer, shipped.PhoneRecognizer)
    found: dict[str, Any] = {}
    for each in vars(shipped).values():
        candidate: Any = each
        if isinstance(each, type) and candidate is not PatternRecognizer and issubclass(candidate, plain):
            made = candidate()
            for name in made.supported_entities:
                found.setdefault(name, made)
    return MappingProxyType(found)
