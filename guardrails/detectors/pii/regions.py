"""Which types of personal data belong to which countries, so that a rule may name its countries.

A type is its country's by the two letters that its name begins with; here stand those of which that is not so.
Countries are named by ISO 3166, but `UK`, as the types are; `GB` is taken too, and `EU` for its members.
"""

from collections.abc import Iterable, Sequence

from .table import STRUCTURED

_OTHERWISE: dict[str, tuple[str, ...]] = {
    "IP_ADDRESS": (),
    "ID_CARD": (),
    # American by Presidio's names; ours find those of every country.
    "US_BANK_NUMBER": (),
    "US_DRIVER_LICENSE": (),
    "US_PASSPORT": (),
    "ABA_ROUTING_NUMBER": ("US",),
    "AR_DNI": ("AR", "PE"),
    "BALTIC_PERSONAL_CODE": ("EE", "LT"),
    "CZ_SK_BANK_ACCOUNT": ("CZ", "SK"),
    "CZ_SK_BIRTH_NUMBER": ("CZ", "SK"),
    "JMBG": ("BA", "HR", "ME", "MK", "RS", "SI"),
}
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_MANY = {"GB": ("UK",), "EU": tuple(_EU.split())}


def countries_of(label: str) -> tuple[str, ...]:
    """The countries that a type belongs to; none: it is known everywhere, or everywhere a little."""
    if label in _OTHERWISE:
        return _OTHERWISE[label]
    prefix = label.partition("_")[0]
    return (prefix,) if len(prefix) == 2 else ()


COUNTRIES = (*sorted({each for label in STRUCTURED for each in countries_of(label)} | {*_MANY}),)
"""Those that a rule may name."""


def in_countries(labels: Iterable[str], countries: Sequence[str]) -> tuple[str, ...]:
    """Those of `labels` that belong to one of the countries, or to none."""
    wanted = {code for each in countries for code in _MANY.get(each, (each,))}
    return tuple(label for label in labels if not (own := countries_of(label)) or not wanted.isdisjoint(own))
