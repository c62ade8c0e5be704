"""Passports, driving licences and identity cards of all countries, as rows of pii_table.py, and what machines read of
them.

Each state has a form of its own and few have a check digit: a word near decides, in the tongues of who has one.
"""

import re

from . import checksums_nations as check
from .blocks import matches
from .pii_kinds import FAINT, NO, REACH, Kind, Matches, Search, kind, shape
from .places import Places

_DL = rf"(?<!/)dl{NO}(?!_[^ni])|(?<![glu]/)dl{NO}(?!/|_[^ni])"
"""A licence, and neither a part of a path nor a tenth of a litre, of which there is something."""
_PASSPORT = (
    rf"passports?{NO}|p/[a-z]{{2,3}}|(?:reise)?pass-? ?(?:nummer(?:n|et)?|nr|numero)|reisepass(?:es)?|passin? ?numero"
    r"|pas(?:nummer|nr)|paspoort(?:nummer|nr)?|passeports?|pass?aportes?|passaporto|pa[sș]aport(?:um|umun|ul|ului)?"
    r"|paszport(?:u|em|owy)?|útlevél(?:szám|em)?|(?:cestovn[íý](?:ho)? |číslo )pasu?|potni list|putovnic[aeu]|pasoša?"
    r"|paso nr|pases? n(?:umur|r)|passi number|hộ chiếu|paspor|паспорт(?:а|у|ом|е|ный|ни|на)?|διαβατηρίου|διαβατήριο"
    r"|דרכון|جواز (?:ال)?سفر|گذرنامه|पासपोर्ट|পাসপোর্ট|หนังสือเดินทาง|护照|護照|パスポート|旅券|여권"
)
_LICENCE_WORDS = (
    rf"driv(?:er|ing)(?:['’]?s)?[ _]?(?:licen[sc]es?|permit)|licen[sc]e[ _]?(?:number|no)|{_DL}"
    r"|f(?:ü|ue)hrerschein(?:s|nummer|nr|-nr)?|permis de condui(?:re|cere)|permiso de conduci(?:r|ón)"
    r"|(?:licencia|carn[eé]t?) de (?:conduci(?:r|ón)|manejo)|patente di guida|carta de condução|habilitação|(?-i:CNH)"
    r"|carteira de motorista|rijbewijs(?:nummer|nr)?|praw[oa] jazdy|(?:kör|fører|køre)kort(?:et|nummer|snummer|nr)?"
    r"|ajokort(?:ti|in)(?: ?numero)?|juhil(?:oa|uba)|vairuotojo pažymėjim(?:as|o)|vadītāja apliecīb[asu]"
    r"|ehliyet(?:im|i)?|sürücü belgesi|vezetői engedély(?:em|szám)?|jogosítvány(?:om)?|řidičsk(?:ý|ého) průkazu?"
    r"|vodičsk(?:ý|ého) preukazu?|vozačk[aeu] dozvol[aeu]|vozniško dovoljenje"
    r"|водительск(?:ие|их|ое|ого) (?:права?|удостоверени[еяю])|посвідчення водія|свидетелство за управление"
    r"|άδεια(?:ς)? οδήγησης|רי?שיון נהיגה|رخصة (?:ال)?قيادة|گواهینامه|ड्राइविंग ला?इ?सेंस|ใบขับขี่|ใบอนุญาตขับ"
    r"|giấy phép lái xe|bằng lái|gplx|lesen memandu|驾驶证|驾照|駕照|駕駛執照|免許証?|운전면허"
)
_CARD_WORDS = (
    r"(?:(?:bundes)?personal)?ausweis(?:es|nummer|nr|-nr)?|id(?:entity)? card|carte (?:nationale )?d['’]identité"
    r"|carta d['’]identità|identiteits(?:kaart(?:nummer)?|bewijs)|dow[oó]d(?:u|em)? osobist(?:y|ego|ym)|nr dowodu"
    r"|(?:seri[ae]|num[aă]r) buletin|(?:buletin|carte) de identitate"
    r"|občansk(?:ý|ého) průkazu?|občiansk(?:y|eho) preukazu?"
    r"|személyi(?: ?igazolvány(?:szám)?)?|osobn[aeu] iskaznic[aeu]"
    r"|ličn[aeu] kart[aeu]|osebna izkaznica|cartão de cidadão|bilhete de identidade"
    r"|kimlik kartı|лична карта|δελτί(?:ο|ου) ταυτότητας|ταυτότητα|henkilökort(?:ti|in)|asmens tapatybės kortelė"
)
_LICENCE = r"\d{7,9}(?![ ,;|/]{1,3}ul[:=])|\d{3}-?\d{2}-?\d{4}|\d{4}-\d{2}-\d{4}"
_LICENCE_LETTERED = r"[A-Z]\d{7,14}|[A-Z]{2}\d{5,7}|[A-Z]\d{3}-\d{4}-\d{4}|[A-Z]\d{3}-\d{3}-\d\d-\d{3}-\d"
_MIXED = r"[A-Z]\d{7}[A-Z]|[A-Z]\d{6}[A-Z]{2}|M\d{3}[A-Z]\d{4}|\d{2}[A-Z]{2}\d{5}"
"""Passports with letters within or behind, in capitals: in programs hashes look like them."""
_ZONE = re.compile(
    r"(?<![\w<])(?:[ACIPV][A-Z<][A-Z<]{3}(?=[^\n]{0,9}\d)(?P<card>[A-Z0-9<]{9}\d)[A-Z0-9<]{15}"
    r"|(?P<book>[A-Z0-9<]{9}\d)[A-Z<]{3}\d{6}\d[MFX<]\d{6}\d[A-Z0-9<]{8,16})(?![\w<])"
)


def zone(text: str, start: int, places: Places) -> Matches:
    """The number in the lines that machines read of a passport, a visa or a card. Source: ICAO 9303, parts 4 to 7."""
    for found in matches(_ZONE, text, start, REACH):
        name = "card" if found["card"] else "book"
        if check.icao(found[name]):
            yield found.start(name), found.start(name) + len(found[name][:9].rstrip("<")), 0.9


DOCUMENTS: tuple[Kind, ...] = (
    kind(
        "US_PASSPORT",
        r"[a-z0-9]\d{6}|\d{2}[a-z]{2}\d{5}|[a-z]{3}[0-9<]|[cfghjklmnprtvwxyz][0-9cfghjklmnprtvwxyz]{8}",
        [
            shape(r"\d{9}|\d{4} \d{6}|\d{2} \d{2} \d{6}", 0.2, number=True),
            shape(r"\d{8}|\d{10}", FAINT, lambda text: not text.endswith("000"), number=True),
            shape(r"[A-Z]{1,3}\d{6,8}", 0.15),
            shape(rf"(?:{_MIXED})(?![\w-])", 0.15, left="_-"),
            shape(r"[CFGHJKLMNPRTV-Z][0-9CFGHJKLMNPRTV-Z]{8}\d?(?!\w)", FAINT, check.de_document, left="_-"),
            Search(zone, r"[0-9<][0-9][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}|[A-Z<]{3}[A-Z0-9<]{9}[0-9][A-Z0-9<]{15}"),
        ],
        _PASSPORT,
        after=False,
    ),
    kind(
        "US_DRIVER_LICENSE",
        r"[a-z0-9-]*\d[\d-]{4}|\d{3} \d{3} \d{3}|[a-z]\d{2}[0-9a-z]{6}\d",
        [
            shape(_LICENCE, 0.15, number=True),
            shape(r"\d{3} \d{3} \d{3}|\d{10,12}|\d{2} \d{2} \d{6}", FAINT, number=True),
            shape(r"\d{2}-\d{2}-\d{6}-\d{2}|\d{5}/\d{2}/\d{4}", 0.15, number=True),
            shape(_LICENCE_LETTERED, 0.15),
            shape(r"[A-Z]{2}\d{7}[A-Z]|[A-Z]\d{4}-\d{5}-\d{5}", 0.15),
            shape(r"[A-Z]{2}[ -]?\d{2}[ -]?(?:19|20)\d{9}", 0.3),
            shape(r"[A-Z]\d{2}[0-9A-Z]{6}\d[0-9A-Z](?!\w)", FAINT, left="_-"),
        ],
        _LICENCE_WORDS,
        weak=True,
        after=False,
    ),
    kind(
        "ID_CARD",
        r"[cfghjklmnprtvwxyz][0-9cfghjklmnprtvwxyz]{8}|[a-z]{2,3}[ -]?\d{5}|[0-9]{6}[a-z0-9]{3}",
        [
            shape(r"[CFGHJKLMNPRTV-Z][0-9CFGHJKLMNPRTV-Z]{8}\d(?!\w)", 0.3, check.de_document, left="_-"),
            shape(r"[CFGHJKLMNPRTV-Z][0-9CFGHJKLMNPRTV-Z]{8}(?!\w)", 0.15, check.de_document, left="_-"),
            shape(r"[A-Z]{3} ?\d{6}(?![\w-])", 0.3, check.pl_card, left="_-"),
            shape(r"[A-Z]{2} ?\d{5} ?[A-Z]{2}(?![\w-])|(?!N[OR]|ID)[A-Z]{2} ?\d{6,7}(?![\w-])", 0.15, left="_-"),
            shape(r"\d{6}[A-Z]{2}|\d{8} ?\d ?[A-Z]{2}\d", 0.15),
            shape(r"\d{9}|\d{12}", FAINT, number=True),
        ],
        _CARD_WORDS,
        weak=True,
        after=False,
    ),
)
