"""Numbers where no blanks part them from what is counted: Chinese, Japanese, Korean, Thai. Pure Python."""

import re
from functools import cache

from .place import alike, ends

_DIGITS = {
    char: number for number, chars in enumerate("〇零 一壹 二两兩贰 三叁 四 五 六 七 八 九".split()) for char in chars
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMERAL = re.compile(r"[\d〇零一壹二两兩贰三叁四五六七八九十百千万萬亿億]")
_KOREAN = re.compile(
    "(?:(열|스물|서른|마흔|쉰|예순|일흔|여든|아흔)(하나|한|둘|두|셋|세|석|넷|네|다섯|여섯|일곱|여덟|아홉)?"
    "|(하나|한|둘|두|셋|세|석|서|넷|네|다섯|여섯|일곱|여덟|아홉)|스무)"
)
_NATIVE = {
    word: number
    for number, words in enumerate("- 하나|한 둘|두 셋|세|석|서 넷|네 다섯 여섯 일곱 여덟 아홉".split())
    for word in words.split("|")
}
_NATIVE_TENS = {word: 10 * at for at, word in enumerate("- 열 스물 서른 마흔 쉰 예순 일흔 여든 아흔".split())}
_SINO = {word: number for number, word in enumerate("영일이삼사오육칠팔구")}
_SINO_TENS = {"십": 10, "백": 100, "천": 1000, "만": 10**4}
_THAI_ONES = "หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า".split()
AROUND = 10
"""Characters on either side of what differs that may belong to a number in Thai."""


def unspaced_numbers(a: str, b: str) -> bool:
    """Whether two texts differ in one number alone. Blanks do not count."""
    a, b = "".join(a.split()), "".join(b.split())
    first, last = ends(a, b)
    if not a or not b or max(len(a), len(b)) - first - last > 2 * AROUND:
        return False
    if "\u0e00" < a[min(first, len(a) - 1)] < "\u0e80" or "\u0e00" < b[min(first, len(b) - 1)] < "\u0e80":
        return _thai_differ(a, b, first, last)
    return _han_differ(a, b, first, last)


def _han_differ(a: str, b: str, first: int, last: int) -> bool:
    while first and _NUMERAL.match(a, first - 1):
        first -= 1
    while last and _NUMERAL.match(a, len(a) - last):
        last -= 1
    mine, yours = a[first : len(a) - last], b[first : len(b) - last]
    if mine.isdecimal() and yours.isdecimal():
        return False  # told apart elsewhere
    one, other = han(mine), han(yours)
    return one is not None and other is not None and one != other


def han(text: str) -> int | None:
    """The number that characters make: 三百五十, 3万, 二〇二六. None where they make none."""
    whole = group = 0
    digit: int | None = None
    if len(text) > 2 and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    for part in re.findall(r"\d+|\D", text):
        if part.isdecimal() or part in _DIGITS:
            if digit:
                return None
            digit = int(part) if part.isdecimal() else _DIGITS[part]
        elif part in _TENS:
            group, digit = group + (1 if digit is None else digit) * _TENS[part], None
        elif part in _GREAT:
            whole, group, digit = whole + max(1, group + (digit or 0)) * _GREAT[part], 0, None
        else:
            return None
    return whole + group + (digit or 0) if text else None


def korean(one: str, other: str) -> bool:
    """Whether two words of Korean begin with other numbers, and end alike: 두 and 열두, 세가지 and 네가지."""
    for tail in range(alike(one[::-1], other[::-1]) + 1):
        mine, yours = (_hangul(word[: len(word) - tail]) for word in (one, other))
        if mine is not None and yours is not None:
            return mine != yours
    return False


def _hangul(text: str) -> int | None:
    if found := _KOREAN.fullmatch(text):
        ten, one, alone = found.groups()
        return 20 if text == "스무" else _NATIVE_TENS.get(ten or "", 0) + _NATIVE.get(one or alone or "", 0)
    total, digit = 0, 0
    for char in text:
        if char in _SINO_TENS:
            total, digit = total + max(1, digit) * _SINO_TENS[char], 0
        elif char in _SINO and not digit:
            digit = _SINO[char]
        else:
            return None
    return total + digit if text else None


@cache
def _thai() -> dict[str, int]:
    found = {word: one for one, word in enumerate(_THAI_ONES, 1)}
    for at in range(1, 10):
        ten = ("" if at == 1 else "ยี่" if at == 2 else _THAI_ONES[at - 1]) + "สิบ"
        found[ten] = 10 * at
        found[ten + "เอ็ด"] = 10 * at + 1
        found |= {ten + word: 10 * at + one for one, word in enumerate(_THAI_ONES[1:], 2)}
    return found | {"ร้อย": 100, "หนึ่งร้อย": 100, "พัน": 1000}


def _thai_differ(a: str, b: str, first: int, last: int) -> bool:
    """Whether the longest numbers around what differs are two; a short one may be part of another word."""
    known = _thai()
    best: tuple[int, bool] = (0, False)
    for left in range(min(AROUND, first) + 1):
        for right in range(min(AROUND, last) + 1):
            one, other = (text[first - left : len(text) - last + right] for text in (a, b))
            mine, yours = (int(word) if word.isdecimal() else known.get(word) for word in (one, other))
            if mine is not None and yours is not None and len(one) + len(other) > best[0]:
                best = len(one) + len(other), mine != yours
    return best[1]
