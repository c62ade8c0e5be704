"""Passports, driving licences and identity cards of all countries, as rows of table.py, and what machines read of
them.

Each state has a form of its own and few have a check digit: a word near decides, in the tongues of who has one.
"""

import re

from ..search.blocks import matches
from ..search.places import Places
from . import checksums_nations as check
from .kinds import FAINT, NO, REACH, Kind, Matches, Search, kind, shape
from .named import CODES, NAMED, SERIES, short
from .named_words import FILL, beside

_DL = rf"(?<!/)dl{NO}(?!_[^ni])|(?<![glu]/)dl{NO}(?!/|_[^ni])"
"""A licence, and neither a part of a path nor a tenth of a litre, of which there is something."""
_LICENCE_BESIDE = (
    r"permis|brevete|patente(?: (?-i:[ABCDE]{1,2}))?|licencia|habilita[çc][ãa]o|rijbewijs|bằng lái xe"
    r"|(?-i:SIM [ABCD]{1,2}[12I]{0,2})"
    r"|sim saya|no(?:mor)?\.? sim|ehliyet"
    r"|licen[sc]e|driver['’]?s? lic|(?-i:LTO|DLN)|prawko|vozačk[aeu]|ŘP|(?-i:ВУ)|רישיון"
)
_CARD_BESIDE = (
    r"(?:personal)?ausweis|perso|(?-i:C\.I\.|CI seri[ae]|CIE|BI(?= ?[:nN])|OP(?= ?[:č]))|carta (?:d['’])?identità|ΑΔΤ"
)
_PASSPORT = (
    rf"passports?{NO}|p/[a-z]{{2,3}}|(?:reise)?pass-? ?(?:nummer(?:n|et)?|nr|numero)|reisepass(?:es)?"
    rf"|passin? ?(?:numero|nro)"
    r"|pas(?:nummer|nr)|paspoort(?:nummer|nr)?|passeports?|pass?aportes?(?: (?!de |con |sin |com |que "
    r"|for )[a-zçãõéñ]{5,14})?|passaporto|pa[sș]aport(?:um|umun|ul|ului)?"
    r"|(?:m[ůo]j|nov[ýy]|tv[ůo]j|jeho|její|platn[ýy]) pas|(?:mi[tn]t?|di[tn]t?|nya|nye|hans|hennes|hendes) pass?"
    r"|paszport(?:u|em|owy)?|útlev[ée]l(?:szám|em|ed|e|ének)?|(?:cestovn[íý](?:ho)? |číslo )pasu?|potni list"
    r"|putovnic[aeu]|pasoša?"
    r"|paso nr|pases? n(?:umur|r)|passi number|hộ chiếu|paspor|паспорт(?:а|у|ом|е|ный|ни|на)?|διαβατηρίου|διαβατήριο"
    r"|pas(?:s|poort)?[ .-]{1,2}(?:nr|no|nummer)|pas(?:u|em)? (?:seri[aeęi]|nr)|biometrinis|пашпорт[^\s\d]{0,2}"
    r"|загранник|загранпаспорт[^\s\d]?"
    r"|pasi?poti|vegabréf\w{0,6}|pas(?:h|s)aporta|passaport|baasaboor|төлқұжат[^\s\d]{0,4}|राहदानी|கடவுச்சீட்டு"
    r"|паспортн[^\s\d]{2,3}|دفتر جواز|პასპორტ[^\s\d]{0,2}|անձնագ[^\s\d]{2,4}|паспорты?ны?ң?|pasporti?(?:ning)?"
    r"|hộ chiếu|ho chieu|דרכון|جواز (?:ال)?سفر|گذرنامه|पासपोर्ट|পাসপোর্ট|หนังสือเดินทาง|护照|護照|パスポート|旅券|여권"
)
_LICENCE_WORDS = (
    rf"driv(?:er|ing)(?:['’]?s)?[ _]?(?:licen[sc]es?|permit)|licen[sc]e[ _]?(?:number|no)|{_DL}"
    r"|f(?:ü|ue)hrerschein(?:s|nummer|nr|-nr)?|permis(?:ul|ului)? de condui?(?:re|cere)|permiso de conduci(?:r|ón)"
    r"|(?:licencia|carn[eé]t?) de (?:conduci(?:r|ón)|manejo)|patente di guida|carta de condução|habilitação|(?-i:CNH)"
    r"|carteira de motorista|rijbewijs(?:nummer|nr)?|praw[oa] jazdy|(?:kör|fører|køre)kort(?:et|nummer|snummer|nr)?"
    r"|ajokort(?:ti|in)(?: ?numero)?|juhil(?:oa|uba)|vairuotojo pažymėjim(?:as|o)|vadītāja apliecīb[asu]"
    r"|ehliyet(?:im|i)?|sürücü belgesi|vezetői engedély(?:em|szám)?|jogosítvány(?:om)?|řidičsk(?:ý|ého) průkazu?"
    r"|vodičsk(?:ý|ého) preukazu?|vozačk[aeu] dozvol[aeu]|vozniško dovoljenje"
    r"|водительск(?:ие|их|ое|ого) (?:права?|удостоверени[еяю])|посвідчення водія|свидетелство за управление"
    r"|άδεια(?:ς)? οδήγησης|רי?שיון נהיגה|رخصة (?:ال)?قيادة|گواهینامه|ड्राइविंग ला?इ?सेंस|ใบขับขี่|ใบอนุญาตขับ"
    rf"|{beside(_LICENCE_BESIDE)}"
    r"|permis (?:auto|moto|b)|licen[çc]a de condu[çc][ãa]o|carta (?:de )?condu[çc][ãa]o"
    r"|licencia(?: de conducir| federal)?(?: clase| tipo)? [a-e]|brevet[ée]s?|br[eé]vet de conduire"
    r"|licencia de tr[áa]nsito"
    r"|водійськ[^\s\d]{2,3} (?:посвідчення|права?)|жүргізуші куәлігі|haydovchilik guvohnomasi|mabrika ya udereva"
    r"|leseni ya udereva|ড্রাইভিং লাইসেন্স|سواقة|رخصة (?:ال)?(?:قيادة|قياده|سواقة|سياقة)|lésen memandu|lisensya"
    r"|surat izin mengemudi|giấy phép lái xe|bằng lái|gplx|lesen memandu|驾驶证号?"
    r"|行驶证|驾驶执照|駕照號?碼?|면허(?:증)?번호|驾驶证|驾照|駕照|駕駛執照|免許証?|운전면허"
)
_CARD_WORDS = (
    r"(?:(?:bundes)?personal)?ausweis(?:es|nummer|nr|-nr)?|id(?:entity)? card|carte (?:nationale )?(?:d['’ ])?identité"
    r"|carta d['’]identità|identiteits(?:kaart(?:nummer)?|bewijs)|dow[oó]d(?:u|em)? osobist(?:y|ego|ym)|nr dowodu"
    r"|(?:seri[ae]|num[aă]r) buletin|(?:buletin|carte) de identitate"
    r"|občansk(?:ý|ého) průkazu?|občiansk(?:y|eho) preukazu?"
    r"|személyi(?: ?igazolvány(?:szám)?)?|osobn[aeu] iskaznic[aeu]"
    r"|ličn[aeu] kart[aeu]|osebna izkaznica|cartão de cidadão|bilhete de identidade"
    rf"|{beside(_CARD_BESIDE)}"
    r"|č\. ?op|občianskeho|občanky|szem(?:élyi)?\.? ?ig\.?(?: ?szám[a-z]{0,3})?|α\.?δ\.?τ|ταυτότητας|id-?ka(?:art|rt"
    r"|ard)i?(?:kaardi)?"
    r"|(?:nr|numer|seria)(?: i (?:nr|numer|seria))? dow(?:odu|ód)|dow[óo]d(?:u|em)?(?: osob[a-z]{0,4})?|л\.? ?к\.? ?№"
    r"|і?[іi]?d?-?(?:ід|id)-?картк?[аи]"
    r"|уд(?:остоверени[еяю]|\.) личности|жеке куәлік|șəxsiyyət vəsiqəsi|şəxsiyyət vəsiqəsi|pirado|პირადობის მოწმობა"
    r"|(?:seri[ae]|nr|num[aă]r)(?:[ /]{1,3}(?:nr|seri[ae]))?\.? (?:buletin|ci|c\.i\.)|buletin(?:ul)?"
    r"|cartea? de identitate|bi n"
    r"|asmens dokument[^\s\d]{1,3}|personas apliecīb[^\s\d]{1,2}|leges?itimation|henkilökortti|id-?kort(?:et)?"
    r"|n[°º] (?:cni|bi)"
    r"|identification card|residence permit|aufenthaltstitel|titre de séjour|permesso di soggiorno|karta pobytu"
    r"|verblijfsdocument|tarjeta de (?:residencia|identidad)|(?-i:TIE|CNI|IDNP|BRP)"
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


def _digits(text: str) -> bool:
    """Whether it is no word with a digit behind it."""
    return sum(map(str.isdigit, text)) > 1


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
            *CODES,
            SERIES,
            Search(zone, r"[0-9<][0-9][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}|[A-Z<]{3}[A-Z0-9<]{9}[0-9][A-Z0-9<]{15}"),
        ],
        rf"(?:{_PASSPORT}){FILL}",
        after=False,
        strict=True,
    ),
    kind(
        "US_DRIVER_LICENSE",
        r"[a-z0-9-]*\d[\d-]{4}|\d{3} \d{3} \d{3}|[a-z]\d{2}[0-9a-z]{6}\d",
        [
            shape(_LICENCE, 0.15, number=True),
            shape(r"\d{3} \d{3} \d{3}|\d{10,12}|\d{2} \d{2} \d{6}", FAINT, number=True),
            shape(rf"(?:{_MIXED})(?![\w-])", FAINT, left="_-"),
            shape(r"\d{2}-\d{2}-\d{6}-\d{2}|\d{5}/\d{2}/\d{4}", 0.15, number=True),
            shape(_LICENCE_LETTERED, 0.15),
            shape(r"[A-Z]{2}\d{7}[A-Z]|[A-Z]\d{4}-\d{5}-\d{5}", 0.15),
            shape(r"[A-Z]{2}[ -]?\d{2}[ -]?(?:19|20)\d{9}", 0.3),
            shape(r"[A-Z]\d{2}[0-9A-Z]{6}\d[0-9A-Z](?!\w)", FAINT, left="_-"),
            # Italy's, since 2013.
            shape(r"U1[0-9A-Z]{5,9}[A-Z](?![\w-])", FAINT, _digits, left="_-"),
            shape(r"\d{7,20}(?![ ,;|/]{1,3}ul[:=])", FAINT, number=True),
            *NAMED[1:],
            SERIES,
            short(r"ehliyet(?:im)?|prawo jazdy|vozačk[ae] dozvol[ae]|driver['’]?s? licen[sc]e|(?-i:ŘP)|führerschein"),
        ],
        rf"(?:{_LICENCE_WORDS}){FILL}",
        weak=True,
        after=False,
        strict=True,
    ),
    kind(
        "ID_CARD",
        r"[b-df-hj-np-tv-z][0-9b-df-hj-np-tv-z]{8}|i[a-z]{2}[0-9a-z]{5}\d|[a-z]{2,3}[ -]?\d{5}|[0-9]{6}[a-z0-9]{3}",
        [
            shape(r"[CFGHJKLMNPRTV-Z][0-9CFGHJKLMNPRTV-Z]{8}\d(?!\w)", 0.3, check.de_document, left="_-"),
            shape(r"[CFGHJKLMNPRTV-Z][0-9CFGHJKLMNPRTV-Z]{8}(?!\w)", 0.15, check.de_document, left="_-"),
            shape(r"[A-Z]{3} ?\d{6}(?![\w-])", 0.3, check.pl_card, left="_-"),
            shape(r"[A-Z]{2} ?\d{5} ?[A-Z]{2}(?![\w-])|(?!N[OR]|ID)[A-Z]{2} ?\d{6,7}(?![\w-])", 0.15, left="_-"),
            # The Netherlands, and France, whose cards have no check digit of their own.
            shape(r"I[A-NP-Z]{2}[A-NP-Z0-9]{5}\d(?![\w-])", FAINT, _digits, left="_-"),
            shape(r"[B-DF-HJ-NP-TV-Z][0-9B-DF-HJ-NP-TV-Z]{7}\d(?![\w-])", FAINT, _digits, left="_-"),
            shape(r"\d{6}[A-Z]{2}|\d{8} ?\d ?[A-Z]{2}\d", 0.15),
            shape(r"\d{9}|\d{12}", FAINT, number=True),
            *NAMED,
            SERIES,
        ],
        rf"(?:{_CARD_WORDS}){FILL}",
        weak=True,
        after=False,
        strict=True,
    ),
)
