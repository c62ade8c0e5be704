"""On which side of a number a question stands: "more than 500,000 people", "at most 500,000 people". Pure Python.

The words are the same but for a small one, and the networks are not always sure which side it is. Only opposites count:
"exactly 500" beside "at least 500" is left to them.
"""

import re
from collections.abc import Mapping

from .remembered import remembered
from .words import CLASSES, NUMBERS, UNSURE
from .written import SIGNS

_UP, _DOWN = 1, -1
_NOT = CLASSES["negation"] | frozenset(
    "keiner keines न नहीं nahi نہ नही nimic niciun inte ikke ej žádný nesmí nelze жоден".split()
)
"""What turns it round, from wherever it stands: "I can't go above 30", "keiner länger als sechs Wörter"."""
_NUMBERS = {word: number for word, number in NUMBERS.items() if number != "1" and word not in UNSURE}
_WORDS = 4
"""Words before and behind a number that are looked at."""
_token = re.compile(
    rf"(?<![a-z_])\d+(?:[.,' \u00a0\u202f]\d{{3}}(?!\d))*(?:[.,]\d+)?(?![\d(])|[^\W\d_](?:[^\W\d_]|['’{SIGNS}])*|[≥≤]"
).finditer
_GROUPS = re.compile(r"\D(?=\d{3}(?!\d))")
"""What stands between thousands."""
_BETWEEN = frozenset(
    "the a an year years age ages of about around dem den das jahr jahre les l'an l'année año el la los le anno"
    " gli dell'anno ano o os roku rok roce rokiem року года год лет vuotta vuoden an anul"
    " tahun năm det år het jaar evi έτος το τα usd eur r rs us".split()
)
"""What may stand between a word and its number."""
_BEFORE = {
    phrase: side
    for side, phrases in (
        (
            _UP,
            "more than|from|starting|greater than|larger than|bigger than|higher than|longer than|older than"
            "|no earlier than|later than|at the earliest in|after the end|since the end|beyond"
            "|at least|over|above|minimum|a minimum of|minimum of|min|not less than|no less than|no fewer than"
            "|not fewer than|upwards of|exceeding|after|since|mehr als|über|mindestens|wenigstens|minimal"
            "|älter als|größer als|länger als|nicht weniger als|ab|nach|seit|oberhalb von|plus de|plus d'"
            "|au moins|au-dessus de|minimum de|au minimum|à partir de|dès|depuis|supérieur à|supérieurs à"
            "|supérieure à|supérieures à|pas moins de|après|plus grand que|âgés de plus de|más de|más que"
            "|al menos|por lo menos|como mínimo|mínimo|un mínimo de|a partir de|desde|mayor de|mayores de"
            "|mayor que|mayores que|mayor a|mayores a|superior a|superiores a|no menos de|después de"
            "|por encima de|mais de|mais do que|mais que|pelo menos|no mínimo|ao menos|maior que|maiores que"
            "|acima de|maior de|maiores de|depois de|após|não menos de|più di|almeno|oltre|oltre i|oltre gli"
            "|al minimo|minimo|come minimo|a partire da|dal|superiore a|superiori a|maggiore di|maggiori di"
            "|non meno di|dopo|dopo il|sopra i|sopra|peste|mai mult de|mai mulți de|mai multe de|cel puțin|minim"
            "|după|începând cu|din|meer dan|minstens|ten minste|tenminste|minimaal|boven|boven de|vanaf|ouder dan"
            "|groter dan|hoger dan|langer dan|na|sinds|mer än|fler än|minst|över|från|äldre än|efter|större än"
            "|mere end|flere end|mindst|ældre end|fra|mer enn|flere enn|eldre enn|etter|større enn|siden"
            "|więcej niż|ponad|co najmniej|przynajmniej|powyżej|starsi niż|nie mniej niż|po|od|více než|přes|nad"
            "|alespoň|nejméně|minimálně|starší než|víc než|viac ako|viac než|aspoň|najmenej|више од|više od"
            "|najmanje|preko|barem|iznad|nakon|poslije|более|более чем|больше|больше чем|свыше|не менее"
            "|не менее чем|не меньше|минимум|как минимум|по крайней мере|от|старше|после|выше|начиная с|с|більше"
            "|більше ніж|більш як|більше за|понад|не менше|не менше ніж|щонайменше|мінімум|принаймні|від|після"
            "|повече от|над|поне|най-малко|след|yli|vähintään|enemmän kuin|ainakin|jälkeen|több mint|legalább"
            "|rohkem kui|üle|vähemalt|pärast|daugiau nei|daugiau kaip|mažiausiai|bent|ne mažiau kaip|virš|nuo"
            "|vairāk nekā|vismaz|virs|pēc|en az|en azından|asgari|πάνω από|περισσότερο από|περισσότερους από"
            "|περισσότερα από|περισσότερες από|περισσότεροι από|τουλάχιστον|άνω των|μετά|μετά από|από"
            "|μεγαλύτερο από|lebih dari|setidaknya|paling sedikit|sekurang-kurangnya|di atas|sejak|setelah"
            "|sesudah|mulai|lebih daripada|hơn|nhiều hơn|trên|ít nhất|tối thiểu|sau|lớn hơn|không dưới"
            "|không ít hơn|zaidi ya|angalau|sio chini ya|baada ya|tangu|कम से कम|न्यूनतम|أكثر من|اكثر من"
            "|على الأقل|ما لا يقل عن|لا يقل عن|فوق|أكبر من|بعد|منذ|بیش از|حداقل|دست کم|بیشتر از|بالای|پس از"
            "|بعد از|کم از کم|יותר מ|לפחות|מעל|אחרי|최소|최소한|적어도|≥",
        ),
        (
            _DOWN,
            "no later than|not later than|earlier than|prior to|at the latest in|before the end|until the end"
            "|less than|fewer than|smaller than|lower than|shorter than|younger than|at most|under|below|up to"
            "|maximum|a maximum of|maximum of|max|no more than|not more than|no longer than|not exceeding"
            "|not over|before|until|till|weniger als|unter|höchstens|maximal|jünger als|kleiner als|kürzer als"
            "|nicht mehr als|bis|bis zu|bis zum|vor|unterhalb von|moins de|moins d'|au plus|au-dessous de"
            "|en dessous de|maximum de|au maximum|jusqu'à|jusqu'en|inférieur à|inférieurs à|inférieure à"
            "|inférieures à|pas plus de|avant|tout au plus|menos de|menos que|como máximo|máximo|un máximo de"
            "|a lo sumo|hasta|menor de|menores de|menor que|menores que|menor a|menores a|inferior a|inferiores a"
            "|no más de|antes de|por debajo de|a lo más|menos do que|no máximo|até|abaixo de|não mais de"
            "|não mais que|meno di|al massimo|massimo|al più|fino a|fino al|inferiore a|inferiori a|minore di"
            "|minori di|non più di|prima del|prima di|sotto i|sotto|sub|mai puțin de|mai puțini de|mai puține de"
            "|cel mult|maxim|până la|până în|înainte de|nu mai mult de|minder dan|hoogstens|ten hoogste|maximaal"
            "|onder|onder de|tot|jonger dan|kleiner dan|lager dan|korter dan|voor|niet meer dan|mindre än"
            "|färre än|högst|upp till|till och med|yngre än|före|innan|inte mer än|mindre end|færre end|højst"
            "|op til|yngre end|før|ikke mere end|ikke mer enn|ikke flere enn|mindre enn|færre enn|høyst|maks"
            "|opptil|yngre enn|maksimum|maksimalt|mniej niż|poniżej|co najwyżej|najwyżej|nie więcej niż"
            "|maksymalnie|młodsi niż|przed|do|méně než|pod|nejvýše|nanejvýš|maximálně|ne více než|mladší než|před"
            "|menej ako|menej než|najviac|pred|мање од|manje od|najviše|ispod|prije|pre|менее|менее чем|меньше"
            "|меньше чем|не более|не более чем|не больше|не свыше|максимум|до|младше|моложе|ниже|самое большее"
            "|менше|менше ніж|менш як|менше за|не більше|не більше ніж|щонайбільше|молодше|молодші за|по-малко от"
            "|под|най-много|преди|alle|enintään|korkeintaan|vähemmän kuin|ennen|kevesebb mint|legfeljebb"
            "|vähem kui|alla|kuni|enne|mažiau nei|mažiau kaip|daugiausia|ne daugiau kaip|iki|žemiau|mazāk nekā"
            "|zem|pirms|en fazla|en çok|azami|κάτω από|λιγότερο από|λιγότερους από|λιγότερα από|λιγότερες από"
            "|το πολύ|κάτω των|έως|μέχρι|πριν|πριν από|πριν το|όχι περισσότερο από|μικρότερο από|kurang dari"
            "|maksimal|paling banyak|di bawah|hingga|sampai|sebelum|tidak lebih dari|kurang daripada|ít hơn|dưới"
            "|nhiều nhất|tối đa|không quá|đến|trước|nhỏ hơn|không hơn|chini ya|kabla ya|hadi|si zaidi ya|अधिकतम"
            "|ज़्यादा से ज़्यादा|ज्यादा से ज्यादा|أقل من|اقل من|على الأكثر|لا يزيد عن|لا يتجاوز|تحت|أصغر من|قبل"
            "|حتى|کمتر از|حداکثر|زیر|پیش از|قبل از|تا|زیادہ سے زیادہ|פחות מ|לכל היותר|מתחת ל|לפני|עד|최대|최대한|≤",
        ),
    )
    for phrase in phrases.split("|")
}
"""What stands before a number."""
_DUE = frozenset(
    "by|by the end|by end|through|d'ici|d'ici à|d'ici fin|d’ici|d’ici à|para|entro|entro il|tegen|к|až do"
    "|senast|till|senest|viimeistään".split("|")
)
"""The same down to a year, and something else before other numbers: a rise by 5 %."""
_year = re.compile("1[5-9][0-9]{2}|20[0-9]{2}|21[0-9]{2}").fullmatch
_BEHIND = {
    phrase: side
    for side, phrases in (
        (
            _UP,
            "or more|or above|or over|or older|or higher|or longer|or greater|or later|and over|and above"
            "|and older|and up|onwards|onward|minimum|oder mehr|oder älter|und mehr|und älter|oder darüber"
            "|oder höher|aufwärts|mindestens|ou plus|et plus|au moins|au minimum|o más|y más|en adelante"
            "|como mínimo|ou mais|no mínimo|o più|in su|al minimo|of meer|of ouder|en ouder|of hoger|eller mer"
            "|eller mere|eller fler|eller flere|eller äldre|eller ældre|eller eldre|och uppåt|og opefter"
            "|lub więcej|i więcej|wzwyż|nebo více|a více|i stariji|ili više|и более|или более|и больше|или больше"
            "|и старше|и выше|або більше|і більше|та більше|і старше|tai enemmän|jälkeen|vagy több|nál több"
            "|nél több|feletti|felett|fölött|fölötti|után|utáni|fazla|üzeri|üstü|üzerinde|üstünde|üzerindeki"
            "|büyük|sonra|से अधिक|से ज़्यादा|से ज्यादा|से ऊपर|से बड़े|के बाद|سے زیادہ|کے بعد|trở lên|ke atas"
            "|atau lebih|و بالاتر|فأكثر|או יותר|ומעלה",
        ),
        (
            _DOWN,
            "or less|or fewer|or under|or below|or younger|or lower|or shorter|or earlier|and under|and below"
            "|and younger|maximum|max|at most|tops|oder weniger|oder jünger|oder darunter|und weniger|und jünger"
            "|höchstens|maximal|ou moins|et moins|au plus|au maximum|o menos|como máximo|ou menos|no máximo"
            "|o meno|in giù|al massimo|of minder|of jonger|en jonger|eller mindre|eller färre|eller færre"
            "|eller yngre|lub mniej|i mniej|nebo méně|a méně|i mlađi|ili manje|и менее|или менее|и меньше"
            "|или меньше|и младше|и ниже|або менше|і менше|та менше|і молодше|tai vähemmän|vagy kevesebb"
            "|nál kevesebb|nél kevesebb|alatti|alatt|előtt|előtti|den az|dan az|ten az|tan az|altında|altındaki"
            "|altı|küçük|önce|से कम|से नीचे|से छोटे|से पहले|سے کم|سے پہلے|trở xuống|ke bawah|atau kurang|فأقل"
            "|או פחות|ומטה",
        ),
        (0, "más o menos|mais ou menos|plus ou moins|en az|en fazla|en çok|en büyük|en küçük"),
    )
    for phrase in phrases.split("|")
}
"""What stands behind it, perhaps with what is counted between them; "more or less" is on no side."""
_UNSPACED_BEFORE = re.compile(
    "(?:(超过|超過|大于|大於|多于|多於|高于|高於|至少|最少|不少于|不少於|不低于|不低於|不小于|不止|少なくとも"
    "|มากกว่า|เกิน|อย่างน้อย|ตั้งแต่|หลัง|ไม่ต่ำกว่า|ไม่น้อยกว่า)"
    "|不到|少于|少於|低于|低於|小于|小於|最多|至多|不超过|不超過|不大于|不大於|不多于|不高于|未满|未滿|多くとも"
    "|น้อยกว่า|ไม่ถึง|ไม่เกิน|ต่ำกว่า|อย่างมาก|ก่อน|ไม่มากกว่า)(?:ปี)?\\W*$"
)
_UNSPACED_BEHIND = re.compile(
    r"[^\W\d]{0,4}?\s?[^\W\d]{0,3}?\s?"
    "(?:(以上|以降|以后|以後|之后|之後|を超え(?!な|ず)|超の|より多|より大|이상|초과|이후|넘는|넘게|부터|ขึ้นไป)"
    "|以下|未満|未满|以内|以內|以前|之前|之内|まで|より少|より小|を下回|を超え|이하|미만|이내|이전|까지|ลงมา)"
)
"""The same in scripts without blanks, and in Korean; up is the group."""


def opposed(a: str, b: str) -> bool:
    """Whether two texts, in small letters, set the same number as a bound on opposite sides. Of labelled
    pairs of which it is so, 51 have different answers and none the same."""
    mine = limits(a)
    if not mine:
        return False
    yours = limits(b)
    return any(mine[number] == -yours[number] for number in mine.keys() & yours.keys())


@remembered
def limits(text: str) -> Mapping[str, int]:
    """The numbers of a text that are bounds: 1 from there up, -1 down to there. None where a "not" may turn
    one round. Remembered, as `read` is: a question is compared with all that is near."""
    tokens = [(found[0], found.start(), found.end()) for found in _token(text)]
    words = [word for word, _, _ in tokens]
    found: dict[str, int] = {}
    for at, (word, start, end) in enumerate(tokens):
        number = _GROUPS.sub("", word) if word[0].isdigit() else _NUMBERS.get(word)
        if number and (side := _side(words, at) or _unspaced(text, start, end)):
            found[number] = side if found.get(number, side) == side else 0
    return {number: side for number, side in found.items() if side}


def _side(words: list[str], at: int) -> int:
    last = at
    while last and words[last - 1] in _BETWEEN and words[last - 1] not in _BEFORE:
        last -= 1
    spans = [(first, end) for end in (last, last - 1) for first in range(max(0, end - _WORDS), end)]
    for first, end in spans:
        phrase = " ".join(words[first:end])
        if (side := _BEFORE.get(phrase, _DOWN if phrase in _DUE and _year(words[at]) else None)) is not None:
            return 0 if _negated(words[:first] + words[at:]) else side
    for first in range(at + 1, min(at + 1 + _WORDS, len(words))):
        for size in (3, 2, 1):
            if (side := _BEHIND.get(" ".join(words[first : first + size]))) is not None:
                return 0 if _negated(words) else side
    return 0


def _negated(words: list[str]) -> bool:
    return any(word in _NOT or word.endswith(("n't", "n’t")) for word in words)


def _unspaced(text: str, start: int, end: int) -> int:
    if text.isascii():
        return 0
    found = _UNSPACED_BEHIND.match(text, end) or _UNSPACED_BEFORE.search(text, max(0, start - 14), start)
    return 0 if not found else _UP if found[1] else _DOWN
