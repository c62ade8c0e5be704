"""Presidio's recognisers for kinds that our own table does not have, run without its engine and its language model.

Each is a pattern with a validator; its context words add to the score as in our table. Loading Presidio takes seconds
and some hundred megabytes, so that happens only when a rule names one of these kinds.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...engine.errors import ConfigError
from ...engine.ports import Finding

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
SPAN = 64
"""The longest value of these kinds."""
NEAR = 60
BOOST = 0.35
"""Presidio's own, in its context enhancer."""


class Presidio:
    """Runs some of Presidio's pattern recognisers. Slow: about 0.1 ms each for 40 words."""

    context = NEAR + SPAN
    hold = NEAR + SPAN

    def __init__(self, types: Sequence[str], min_score: float) -> None:
        self._least = min_score
        self._types = tuple(types)
        self._loaded: list[tuple[str, Any, re.Pattern[str] | None]] = []

    @property
    def ready(self) -> bool:
        return bool(self._loaded)

    def start(self) -> None:
        """Load the recognisers. Raises ConfigError when there is none for a type."""
        if not self._loaded:
            made = [(name, _recogniser(name)) for name in self._types]
            self._loaded = [(name, recogniser, _words(recogniser)) for name, recogniser in made]

    def find(self, text: str, start: int) -> list[Finding]:
        found = [finding for finding in self._scored(text) if finding.start >= start]
        found.sort(key=lambda finding: finding.start)
        return found

    def _scored(self, text: str) -> Iterator[Finding]:
        self.start()
        for name, recogniser, words in self._loaded:
            for result in recogniser.analyze(text, [name]) or ():
                begin, end, score = int(result.start), int(result.end), float(result.score)
                if words and words.search(text, max(0, begin - NEAR), end + NEAR):
                    score = min(1.0, score + BOOST)
                if score >= self._least:
                    yield Finding(begin, end, name, score)

    def open_from(self, text: str) -> int:
        return max(0, len(text) - SPAN - NEAR)


def _words(recogniser: Any) -> re.Pattern[str] | None:
    words = [re.escape(str(word).strip()) for word in recogniser.context or ()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None


def _recogniser(name: str) -> Any:
    """The recogniser of one kind. Raises ConfigError when this release of Presidio has none."""
    import presidio_analyzer.predefined_recognizers as shipped
    from presidio_analyzer import PatternRecognizer

    for each in vars(shipped).values():
        if isinstance(each, type) and issubclass(each, PatternRecognizer) and each is not PatternRecognizer:
            candidate: Any = each
            made = candidate()
            if name in made.supported_entities:
                return made
    raise ConfigError(f"the installed presidio-analyzer has no recogniser for {name}", hint="upgrade presidio-analyzer")
