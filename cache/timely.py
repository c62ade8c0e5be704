"""Questions whose answer is another one tomorrow: they are not answered from memory, and their answers are not kept.

A rule over words, in the languages below. It asks for a moment (today, right now) or for something that changes (the
price of gold, the newest version), and leaves alone what merely speaks of time. Of a long text only the end is looked
at. What it misses costs a stale answer for as long as `ttl` lasts, what it takes wrongly a model call.
"""

import re
from collections.abc import Sequence

SHORT, END = 240, 120
"""Characters up to which a text is looked at whole, and how many of a longer one's end: where its question stands."""

_CHANGES = (
    "news|headlines?|versions?|releases?|prices?|rates?|weather|temperature|time|date|scores?|results?|standings|events?|"
    "population|president|prime minister|chancellor|ceo|champions?|updates?|developments|inflation|traffic"
)
_GOODS = "bitcoin|btc|ethereum|eth|gold|silver|oil|gas|petrol|diesel|stock|share"
_MONEY = "usd|eur|gbp|jpy|chf|cny|inr|btc|eth|(?:us )?dollars?|euros?|pounds?|yen|francs?|rupees?|bitcoins?"
_FEASTS = "christmas|xmas|easter|new year|halloween|thanksgiving|ramadan|eid|diwali|spring|summer|autumn|winter"
_RATE = rf"\b({_MONEY}) (in|to|into) ({_MONEY})\b"

RULES: tuple[tuple[str, str], ...] = (
    # English
    ("today tonight tomorrow", ""),
    (
        "yesterday night",
        r"\b(who|what|which|did|how)\b.* (won|win|beat|happen(ed)?|announced?|closed?)\b.*\b(yesterday|last night)\b"
        rf"|\b(yesterday|last night)['’]?s ({_CHANGES}|game|match|race|numbers|winners?)\b",
    ),
    ("next", r"\bwhen('?s| is| are| does| do| will) (the |my |our )?next\b(?![.(])"),
    ("until till left", rf"\bhow (many (days|weeks|months)\b.*|long) (left )?(until|till) ({_FEASTS})\b"),
    ("now", r"(right|as of|until|happening|open|live) now\b|\bnow\s*[?.!]*$"),
    ("week weekend month year", r"\bthis (week|weekend|month|year)\b"),
    ("latest newest recent current live", rf"\b(latest|newest|most recent|current|live) ([\w.]+ )?({_CHANGES})\b"),
    ("going happening", r"\bwhat('?s| is) (going on|happening) (in|with|at)\b"),
    ("time date day", r"\bwhat('?s| is) the (time|date)( in [\w ]+| now)?\s*\??$"),
    ("day month year time", r"\bwhat (time|day|day of the week|month|year) is it\b"),
    ("weather forecast", r"\bweather (in|for|at|near|like)\b|\bweather\s*\??$|\b(weather|day) forecast\b"),
    ("rain snow raining snowing", r"\b(will|is) it (going to )?(rain|snow)(ing)?\b"),
    ("price prices", rf"\b({_GOODS}) prices?\b|\bprices? of (a )?({_GOODS})\b"),
    ("usd eur gbp jpy chf cny inr btc eth yen dollar euro pound franc rupee bitcoin", _RATE),
    ("dollars euros pounds francs rupees bitcoins", _RATE),
    ("rate", r"\bexchange rate\b|\b(usd|eur|gbp|dollars?|euros?)( to |/)\w+ rate\b"),
    ("news headlines", r"\b(in|breaking|the) news\b|\btop headlines\b"),
    ("won", r"\bwho won (the |last )?(game|match|race|election|night)\b"),
    # German
    ("gestern", r"\bgestern\b.*\b(gewonnen|passiert|geschehen|gespielt|ausgegangen)\b"),
    ("heute heutige heutigen heutiger", ""),
    ("derzeit derzeitige aktuell aktuelle aktueller aktuellen momentan", ""),
    ("jetzt gerade", r"\b(jetzt gerade|gerade jetzt)\b|\bjetzt\s*\??$"),
    ("bis", r"\bwie viele (tage|wochen|monate)\b.* (noch|sind es) bis\b"),
    ("woche monat jahr wochenende", r"\b(diese woche|diesen monat|dieses (jahr|wochenende))\b"),
    ("spät uhr", r"\bwie (spät ist es|viel uhr ist)\b"),
    ("wetter wechselkurs goldpreis aktienkurs ölpreis", r"\bwetter (in|am|für|wird)\b|kurs|preis"),
    ("nachrichten version", r"\b(neueste|letzte|jüngste)\w* (nachrichten|version)"),
    # French
    ("hui maintenant actuellement actuel actuelle actuels actuelles demain", ""),
    (
        "moment heure semaine année mois soir",
        r"en ce moment|quelle heure est-il|cette (semaine|année)|ce (mois|soir)\b",
    ),
    ("hier sommes", r"\b(passé|gagné|match) (d['’])?hier\b|\bquel jour sommes"),
    (
        "avant jusqu reste",
        r"combien de (jours|semaines|mois)\b.*"
        r" (reste|(avant|jusqu['’]\w+) (noël|pâques|l['’]été|le (printemps|nouvel an)))",
    ),
    ("version nouvelles actualités infos", r"\bdernières? (version|nouvelles|actualités|infos)"),
    ("météo change cours", r"\bla météo\b|taux de change|cours (de l['’]or|du bitcoin)"),
    # Spanish, Portuguese, Italian
    ("ayer anoche ontem ieri", r"\b(pasó|ganó|aconteceu|ganhou|successo|vinto)\b.*\b(ayer|anoche|ontem|ieri)\b"),
    ("hoy actualmente hoje amanhã atualmente oggi domani stasera attualmente adesso", ""),
    ("ahora agora", r"\b(ahora mismo|agora mesmo)\b|\b(ahora|agora)\s*\??$"),
    ("semana año ano mes mês settimana mese", r"\b(esta semana|este (año|ano|mes|mês)|questa settimana|questo mese)\b"),
    ("faltan quedan faltam mancano", r"\b(cuánt|cuant|quant)\w+ \w+ (faltan|quedan|faltam|mancano)\b"),
    ("hora horas ore día dia", r"\b(qué hora es|que horas são|che ore sono|qué día es|que dia é)\b"),
    ("noticias notícias notizie versión versão versione", r"\b[úu]ltim\w+ (not\w+|vers\w+)"),
    (
        "actual atual attuale",
        r"\b(precio|preço|prezzo|presidente?|versi[óo]n|versão|versione) (actual|atual|attuale)\b",
    ),
    ("tiempo clima tempo meteo", r"\b(tiempo|clima) (en|hace)\b|previsão do tempo|che tempo fa|previsioni meteo"),
    (
        "cambio câmbio precio preço prezzo",
        r"\b(tipo de cambio|taxa de câmbio|tasso di cambio)\b|\b(oro|ouro|bitcoin)\b",
    ),
    # Dutch, Polish, Turkish, Russian, Finnish
    ("vandaag vanavond momenteel", ""),
    ("laatste weer wisselkoers laat", r"laatste (nieuws|versie)|\bhet weer in\b|wisselkoers|hoe laat is het"),
    ("dzisiaj dziś jutro obecnie aktualnie", ""),
    ("pogoda kurs godzina", r"\bpogoda (w|na)\b|\bkurs (euro|dolara|walut)|która (jest )?godzina"),
    ("bugün yarın şimdi güncel", ""),
    ("saat hava son kuru", r"\bsaat kaç\b|\bhava (durumu|nasıl)|\bson (haberler|sürüm)|(döviz|dolar|euro) kuru"),
    (
        "dolar euro altın hafta ay yıl",
        r"\b(dolar|euro|altın) (kaç (lira|tl|para)\b|ne kadar\s*\??$|fiyat)|\bbu (hafta|ay|yıl)\b",
    ),
    ("вчера", r"\b(случилось|произошло|выиграл|победил)\w* вчера\b|\bвчера (случилось|произошло|выиграл|победил)"),
    ("сегодня сегодняшний завтра сейчас", ""),
    (
        "погода курс час новости версия",
        r"погода (в|на)\b|курс (доллара|евро|валют)|который час|последн\w+ (новост|верси)",
    ),
    ("tänään huomenna", ""),
    ("nyt kello", r"\bnyt\s*\??$|\b(paljonko|mitä) kello on\b"),
    ("sää sääennuste", r"\b(millainen|minkälainen|mikä|mitä) (on )?sää\b|\bsääennuste\b"),
    ("tällä tässä tänä", r"\b(tällä viikolla|tässä kuussa|tänä (vuonna|viikonloppuna|iltana))\b"),
    ("uutiset versio", r"\b(uusi|uusimma|viimeisi|tuoreimma)\w* (uutiset|versio)\b"),
    ("nykyinen", r"\bnykyinen (presidentti|pääministeri|hinta|versio|kurssi)\b"),
    ("eilen valuuttakurssi", r"\b(voitti|tapahtui)\b.*\beilen\b|\beilen (voitti|tapahtui)\b|valuuttakurssi"),
)
"""Words, and the pattern that must be found when one of them is there; none: the word alone says it."""

UNSPACED = re.compile(
    "今天|今日|今晚|明天|今年|[现現]在[几幾][点點]|目前|本(?:月|[周週](?![期转轉边邊围圍]))"  # Chinese
    "|[这這](?:[周週]|[个個]月)|最新|天[气氣]"
    "|[汇匯]率|[股金油][价價](?!值)|[实實][时時]|即[时時](?:新[闻聞]|路[况況]|比分)"
    "|(?<![发發出实實])[现現]任(?![何务務意])"
    "|昨(?:天|晚)(?:[发發]生|[谁誰][赢贏]|的?(?:新[闻聞]|比[赛賽]))|[还還]有(?:[几幾]|多少)天"
    "|本日|今夜|明日|昨日の(?:ニュース|試合|天気)|あと何日|現在の|今何時|今週|今月|天気|為替|株価"  # Japanese
    "|오늘|내일|어제 (?:뉴스|경기|날씨)|지금|이번 ?(?:달|주(?![제문장소]))|올해|몇 ?시야|최신|날씨|환율|주가"  # Korean
    "|اليوم|الليلة|الآن|حاليا|كم الساعة|حالة الطقس|الطقس في|آخر الأخبار|سعر (?:الصرف|الذهب|الدولار)"  # Arabic
    r"|\bغد(?:اً|ًا|ا)(?!\w)|هذا (?:الأسبوع|الشهر|العام)|هذه السنة"
    "|आज(?!़?[ाी])|अभी|इस (?:समय|हफ्ते|सप्ताह|महीने|साल)|वर्तमान|मौसम|नवीनतम|कितने बजे"  # Hindi
    "|ताज़?ा (?:खबर|समाचार)|(?:सोने|डॉलर) (?:का|की) (?:भाव|दाम|कीमत|रेट)"
    "|วันนี้|พรุ่งนี้|ตอนนี้|คืนนี้|(?:สัปดาห์|เดือน|ปี)นี้|ล่าสุด|กี่โมงแล้ว|สภาพอากาศ|พยากรณ์อากาศ"  # Thai
    "|(?<!ทาง)อากาศ(?:เป็น(?:อย่างไร|ยังไง)|วัน)|อัตราแลกเปลี่ยน|ราคา(?:ทอง|น้ำมัน)|(?:ราคา|คน)ปัจจุบัน"
)
"""The same for languages whose words are not set apart, or take endings."""


def _by_word() -> dict[str, list[re.Pattern[str]]]:
    found: dict[str, list[re.Pattern[str]]] = {}
    for words, pattern in RULES:
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
    low = text.lower().replace("i\u0307", "i")  # Turkish capitals
    for word in _split(low):
        if (patterns := _RULES.get(word)) and any(pattern.search(low) for pattern in patterns):
            return True
    return not low.isascii() and UNSPACED.search(low) is not None


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
