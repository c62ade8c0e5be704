"""What surrounds a name says more of its type than a small model knows: titles, "my name is", "GmbH", "in".

The types are those of names.py. Countries are a closed list, so they are found by it, in lower case too.
"""

import re

_COUNTRIES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas|Bahrain|Bangladesh|
Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|Brunei|Bulgaria|
Burkina Faso|Burundi|Cambodia|Cameroon|Canada|Cape Verde|Chile|China|Colombia|Comoros|Costa Rica|Croatia|Cuba|Cyprus|
Czech Republic|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|Eritrea|Estonia|Eswatini|
Ethiopia|Fiji|Finland|France|Gabon|Gambia|Germany|Ghana|Greece|Greenland|Grenada|Guatemala|Guinea|Guyana|Haiti|
Honduras|Hong Kong|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Ivory Coast|Jamaica|Japan|Kazakhstan|
Kenya|Kiribati|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|
Madagascar|Malawi|Malaysia|Maldives|Malta|Marshall Islands|Mauritania|Mauritius|Mexico|Micronesia|Moldova|Monaco|
Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|Netherlands|New Zealand|Nicaragua|Nigeria|
North Korea|North Macedonia|Norway|Oman|Pakistan|Palau|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland|
Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Saint Kitts and Nevis|Saint Lucia|Samoa|San Marino|Saudi Arabia|
Senegal|Serbia|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Solomon Islands|Somalia|South Africa|South Korea|
South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|
Trinidad and Tobago|Tunisia|Turkmenistan|Tuvalu|Uganda|Ukraine|United Arab Emirates|United Kingdom|United States|
Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe
"""
"""Without those that are words or first names too (Chad, Georgia, Jordan, Mali, Niger, Turkey)."""
COUNTRY = re.compile(rf"\b(?:{_COUNTRIES.strip().replace(chr(10), '')})\b", re.IGNORECASE)
_NAME = r"[^\W\d_][\w'’-]+(?:[ ](?:(?:van|von|de|der|den|da|di|la|ten|al|bin)[ ]){0,2}[A-ZÀ-Þŀ-Ž][\w'’-]+){0,3}"
TITLED = re.compile(rf"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|Herr|Frau|Sr|Sra|Mme|Madame|Monsieur)\b\.?[ ]({_NAME})")
"""A form of address and the name behind it."""
_PERSON = re.compile(
    r"(?:\b(?:my|your|his|her|their) (?:\w+ )?name(?:'s| is)|\bnamed|\bcalled|\bcall me|\bi am|\bi'm|\bdear"
    r"|\bsincerely,|\bregards,|\bdirected by:|\b(?:user|name|patient|attn)\s?:|\bunder|\btell|\bmeet|\bfollow up with"
    r"|\bthis is)\s+$",
    re.IGNORECASE,
)
_LIVES = re.compile(r"(?:'s (?:wife|husband|mother|father|son|daughter)| (?:lives|was born|is my|is very))\b")
_PLACE = re.compile(r"\b(?:in|from|near|to|towards|arrived at|lives at|born in|moved to|capital of)\s+$", re.IGNORECASE)
_FIRM = re.compile(
    r"\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|ceo of|shares of|address of)\s+$", re.IGNORECASE
)
_FORM = re.compile(
    r"\b(?:Inc|Ltd|LLC|LLP|PLC|GmbH|AG|SE|SA|NV|BV|AB|Oy|Corp|Corporation|Company|Co|Group|Associates|and Sons"
    r"|University|Bank|Orchestra|Institute|Foundation|Holdings|Partners)\b\.?$|,.* and "
)
_NONE = re.compile(r"(?i)ssn|atm|iban|pin|url|id|faq|api|cvv|swift|bic|mr|mrs|ms|dr|st|apt|nan|po box|fax|tel|asap")
BEFORE = 32


def type_of(text: str, start: int, end: int, kind: str) -> str:
    """The type of a name that a model took for `kind`, by what is before it and in it; empty when it is none."""
    name = text[start:end]
    if _NONE.fullmatch(name.strip(".")) or "@" in name or "://" in name:
        return ""
    if _FORM.search(name):
        return "ORGANIZATION"
    before = text[max(0, start - BEFORE) : start]
    if kind != "PERSON" and (_PERSON.search(before) or _LIVES.match(text, end)):
        return "PERSON"
    if kind != "ORGANIZATION" and _FIRM.search(before):
        return "ORGANIZATION"
    if kind == "ORGANIZATION" and " " not in name and _PLACE.search(before):
        return "LOCATION"
    return kind
