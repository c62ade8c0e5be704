"""Vehicles: the number of a chassis, which has a check digit in some countries, and what stands on plates."""

import re

from ..search.blocks import matches
from ..search.places import Places, loosened
from .awaited import told, word_gate
from .kinds import FAINT, MIXED, NO, REACH, Kind, Matches, Search, kind
from .named_words import FILL

_VALUES = {
    **{letter: at % 10 for at, letter in enumerate("ABCDEFGH", 1)},
    **dict(zip("JKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **{digit: int(digit) for digit in "0123456789"},
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def checked(text: str) -> bool:
    """Whether the ninth sign of a chassis number is its check digit. Source: 49 CFR 565.15, which North America asks
    for. One of a single digit in all its places is none."""
    number = text.upper()
    rest = sum(_VALUES[sign] * weight for sign, weight in zip(number, _WEIGHTS, strict=True)) % 11
    return number[8] == ("X" if rest == 10 else str(rest)) and number[:3].upper() != number[:3].lower()


_CHASSIS_WORDS = (
    rf"vin{NO}|vehicle identification(?: number| no\.?)?|(?:chassis|frame)[ _-]?(?:no|num(?:ber)?|nr)\.?|chassis"
    r"|fahrgestell(?:nummer|nr\.?)?|fahrzeug-?ident(?:ifizierungs|ifikations)?-?(?:nummer|nr\.?)|(?-i:FIN|FIN-Nr\.?)"
    r"|num[ée]ro de (?:ch[âa]ssis|s[ée]rie du v[ée]hicule)|ch[âa]ssis|(?:n[úu]mero de )?(?:bastidor|chasis)|chassi"
    r"|(?:numero di )?telaio|chassisnummer|(?:chassi|stel|understells|ramme)nummer|alustanumero|numer nadwozia"
    r"|karoserie|alvázszám|serie (?:de )?[șs]asiu|(?:номер )?(?:кузова|шасси)|номер кузова|αριθμός πλαισίου"
    r"|[şs]asi (?:no|numaras(?:ı|i))|رقم (?:ال)?(?:شاصي|شاسيه|هيكل|قاعدة)|מספר שלדה|车架号码?|車身號碼|車台番号"
    r"|차대번호"
    r"|số khung|nomor rangka|เลข(?:ตัว)?ถัง"
)
_PLATE_WORDS = (
    r"(?:licen[cs]e|number|registration|reg|vehicle|car|van|truck|rear|front|party|trailer)[ _-]?plates?"
    r"(?:[ _]?(?:no|num(?:ber)?|#)\.?)?|plates?(?: no\.?| number)?(?= ?[:=#]| is\b| was\b| reads?\b|$)|(?-i:VRM|VRN)"
    r"|(?:vehicle|car|van|truck|bike)[ _]?reg(?:istration)?(?:[ _]?(?:no|num(?:ber)?|mark)\.?)?|registration mark"
    r"|(?:kfz|auto|amtliches )?-?kennzeichen|kfz-kz\.?|nummernschild|kontrollschild"
    r"|plaque(?: (?:d['’])?immatriculation| min[ée]ralogique)?|immatricul(?:ation|[ée]e?)|matr[íi]cula|patente"
    r"|placas?(?: del? (?:auto|carro|coche|ve[íi]culo|veh[íi]culo)| do (?:carro|ve[íi]culo))?(?= ?[:=#]| es\b| é\b|$)"
    r"|targa|targato|kenteken(?:plaat)?|nummerplaat|(?:registrerings|reg\.?|kjennetegns?)(?:nummer|nr\.?)"
    r"|(?:nummer|registrerings)(?:plåt|plade|skilt)|rekisteri(?:tunnus|numero|kilpi)|bílnúmer"
    r"|(?:nr|numer|tablic[ae]) rejestracyjn[aey]|rejestracj[aęi]|(?-i:SPZ|RZ|EČV|EČ)|rendszám"
    r"|num[ăa]r de [îi]nmatriculare"
    r"|registarsk[ae] (?:oznak[ae]|tablic[ae])|registrske? (?:številk[ae]|tablic[ae])|valstybini(?:s"
    r"|ai) numer(?:is|iai)"
    r"|numura zīme|registreerimismärk|(?:гос(?:ударственн|\.)?(?:ый|ой)? ?)?(?:рег(?:истрационн|\.)(?:ый|ой)? )?"
    r"(?:госномер|гос\. ?номер|номер(?:ной)? (?:знак|машины|авто(?:мобиля)?)|номерний знак)|рег\. ?номер"
    r"|(?:αριθμός κυκλοφορίας|πινακίδα|πινακίδες)|plaka(?:sı|si|m|nız|niz)?(?: no)?|(?:رقم )?(?:ال)?لوحة|پلاک"
    r"|(?:מספר )?(?:רישוי|לוחית(?: רישוי)?)|(?:वाहन|गाड़ी) (?:का )?(?:नंबर|संख्या)|vehicle no\.?"
    r"|车牌(?:号码?)?|車牌(?:號碼?)?|(?<![ァ-ヴー])ナンバー(?:プレート)?|車両番号|(?:차량)?번호판|차량(?: ?번호)"
    r"|biển (?:số|kiểm soát)(?: xe)?"
    r"|(?:plat|nomor)(?: (?:nomor|motor|mobil|kendaraan|polisi))|nopol|(?:เลข)?ทะเบียนรถ"
)
_GATE = word_gate(_PLATE_WORDS)
_CHASSIS = re.compile(r"(?<![\w/.-])(?=[0-9]*[A-Z])[A-HJ-NPR-Z0-9]{13}[0-9]{4}(?![\w-])", re.ASCII | re.IGNORECASE)
_ANY = "[A-ZА-ЯІЇЄΑ-Ω0-9]"
_PLATE = re.compile(
    r"(?<![^\W_])(?<!/)(?:"
    # Letters and digits in up to four groups, in capitals; or as one word, as they are typed in haste.
    rf"(?-i:{_ANY}{{1,8}}(?:[ .·-]{_ANY}{{1,5}}){{0,3}})|[a-z0-9]{{5,8}}"
    r"|[一-鿿][A-Z][ ·]?[A-Z0-9]{5,6}|[一-鿿ぁ-ん]{1,4} ?\d{2,3} ?[ぁ-ん] ?[\d・]{1,2}-?\d{2}"
    r"|(?:[가-힣]{2} ?)?\d{2,3} ?[가-힣] ?\d{4}|\d?[ก-ฮ]{2,3} ?\d{1,4}"
    r")(?![^\W_])",
    re.IGNORECASE,
)
_LETTER, _SIGN = re.compile(r"[^\W\d_]"), re.compile(r"[^\W_]")
_DIGITS = re.compile(r"\d{2,3}-\d{2,3}-\d{2,3}")
_LAST = re.compile(r"[ .·-][^ .·-]*$")
_MOST, _LEAST = 10, 4
"""Letters and digits of a plate."""


def _plates(text: str, start: int, places: Places) -> Matches:
    """Letters and two digits; in Israel digits alone, in three groups."""
    for begin, end in told(_GATE, text, start, places):
        yield from _plates_in(text, begin, end)


def _plates_in(text: str, begin: int, end: int) -> Matches:
    for found in _PLATE.finditer(text, begin, end):
        value = found[0]
        while len(_SIGN.findall(value)) > _MOST and (last := _LAST.search(value)):
            value = value[: last.start()]  # capitals that follow
        digits = sum(map(str.isdigit, value))
        mixed = _LETTER.search(value) and 2 <= digits <= (6 if value.isascii() else 7)
        if _LEAST <= len(_SIGN.findall(value)) <= _MOST and (mixed or _DIGITS.fullmatch(value)):
            yield found.start(), found.start() + len(value), FAINT


def _chassis(text: str, start: int, places: Places) -> Matches:
    """Seventeen signs, the last four digits. Source: ISO 3779."""
    for found in matches(_CHASSIS, text, start, REACH):
        yield *found.span(), 0.6 if found[0].isupper() and checked(found[0]) else FAINT


VEHICLES: tuple[Kind, ...] = (
    kind(
        "VEHICLE_IDENTIFICATION_NUMBER",
        r"[a-hj-npr-z0-9]{13}[0-9]{4}",
        [Search(_chassis, MIXED)],
        rf"(?:{_CHASSIS_WORDS}){FILL}",
        after=False,
        strict=True,
    ),
    kind(
        "LICENSE_PLATE",
        f"(?:{loosened(_PLATE_WORDS)})",
        [Search(_plates, best=FAINT)],
        rf"(?:{_PLATE_WORDS}){FILL}",
        weak=True,
        after=False,
        strict=True,
    ),
)
