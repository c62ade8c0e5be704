"""The structured kinds of personal data, one row each: how they are written, how they are checked, words that add.

A shape's score is what it says alone; a word of the row within 60 characters adds 0.4. At the usual threshold of 0.5
a shape under 0.5 counts only with such a word. Names are Presidio's where it has one.
"""

import re

from ..search.places import NUMBER
from . import checksums as check
from .accounts import ACCOUNTS
from .beside import telephone_beside
from .birth import BIRTH
from .card import FORM, grouped_card, track
from .checksums_wallets import wallet
from .countries import COUNTRIES, korean, swedish
from .documents import DOCUMENTS
from .email import AT, email, spelt_email
from .email_told import GATE, told
from .hl7 import GATE as HL7
from .hl7 import listed_security, listed_telephone
from .iban import GATE as INTERNATIONAL
from .iban import iban
from .kinds import FAINT, MIXED, NO, Beside, Kind, Search, kind, shape, social_security
from .named import NAMED, NAMED_KINDS, short
from .named_words import DOCTORS, beside
from .nations import NATIONS
from .network import MACHINE_WORDS, address, hardware, internet, machine, uneven, version_six
from .phone import PHONE_WORDS, linked, telephone
from .read import GATE as READ
from .read import read_security, read_telephone
from .spelt import GATE as SPELT
from .spelt import spelt_card, spelt_security, spelt_telephone
from .vehicles import VEHICLES
from .wallets import base58

_AT = r"(?i)[(\[{]at[)\]}]"
_CARD = r"\d{16}|3\d{3}[ -]?\d{6}[ -]?\d{4,5}|\d{15}|62\d{15,17}"
_V4 = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_V6 = r"[0-9A-Fa-f:]{3,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?"
_BLOCKS = """
10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4
240.0.0.0/4 64:ff9b::/96 100::/64 2000::/3 2001::/32 2002::/16 fc00::/7 fd00::/8 fe80::/10 ff00::/8
"""
_BLOCK = "".join(rf"(?!{re.escape(block)}\b)" for block in _BLOCKS.split())
"""No block that everybody has. Those for documentation stand for some real one. Source: IANA's registries, RFC 6890."""
_V6_ALONE = rf"{_BLOCK}(?<!\w\[)(?=[0-9A-Fa-f]{{0,4}}:){_V6}(?![\w:])(?!\.\d+\.)"
_V4_BEGINS = rf"(?:{_V4}\.){{3}}\d"
_V6_BEGINS = (
    r"(?:\b(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]|(?:[0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}\.|(?:[0-9A-Fa-f]{1,4}:){1,7}:)"
    r"|::[0-9A-Fa-f])"
)
"""All eight groups, or six and an IPv4 address, or two colons for some. Source: RFC 4291, section 2.2."""
_NINO = r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
_SHORT = "[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}"
_FISCAL = r"[A-Z]{3} ?[A-Z]{3} ?[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3} ?[A-Z]"
_ITIN = r"(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])"
_URL = r"(?:(?:https?|ftp)://|www\.)[^\s<>\"'`{}|\\^]{2,2000}[^\s<>\"'`{}|\\^.,;:!?)\]]"

KINDS: tuple[Kind, ...] = (
    kind(
        "EMAIL_ADDRESS",
        rf"@|%40|&#0?64;|&#x40;|[(\[{{]at[)\]}}]|{GATE}",
        [Search(email, AT.pattern), Search(spelt_email, _AT), Search(told, f"(?i){GATE}")],
    ),
    kind(
        "CREDIT_CARD",
        r"\d(?:[ .-]?\d){11}",
        [
            Search(grouped_card, NUMBER, form=FORM),
            shape(_CARD, 0.9, check.card, number=True),
            shape(r"\d{12,14}|\d{17,19}", 0.4, check.card, number=True),
            Search(track, r"%B\d{12}"),
            Search(spelt_card, SPELT, 0.9),
        ],
        r"cards?|credit|debit|visa|master ?card|amex|american express|cc|pan|maestro|(?:kredit)?karte|carte|tarjeta",
    ),
    kind("IBAN_CODE", r"[a-z]{2} ?\d{2}(?:, |[ -])?[a-z0-9]{3}", [Search(iban, INTERNATIONAL)]),
    kind(
        "US_SSN",
        r"\d{3}[-. ]?\d{2}[-. ]?\d{4}|\d{3} - \d\d - \d{4}|\d(?: \d){8}",
        [
            shape(r"\d{3}-\d\d-\d{4}", social_security, number=True),
            shape(r"\d{3}([.]?)\d{2}\1\d{4}|(?<!\d )\d{3} \d\d \d{4}", social_security, number=True, grouped=True),
            shape(r"\d{3} \d\d \d{4}", 0.2, check.ssn, number=True, grouped=True),
            shape(r"\d{3} - \d\d - \d{4}", 0.4, check.ssn, place=r"\b\d{3} - \d\d - \d{4}"),
            # As it is read out.
            shape(r"(?<!\d )\d(?: \d){8}(?! \d)", FAINT, check.ssn, number=True),
            Search(listed_security, HL7),
            Search(read_security, READ, 0.4),
            Search(spelt_security, SPELT, 0.4),
        ],
        r"ssns?(?!_hash|_digest|_enc)|s\.s\.n\.?|social[ _]?security|soc sec"
        r"|(?:my|your|his|her|their|the) social(?! media| net)"
        r"|social(?=[.!?])|social(?: (?:is|was|num(?:ber)?|no\.?))?[\s:=#\"']{0,4}$",
    ),
    kind(
        "US_ITIN",
        r"9\d{2}[- ]?\d{2}[- ]?\d{4}",
        [shape(rf"9\d\d([- ]){_ITIN}\1\d{{4}}", 0.6, number=True), shape(rf"9\d\d{_ITIN}\d{{4}}", 0.2, number=True)],
        r"itin|individual[ _]?taxpayer|taxpayer[ _]?id(?:entification)?|tax[ _]?id",
    ),
    kind(
        "PHONE_NUMBER",
        r"\d(?:[ ().+/–-]{0,3}\d){6}",
        [
            Search(telephone),
            Beside(telephone_beside, best=0.85),
            Search(linked, r"(?i)(?:wa\.me/|t\.me/\+|sips?:|phone=)\+?\d{7}|%2B\d{8}"),
            Search(listed_telephone, HL7),
            Search(read_telephone, READ, 0.55),
            Search(spelt_telephone, SPELT, 0.55),
        ],
        PHONE_WORDS,
    ),
    kind(
        "IP_ADDRESS",
        r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d|[0-9a-f:]*:[0-9a-f]*:",
        [
            # With a port or the size of a network; with a port as tcpdump writes both ends.
            shape(
                rf"(?:{_BLOCK}(?:{_V4}\.){{3}}{_V4}(?=:\d{{2,5}}\b|/\d|\.\d{{2,5}} > )(?!/\d{{3}})"
                rf"|(?<=> )(?:{_V4}\.){{3}}{_V4}(?=\.\d{{2,5}}:))",
                0.7,
                address,
                left=".-",
                place=_V4_BEGINS,
            ),
            shape(rf"{_BLOCK}(?:{_V4}\.){{3}}{_V4}(?!\w)(?!\.\d)(?!-\d)", internet, left=".-", place=_V4_BEGINS),
            shape(_V6_ALONE, version_six, left=":.", place=_V6_BEGINS),
            shape(rf"{_V6}(?=:\d{{5}}(?![\w:.]))", 0.7, address, left=":.", place=_V6_BEGINS),
        ],
        r"ips?|ipv4|ip address(?:es)?|addr(?:ess)?|hosts?|servers?|dns|gateway|gw|ping(?:ed|s|ing)?|ssh|subnet|clients?"
        r"|peer|remote|resolvers?|proxy|router|nameservers?|listen(?:ing)?|connect(?:ed|ion|ing)?|inet|адрес|сервер|服务器|地址|主机",
    ),
    kind(
        "MAC_ADDRESS",
        r"[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12}",
        [
            shape(r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w-])(?!:\w)", machine, left=":-"),
            # As BSD's arp prints it, without zeros.
            shape(rf"(?:(?<= at )|(?<=ther )){_SHORT}(?![\w-])(?!:\w)", 0.8, uneven, left=":-.", place=rf"\b{_SHORT}"),
            # The head of a frame, as iptables logs it: two addresses, and that it carries IP or ARP.
            shape(r"(?:[0-9A-Fa-f]{2}:){12}(?:08:0[06]|86:[Dd][Dd])(?![\w:])", 0.8, left=":-"),
            shape(r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?!\w|[.-]\w)", hardware, left="."),
            shape(r"(?=\d*[A-F])[0-9A-F]{12}(?![\w.-])", 0.1, left=":-.", place=r"\b[0-9A-F]{12}\b"),
            shape(r"(?=\d*[A-Fa-f])[0-9A-Fa-f]{12}(?![\w.-])", FAINT, left=":-.", place=r"\b[0-9A-Fa-f]{12}\b"),
        ],
        MACHINE_WORDS,
    ),
    kind(
        "CRYPTO",
        r"[13dlmt][1-9a-z]{25}|(?:bc|ltc|addr)1[a-z0-9]{25}|0x[0-9a-f]{40}|[1-9a-z]{43}",
        [
            Search(base58, MIXED, 0.9),
            shape(r"(?:(?:bc|ltc|addr)1[a-z0-9]{25,99}|(?:BC|LTC)1[A-Z0-9]{25,87})(?!\w)", 0.9, wallet, left="_"),
            shape(r"0x[0-9A-Fa-f]{40}(?!\w)", 0.6, left="_"),
        ],
        r"wallet|btc|bitcoin|eth|ethereum|crypto|sol(?= address| wallet)|solana|phantom",
    ),
    *DOCUMENTS,
    *ACCOUNTS,
    kind(
        "MEDICAL_LICENSE",
        r"[a-z][a-z9]\d{7}",
        [shape(r"[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}", 0.4, check.dea), *NAMED, short(DOCTORS)],
        rf"dea|licen[sc]e|prescriber|{beside(DOCTORS)}",
        weak=True,
        strict=True,
    ),
    kind(
        "UK_NHS",
        r"\d{3}[ -]?\d{3}[ -]?\d{4}",
        [
            shape(r"\d{3}([ -])\d{3}\1\d{4}", 0.72, check.nhs, number=True),
            shape(r"\d{10}", 0.3, check.nhs, number=True),
        ],
        r"nhs|national health|health (?:service|authority)|patient",
    ),
    kind(
        "UK_NINO",
        r"[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|[a-z] [a-z](?: \d){6} [a-d]",
        [shape(_NINO, 0.7, check.nino), shape(r"[A-Z] [A-Z](?: \d){6} [A-D]", 0.5, check.nino)],
        rf"national[ _]?insurance|nino|ni{NO}",
    ),
    kind(
        "IN_PAN",
        r"[a-z]{5}\d{4}[a-z]",
        [
            shape(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?!\w)", 0.6, left="_"),
            shape(r"[A-Z]{5}\d{4}[A-Z]", 0.15),
        ],
        r"pan|permanent account|income tax",
    ),
    kind(
        "IN_AADHAAR",
        r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}",
        [
            shape(r"[2-9]\d{3}([ -])\d{4}\1\d{4}", 0.6, check.aadhaar, number=True, grouped=True),
            shape(r"[2-9]\d{11}", 0.3, check.aadhaar, number=True),
        ],
        r"aa?dha+r|uidai|(?-i:UID)|e-?kyc|आधार",
    ),
    kind(
        "JP_MY_NUMBER",
        r"\d{4}[ -]?\d{4}[ -]?\d{4}",
        [shape(r"\d{4}([ -]?)\d{4}\1\d{4}", 0.4, check.my_number, number=True, grouped=True)],
        r"my[ _]?number|individual[ _]?number|マイナンバー|個人番号",
        weak=True,
    ),
    kind(
        "ES_NIF",
        r"\d{8}[- ]?[a-z]|\d{2}\.\d{3}\.\d{3}[- ]?[a-z]",
        [
            shape(r"\d{8}-?[A-HJ-NP-TV-Z]|\d{2}\.\d{3}\.\d{3}-?[A-HJ-NP-TV-Z]", 0.8, check.es_nif, number=True),
            shape(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3}) [A-HJ-NP-TV-Z]", 0.4, check.es_nif, number=True),
        ],
        r"d\.?n\.?i|n\.?i\.?f",
    ),
    kind("ES_NIE", r"[xyz]-?\d{7}-?[a-z]", [shape(r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", 0.8, check.es_nif)], r"nie"),
    kind(
        "IT_FISCAL_CODE",
        r"[a-z]{3} ?[a-z]{3} ?\w{2}[a-z]\w{2} ?[a-z]\w{3} ?[a-z]",
        [shape(_FISCAL, 0.9, check.it_fiscal_code)],
    ),
    kind("PL_PESEL", r"\d{11}", [shape(r"\d{11}", 0.4, check.pesel, number=True)], r"pesel", weak=True),
    kind(
        "AU_ABN",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        [shape(r"\d{2} \d{3} \d{3} \d{3}", 0.6, check.abn, number=True), shape(r"\d{11}", 0.3, check.abn, number=True)],
        r"abn|australian business",
    ),
    kind(
        "AU_ACN",
        r"\d{3} ?\d{3} ?\d{3}",
        [shape(r"\d{3} ?\d{3} ?\d{3}", 0.3, check.acn, number=True)],
        r"acn|australian company",
        weak=True,
    ),
    kind(
        "AU_TFN",
        r"\d{3}[ -]?\d{3}[ -]?\d{3}",
        [shape(r"\d{3}([ -]?)\d{3}\1\d{3}", 0.3, check.tfn, number=True)],
        r"tfn|tax[ _]?file",
        weak=True,
    ),
    kind(
        "AU_MEDICARE",
        r"[2-6]\d{3} ?\d{5} ?\d",
        [shape(r"[2-6]\d{3} ?\d{5} ?\d(?:[ /-]?\d)?", 0.3, check.au_medicare, number=True)],
        r"medicare",
        weak=True,
    ),
    kind("SG_NRIC_FIN", r"[stfgm]\d{7}[a-z]", [shape(r"[STFGM]\d{7}[A-Z]", 0.7, check.nric)], r"nric|fin"),
    kind(
        "KR_RRN",
        r"\d{6}-?\d{7}",
        [shape(r"\d{6}-[1-8]\d{6}", korean, number=True), shape(r"\d{13}", 0.2, check.rrn, number=True)],
        r"rrn|resident registration|주민등록번호|주민번호",
    ),
    kind(
        "FI_PERSONAL_IDENTITY_CODE",
        r"\d{6}[-+a-fu-y]\d{3}[0-9a-z]",
        [shape(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]", 0.8, check.hetu)],
        r"hetu|henkilötunnus",
    ),
    kind(
        "SE_PERSONNUMMER",
        r"\d{6}[-+]?\d{4}",
        [
            shape(r"(?:19|20)?\d{6}[-+]\d{4}", swedish, number=True),
            shape(r"(?:19|20)?\d{10}", 0.2, check.personnummer, number=True),
        ],
        r"personnum(?:mer|ret)|pers(?:on)?\.?nr|pnr|personal identity number",
    ),
    kind(
        "CA_SIN",
        r"\d{3}[ -]?\d{3}[ -]?\d{3}",
        [shape(r"\d{3}[ -]?\d{3}[ -]?\d{3}", 0.3, check.luhn, number=True)],
        r"(?-i:SINs?|NAS)|sin(?: (?:is|num(?:ber)?|no\.?|card))?[\s:=#\"']{0,4}$|social[ _]?insurance"
        r"|assurance sociale",
        weak=True,
    ),
    *COUNTRIES,
    *NATIONS,
    *NAMED_KINDS,
    *BIRTH,
    *VEHICLES,
    kind("URL", r"(?:https?|ftp)://|www\.", [shape(_URL, 0.8, left="_", place=r"\b(?:https?|ftp)://|\bwww\.")]),
)

TABLE = {row.label: row for row in KINDS}
ASKED_FOR = frozenset({"URL", *(row.label for row in VEHICLES)})
"""Types that are rarely anybody's secret, or a firm's more often than a person's: named where they are."""
STRUCTURED = tuple(label for label in TABLE if label not in ASKED_FOR)
"""What `pii: structured` names."""
