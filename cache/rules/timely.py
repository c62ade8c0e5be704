"""Questions whose answer is another one tomorrow: they are not answered from memory, and their answers are not kept.

A rule over words, in the languages below. It asks for a moment (today, right now) or for something that changes (the
price of gold, the newest version), and leaves alone what merely speaks of time. Of a long text only the end is looked
at. What it misses costs a stale answer for as long as `ttl` lasts, what it takes wrongly a model call.
"""

import re
from collections.abc import Sequence

from .timely_more import MORE
from .timely_since import SINCE
from .timely_words import RULES
from .written import small

SHORT, END = 240, 120
"""Characters up to which a text is looked at whole, and how many of a longer one's end: where its question stands."""

UNSPACED = re.compile(
    "今天|今日|今晚|明天|今年|[现現]在[几幾][点點]|目前|本(?:月|[周週](?![期转轉边邊围圍]))"  # Chinese
    "|[这這](?:[周週]|[个個]月)|最新|天[气氣]"
    "|[汇匯]率|[股金油][价價](?!值)|[实實][时時]|即[时時](?:新[闻聞]|路[况況]|比分)"
    "|(?<![发發出实實])[现現]任(?![何务務意])"
    "|比特[币幣](?:[价價]格(?![由为為怎如受的])|多少[钱錢])"
    "|(?:^|下午|早上|晚上|[周週]末|[后後]天|[待等一][会會下][儿兒]?)[会會]下[雨雪][吗嗎]"
    "|昨(?:天|晚)(?:[发發]生|[谁誰][赢贏]|的?(?:新[闻聞]|比[赛賽]))|[还還]有(?:[几幾]|多少)天"
    "|(?:美元|美金|[欧歐]元|日元|英[镑鎊])(?:等[于於]|可?[换換]|[兑兌]|是|值|合)?(?:多少|[几幾])"
    "|下一?[班趟场場次](?:[车車]|公交|地[铁鐵]|高[铁鐵]|比[赛賽]|[满滿]月)|[现現]在(?:[开開][门門着著]|[营營][业業])|[气氣][温溫](?:是|有)?(?:多少|[几幾])"
    "|路[况況](?:怎|如何)|[\u4e00-\u9fff]{2}下[雨雪]了[吗嗎]|[现現]在是?什[么麼][时時][间間]"
    "|[现現]在的?(?:[总總][统統理]|首相|主席|国王|國王|教皇)|上(?:[周週]|[个個]月)[发發]生"
    "|今の(?:大統領|首相|総理|天皇)|先週何が"
    "|本日|今夜|明日|昨日の(?:ニュース|試合|天気)|あと何日|現在の|今何時|今週|今月|天気|為替|株価"  # Japanese
    "|(?:ビットコイン|ドル)の(?:価格|値段|相場)(?![がのに]|は(?:どう|なぜ|何|なん)|を(?!教))|昨日(?:は|の試合は)?(?:誰|だれ|どこ|どっち|どちら)が勝"
    "|(?:金|原油|ガソリン)の?(?:価格|値段)は(?:いくら|今)|(?:ドル|ユーロ|ポンド|ウォン)は(?:何円|いくら)|気温は何度"
    "|次の(?:電車|バス|便|試合|満月|選挙|祝日)は(?:何時|いつ)|今(?:開いて|営業して)"
    r"|^\w{2,4}は雨ですか|試合は(?:誰|だれ|どこ|どっち|どちら)が勝[^0-9]*$|^[谁誰][赢贏]了?(?:比[赛賽]|球[赛賽])[？?]?$"
    "|오늘|내일|어제 (?:뉴스|경기|날씨)|지금|이번 ?(?:달|주(?![제문장소]))|올해|몇 ?시야|최신|날씨|환율|주가"  # Korean
    "|비트코인 ?(?:가격(?!의|[이은을] (?!얼마|알려))|시세|얼마)|어제 (?:누가|어디가|어느 팀이) 이겼"
    "|까지 (?:며칠|몇 ?일) 남(?!\\w* (?:계산|구하))"
    "|(?:금값|기름값)[이은]? ?얼마|(?:달러|유로|엔|위안)[는은]? ?(?:몇 ?원|얼마)|기온[이은]? ?(?:몇|얼마)"
    "|다음 (?:버스|지하철|기차|열차|경기|보름달|선거)[는은이가]? ?(?:언제|몇 ?시)|현재 (?:대통령|총리|가격|버전|기온)"
    r"|에 (?:지금 )?(?:비|눈) ?(?:와|오나요|와요|옵니까)\s*\??$"
    "|اليوم|الليلة|الآن|حاليا|كم الساعة|حالة الطقس|الطقس في|آخر الأخبار"  # Arabic
    "|سعر (?:الصرف|الذهب|الدولار|اليورو|البيتكوين)"
    "|(?:من فاز|ماذا حدث) (?:أمس|البارحة)|كيف الطقس"
    r"|\bغد(?:اً|ًا|ا)(?!\w)|هذا (?:الأسبوع|الشهر|العام)|هذه السنة"
    "|(?:الرئيس|رئيس الوزراء|الإصدار|السعر) الحالي|أحدث (?:إصدار|نسخة|الأخبار)|كم (?:تبلغ )?درجة الحرارة في"
    "|متى (?:موعد )?(?:القطار|الحافلة|المباراة) (?:القادم|التالي)|كم يوما?ً? (?:باق|بق|تبق|متبق)"
    "|هل تمطر في|كم بقي على (?:العيد|رمضان)|كم (?:يورو|دولار|جنيه|ريال) (?:تساوي|يساوي)"
    "|دولار (?:ب|إلى )(?:ال)?(?:يورو|جنيه|ريال|درهم)"
    "|आज(?!़?[ाी])|अभी|इस (?:समय|हफ्ते|सप्ताह|महीने|साल)|वर्तमान|मौसम|नवीनतम|कितने बजे"  # Hindi
    "|(?:मैच|चुनाव) (?:कौन|किसने) जीता(?! \\S)"
    "|कल (?:बारिश|कौन जीता|क्या हुआ)|(?<!कोड )में क्या हो रहा है|अगल[ीा] (?:ट्रेन|बस|मैच|चुनाव) कब|कितने दिन (?:बाकी|बचे)"
    "|(?:डॉलर|यूरो|पाउंड) (?:में )?कितने (?:रुपये|रुपए|डॉलर)"
    "|ताज़?ा (?:खबर|समाचार)|(?:सोने|डॉलर|बिटकॉइन) (?:का|की) (?:भाव|दाम|कीमत|रेट)(?! (?:कैसे|क्यों))"
    "|วันนี้|พรุ่งนี้|ตอนนี้|คืนนี้|(?:สัปดาห์|เดือน|ปี)นี้|ล่าสุด|กี่โมงแล้ว|สภาพอากาศ|พยากรณ์อากาศ"  # Thai
    "|(?<!ทาง)อากาศ(?:เป็น(?:อย่างไร|ยังไง)|วัน)|อัตราแลกเปลี่ยน|ราคา(?:ทอง|น้ำมัน)|(?:ราคา|คน)ปัจจุบัน"
)
"""The same for languages whose words are not set apart, or take endings."""
_LETTERS = re.compile("[\u0600-\u1cff\u3040-\uffff]")
"""One of theirs, from Arabic on: an accent or a letter of Russian is not worth that search."""


def _by_word() -> dict[str, list[re.Pattern[str]]]:
    found: dict[str, list[re.Pattern[str]]] = {}
    for words, pattern in (*RULES, *SINCE, *MORE):
        for word in words.split():
            found.setdefault(word, []).append(re.compile(pattern))
    return found


_RULES = _by_word()
_split = re.compile(r"\w+").findall


class Timely:
    """Says of a question why memory must not answer it: `time-sensitive`, `word`, or nothing. A few microseconds."""

    def __init__(self, words: Sequence[str] = (), *, builtin: bool = True) -> None:
        """`words` are the operator's own, words or phrases in any case; they are looked for in the whole text."""
        self._own = _phrases(words)
        self._builtin = builtin

    def reason(self, text: str) -> str:
        if self._builtin and _changes(text if len(text) <= SHORT else text[-END:]):
            return "time-sensitive"
        return "word" if self._own is not None and self._own.search(text) else ""


def _changes(text: str) -> bool:
    low = small(text)
    for word in _split(low):
        if (patterns := _RULES.get(word)) and any(pattern.search(low) for pattern in patterns):
            return True
    return not low.isascii() and _LETTERS.search(low) is not None and UNSPACED.search(low) is not None


def _phrases(words: Sequence[str]) -> re.Pattern[str] | None:
    """Where they begin or end with a letter or a digit, no other may stand beside it."""
    found = [
        (r"(?<!\w)" if word[0].isalnum() else "")
        + r"\s+".join(re.escape(part) for part in word.split())
        + (r"(?!\w)" if word[-1].isalnum() else "")
        for word in map(str.strip, words)
        if word
    ]
    return re.compile("|".join(found), re.IGNORECASE) if found else None
