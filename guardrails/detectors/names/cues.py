"""What surrounds a name says more of its type than a small model knows: "in", "shouted", "is a bank".

The types are those of detector.py. What words make certain without a model is in certain.py.
"""

import re

BEFORE = 40
_SPEAKS = re.compile(
    r"(?i)(?:\b(?:my|your|his|her|their) (?:\w+ )?name(?:'s| is)|\bnamed|\bcalled|\bcall me|\bi am|\bi'm|\bdear"
    r"|\bsincerely,|\bregards,|\bdirected by:|\b(?:user|name|patient|attn)\s?:|\bunder|\btell|\bmeet"
    r"|\bfollow up with|\bthis is)\s+$"
)
_DOES = re.compile(
    r"(?:'s (?:wife|husband|mother|father|son|daughter|birthday|boss|phone|e?-?mail|salary|last name)|,? who "
    r"| (?:lives|lived|grew up|was born|died|is my|is very|married|shouted|yelled|whispered|smiled|laughed|cried|nodded"
    r"|shrugged|sighed|told (?:me|us|him|her)|asked (?:me|us|him|her|if)|gave (?:me|us|him|her))\b"
    r"|, (?:can|could|would|will) (?:you|i|we)\b)"
)
"""Only people do this."""
_SAID = re.compile(r"[,!?.]?[\"”’']?,? (?:said|says|asked|replied|shouted)\s+$")
_IN = re.compile(
    r"(?i)\b(?:in|near|towards|arrived at|lives at|capital of|originally from"
    r"|mov(?:e|ed|ing) (?:here |there |back )?(?:to|from)"
    r"|(?:trip|travel(?:l?ed|l?ing)?|fl(?:y|ew|ying|ight)|dr(?:ive|ove)) to)\s+$"
)
_TOWARDS = re.compile(r"(?i)\b(?:from|to)\s+$")
_TRUSTED = re.compile(r"(?i)\b(?:believe[sd]?|interest(?:ed)?|trust(?:s|ed)?|faith|confidence|confide[sd]?)\s+in\s+$")
_FIRM = re.compile(
    r"(?i)\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|ceo of|shares (?:of|in)|address of|employees of"
    r"|(?:job|position|year|intern(?:ship)?|career) at)\s+$"
)
_IS_FIRM = re.compile(
    r"(?i)\s+(?:(?:is|was|are) (?:an?|the|one of the)\b[^.!?\n]{0,40}\b(?:company|firm|agency|bank|start-?up"
    r"|corporation|organi[sz]ation|manufacturer|provider|retailer|non-?profit|multinational|subsidiary|vendor|supplier"
    r"|charity|501\(c\))|(?:has |have )?invest(?:s|ed|ing)\b|is hiring\b|employs\b)|['’]s (?:shares|stock|ceo)\b"
)
_FORM = re.compile(
    r"\b(?:Inc|Ltd|LLC|LLP|PLC|GmbH|AG|SE|SA|NV|BV|AB|Oy|Corp|Corporation|Company|Co|Group|Associates|and Sons"
    r"|University|Bank|Orchestra|Institute|Foundation|Holdings|Partners)\b\.?$|,.* and "
)
_NONE = re.compile(
    r"(?i)ssn|atm|iban|pin|url|id|faq|api|cvv|swift|bic|mr|mrs|ms|dr|st|apt|nan|po box|fax|tel|asap"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october"
    r"|november|december"
)
_TECHNICAL = re.compile(
    r"(?i)(?:the )?(?:https?|tcp|udp|ip|ipv[46]|dns|ssh|ssl|tls|vpn|lan|wi-?fi|usb|cpu|gpu|ram|ssd|hdd|os|ui|ux|ai|ml"
    r"|llm|nlp|gpt|api key|sdk|cli|ide|sql|nosql|select|html|css|json|xml|yaml|csv|pdf|java|javascript|typescript"
    r"|python|rust|linux|unix|docker|kubernetes|kafka|regex|uuid|guid|hash|md5|sha\d*|jwt|oauth|csrf|xss|ddos|cidr"
    r"|geoip|isbn(?:-1[03])?|doi|arxiv|vat|iva|mwst|usd|eur|gbp|ceo|cto|cfo|cv|hr|gdpr|hipaa|kyc|eta|eod|eob|dob|ein"
    r"|tin|cpt|icd|max|min|avg|null|none|true|false|error|warning|debug|info|todo|fixme|wikipedia|utf-8|ascii|base64)"
)
"""What developers, banks and forms write in capitals, or as single words."""
_CODE = re.compile(r"[_=<>{}\[\]\\|$^*~`]|::|/\d|\b0x|\d\.\d")
_FOREIGN = re.compile(
    r"(?i)\b(?:der|das|und|ist|wie|wer|wir|ich|nicht|ein|eine|auf|mit|bei|les|des|est|une|pour|dans|que|qui|los|las|una"
    r"|para|por|con|como|não|uma|che|gli|della|het|een|niet|och|att|som|jest|nie)\b"
)
_ENGLISH = re.compile(r"(?i)\b(?:the|and|is|are|of|to|in|for|you|my|it|that|this|with|on|at|was)\b")
SMALL, STRANGE = 3.0, 4.0
"""Margins that a name needs in small letters, or in a sentence that is not English."""


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without what is no part of a name at its ends: spaces, brackets, quotation marks, "'s"."""
    while start < end and not text[start].isalnum():
        start += 1
    closing = ".)" if "(" in text[start:end] else "."
    while start < end and not (text[end - 1].isalnum() or text[end - 1] in closing):
        end -= 1
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


def is_name(text: str, start: int, end: int, kind: str, margin: float) -> bool:
    """Whether what a model took for a name, with so much of a margin, can be one in a text that may be code.

    `text` is the sentence.
    """
    name = text[start:end]
    digits, letters = sum(map(str.isdigit, name)), sum(map(str.isalpha, name))
    if digits > letters or (digits and kind == "PERSON") or _CODE.search(name) or _TECHNICAL.fullmatch(name):
        return False
    if text[start - 1 : start] in tuple("_$#\\") or text[end : end + 1] in tuple("_=("):
        return False
    if name.islower() and margin < SMALL and not text.islower():
        return False
    return margin >= STRANGE or not foreign(text)


def foreign(text: str) -> bool:
    """Whether function words of other languages are more than those of English."""
    return len(_FOREIGN.findall(text)) > len(_ENGLISH.findall(text))


def type_of(text: str, start: int, end: int, kind: str) -> str:
    """The type of a name that a model took for `kind`, by what is around it and in it; empty when it is none."""
    name = text[start:end]
    if _NONE.fullmatch(name.strip(".")) or "@" in name or "://" in name:
        return ""
    if _FORM.search(name):
        return "ORGANIZATION"
    before = text[max(0, start - BEFORE) : start]
    if kind != "PERSON" and (_SPEAKS.search(before) or _DOES.match(text, end)):
        return "PERSON"
    if kind == "LOCATION" and _SAID.search(before):
        return "PERSON"
    if kind != "ORGANIZATION" and (_FIRM.search(before) or _IS_FIRM.match(text, end)):
        return "ORGANIZATION"
    if kind != "LOCATION" and _IN.search(before) and not _TRUSTED.search(before):
        return "LOCATION"
    if kind == "ORGANIZATION" and " " not in name and _TOWARDS.search(before):
        return "LOCATION"
    return kind
