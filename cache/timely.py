"""Questions whose answer is another one tomorrow: they are not answered from memory, and their answers are not kept.

A rule over words, in the languages below. It asks for a moment (today, right now) or for something that changes (the
price of gold, the newest version), and leaves alone what merely speaks of time. Of a long text only the end is looked
at. What it misses costs a stale answer for as long as `ttl` lasts, what it takes wrongly a model call.
"""

import re
from collections.abc import Sequence

from .written import small

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
_COINS = "bitcoins?|btc|биткоина?|ethereum|eth"
_MOIS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|été|automne|hiver|général"
_NOW = r"(now|today|outside|at the moment)?\s*[?.!]*$"

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
    ("leading winning", r"\bwho('?s| is) (leading|winning) (the|in)\b"),
    (
        "score",
        r"\bwhat('?s| is| was) the score( (of|in) the (?!first|.*\d{4})([\w']+ )+(game|match)| last night| now)?"
        r"\s*[?.!]*$",
    ),
    ("trending", r"\bwhat('?s| is) trending( (on|in) [\w ]+)?\s*[?.!]*$"),
    ("news", r"\bany news (about|on|from|in)\b"),
    ("market stock", r"\bis the (stock )?market (open|closed|up|down)\b|\bstock (trading )?at\s*[?.!]*$"),
    ("worth cost", rf"\b({_COINS}|gold|silver|dollar|euro) (worth|cost) ?{_NOW}"),
    ("much", rf"\bhow much (is|are|does) (a |an |one |1 |the )?({_COINS}|(ounce|gram) of (gold|silver)) ?{_NOW}"),
    ("outside", r"\b(temperature|how (hot|cold|warm) is it) outside\b(?! (a|an|the|of)\b)"),
    # German
    ("gestern", r"\bgestern\b.*\b(gewonnen|passiert|geschehen|gespielt|ausgegangen)\b"),
    ("heute heutige heutigen heutiger", ""),
    ("derzeit derzeitige aktuell aktuelle aktueller aktuellen momentan", ""),
    (
        "jetzt gerade",
        r"\b(jetzt gerade|gerade jetzt|wer ist gerade|was ist gerade (los|passiert))\b|\bjetzt\s*\??$"
        r"|\bjetzt (noch )?(offen|geöffnet|auf)\s*\??$",
    ),
    ("bis", r"\bwie viele (tage|wochen|monate)\b.* (noch|sind es) bis\b"),
    ("woche monat jahr wochenende", r"\b(diese woche|diesen monat|dieses (jahr|wochenende))\b"),
    ("spät uhr", r"\bwie (spät ist es|viel uhr ist)\b"),
    ("wechselkurs goldpreis aktienkurs ölpreis", ""),
    (
        "wetter",
        r"\bwetter (in|am|für|wird|morgen)\b"
        r"|\bwie (ist|wird|war) (es |denn )?(das )?wetter\b(?! im (?!moment)| vorher)",
    ),
    (
        "draußen regnet schneit",
        r"\bwie (warm|kalt|heiß) ist es draußen|(^|[.!?] )(regnet|schneit) es (in|gerade|morgen|draußen)\b",
    ),
    ("regnen schneien", r"\bwird es ([\w ]+ )?(regnen|schneien)\b"),
    (
        "nächste nächsten nächster nächstes",
        r"\bwann (fährt|spielt) (der|die|das|mein\w*|unser\w*) nächste"
        r"|\bwann (kommt|geht|beginnt|ist) (der|die|das|mein\w*|unser\w*) nächste[rs]? "
        r"[\w-]*(bus|bahn|zug|flug|fähre|spiel|folge|staffel|mond|wahl|finsternis|feiertag)\b",
    ),
    ("kostet", rf"\bkostet (ein(e|en)? |1 )?({_COINS}|unze gold|gold|silber|dollar)( gerade)?\s*[?.!]*$"),
    ("wert dax", rf"\b({_COINS}|gold|silber|dollar|euro) wert\s*[?.!]*$|\bwie steht der dax\b"),
    ("datum wochentag", r"\bwelche[snr]? (datum|wochentag) (haben wir|ist)( gerade)?\s*[?.!]*$"),
    ("nachrichten version", r"\b(neueste|letzte|jüngste)\w* (nachrichten|version)"),
    # French
    ("hui maintenant actuellement actuel actuelle actuels actuelles demain", ""),
    (
        "moment heure semaine année mois soir",
        r"en ce moment|quelle heure est-il|cette (semaine|année)|ce (mois|soir)\b",
    ),
    ("hier sommes", r"\b(passé|gagné|match) (d['’])?hier\b|\bquel jour sommes"),
    ("temps", rf"\bquel temps (fait|fera|va faire|va-t-il)\b(?!.* en ({_MOIS})\s*[?.!]*$)"),
    ("jour date", r"\bquel jour (est-on|on est)\b|\bon est quel jour\b|\bquelle est la date\s*\??$"),
    ("pleuvoir neiger pleut", r"\b(va-t-il|il va) (pleuvoir|neiger)\b|(^|[.!?] )pleut-il (à|en|sur)\b"),
    ("prochain prochaine", r"\bquand (passe|part|arrive|est|joue|a lieu)\b.{0,12} (le|la|mon|notre) prochaine?\b"),
    (
        "prix cours vaut valent coûte",
        rf"\b(prix|cours) (du |de l['’]|d['’]un )({_COINS}|or|pétrole|dollar)\b(?! d['’])"
        rf"|\bcombien (vaut|valent|coûte) (un |une |le |l['’]|1 )?({_COINS}|euros?|dollars?|once d['’]or)\b",
    ),
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
    (
        "tiempo clima tempo meteo",
        r"\b(tiempo|clima) (en|hace|hará)\b|\bcómo (está|estará) el (tiempo|clima)\b|previsão do tempo"
        r"|\bcomo (está|vai estar) o tempo\b|che tempo (fa|farà)\b|previsioni meteo",
    ),
    (
        "llover lloverá chover pioverà piovendo",
        r"\b(va a llover|lloverá|vai chover|pioverà|sta piovendo)\b",
    ),
    (
        "próximo próxima prossimo prossima",
        r"\b(cuándo (es|juega|sale|pasa|llega)|quando (é|joga|sai|passa|parte|arriva|gioca|è)) [\w ]{0,40}"
        r"(próxim|prossim)[oa]\b",
    ),
    (
        "dólar dollaro euro bitcoin cotação ethereum",
        rf"\b(cuánto|quanto) (vale|está|cuesta|custa|costa) (el |o |il |un |um |1 )?({_COINS}|dólar|dollaro|euro)\b"
        r"|\ba (cuánto|cómo) (está|cotiza) |\bcotação d[oa]\b",
    ),
    ("fecha giorno", r"\b(qué fecha es|che giorno è)\s*[?.!]*$"),
    (
        "cambio câmbio precio preço prezzo",
        r"\b(tipo de cambio|taxa de câmbio|tasso di cambio)\b|\b(oro|ouro|bitcoin)\b",
    ),
    # Dutch, Polish, Turkish, Russian, Finnish
    ("vandaag vanavond momenteel", ""),
    ("laatste wisselkoers laat", r"laatste (nieuws|versie)|wisselkoers|hoe laat is het"),
    ("weer", r"\bhet weer (in|morgen)\b|\bhoe (is|wordt) het weer( in | morgen|\s*[?.!]*$)|\bwat voor weer\b"),
    ("gisteren", r"\b(gewonnen|gebeurd)\b.*\bgisteren\b|\bgisteren\b.*\b(gewonnen|gebeurd)\b"),
    ("koers", rf"\bkoers van (de |het )?({_COINS}|dollar|euro|pond|goud)\b"),
    ("tot", r"\bhoeveel (dagen|weken|nachten)\b.* tot (kerst|pasen|sinterklaas|oud en nieuw)"),
    ("regenen regent dag", r"\bgaat het ([\w ]+ )?regenen\b|(^|[.!?] )regent het in\b|\bwelke dag is het\s*[?.!]*$"),
    (
        "volgende",
        r"\bwanneer (gaat|vertrekt|speelt) (de|het|mijn|onze) volgende\b"
        r"|\bwanneer (komt|is) (de|het|mijn|onze) volgende "
        r"\w*(bus|trein|tram|metro|boot|vlucht|wedstrijd|aflevering|maan|verkiezing(en)?|feestdag)\b",
    ),
    ("dzisiaj dziś jutro obecnie aktualnie", ""),
    ("pogoda kurs godzina", r"\bpogoda (w|na)\b|\bkurs (euro|dolara|walut)|która (jest )?godzina"),
    ("wczoraj", r"\b(wygrał\w*|stało)\b.*\bwczoraj\b|\bwczoraj (wygrał|się stało)"),
    (
        "ile",
        rf"\bile (teraz )?kosztuje ({_COINS}|dolar|euro)\b"
        r"|\bile dni\b.* do (świąt|wigilii|sylwestra|wakacji|wielkanocy)",
    ),
    ("padać", r"\bbędzie padać\b"),
    ("bugün yarın şimdi güncel", ""),
    ("saat hava son kuru", r"\bsaat kaç\b|\bhava (durumu|nasıl)|\bson (haberler|sürüm)|(döviz|dolar|euro) kuru"),
    (
        "dolar euro altın bitcoin hafta ay yıl",
        r"\b(dolar|euro|altın|bitcoin) (kaç (lira|tl|para|dolar)\b|ne kadar\s*\??$|fiyat(?!\w* (nasıl|neden)))"
        r"|\bbu (hafta|ay|yıl)\b",
    ),
    ("dün yağacak", r"\bdün\b.* (kazandı|oldu|yendi)\b|\byağacak mı\b"),
    ("вчера", r"\b(случилось|произошло|выиграл|победил)\w* вчера\b|\bвчера (случилось|произошло|выиграл|победил)"),
    ("сегодня сегодняшний завтра сейчас", ""),
    (
        "погода курс час новости версия",
        r"погода (в|на)\b|курс (доллара|евро|валют)|который час|последн\w+ (новост|верси)",
    ),
    ("времени дождь", r"\bсколько (сейчас )?времени\s*\??$|\bбудет (ли )?дождь\b"),
    (
        "сколько",
        rf"\bсколько (сейчас )?стоит ({_COINS}|доллар|евро)\b"
        r"|\bсколько дней\b.* до (нового года|рождества|пасхи|лета)\b",
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
    "|比特[币幣](?:[价價]格(?![由为為怎如受的])|多少[钱錢])"
    "|(?:^|下午|早上|晚上|[周週]末|[后後]天|[待等一][会會下][儿兒]?)[会會]下[雨雪][吗嗎]"
    "|昨(?:天|晚)(?:[发發]生|[谁誰][赢贏]|的?(?:新[闻聞]|比[赛賽]))|[还還]有(?:[几幾]|多少)天"
    "|本日|今夜|明日|昨日の(?:ニュース|試合|天気)|あと何日|現在の|今何時|今週|今月|天気|為替|株価"  # Japanese
    "|(?:ビットコイン|ドル)の(?:価格|値段|相場)(?![がのに]|は(?:どう|なぜ|何|なん)|を(?!教))|昨日(?:は|の試合は)?(?:誰|だれ|どこ|どっち|どちら)が勝"
    "|오늘|내일|어제 (?:뉴스|경기|날씨)|지금|이번 ?(?:달|주(?![제문장소]))|올해|몇 ?시야|최신|날씨|환율|주가"  # Korean
    "|비트코인 ?(?:가격(?!의|[이은을] (?!얼마|알려))|시세|얼마)|어제 (?:누가|어디가|어느 팀이) 이겼"
    "|까지 (?:며칠|몇 ?일) 남(?!\\w* (?:계산|구하))"
    "|اليوم|الليلة|الآن|حاليا|كم الساعة|حالة الطقس|الطقس في|آخر الأخبار"  # Arabic
    "|سعر (?:الصرف|الذهب|الدولار|اليورو|البيتكوين)"
    "|(?:من فاز|ماذا حدث) (?:أمس|البارحة)|كيف الطقس"
    r"|\bغد(?:اً|ًا|ا)(?!\w)|هذا (?:الأسبوع|الشهر|العام)|هذه السنة"
    "|आज(?!़?[ाी])|अभी|इस (?:समय|हफ्ते|सप्ताह|महीने|साल)|वर्तमान|मौसम|नवीनतम|कितने बजे"  # Hindi
    "|कल (?:बारिश|कौन जीता|क्या हुआ)"
    "|ताज़?ा (?:खबर|समाचार)|(?:सोने|डॉलर|बिटकॉइन) (?:का|की) (?:भाव|दाम|कीमत|रेट)(?! (?:कैसे|क्यों))"
    "|วันนี้|พรุ่งนี้|ตอนนี้|คืนนี้|(?:สัปดาห์|เดือน|ปี)นี้|ล่าสุด|กี่โมงแล้ว|สภาพอากาศ|พยากรณ์อากาศ"  # Thai
    "|(?<!ทาง)อากาศ(?:เป็น(?:อย่างไร|ยังไง)|วัน)|อัตราแลกเปลี่ยน|ราคา(?:ทอง|น้ำมัน)|(?:ราคา|คน)ปัจจุบัน"
)
"""The same for languages whose words are not set apart, or take endings."""
_LETTERS = re.compile("[\u0600-\u1cff\u3040-\uffff]")
"""One of theirs, from Arabic on: an accent or a letter of Russian is not worth that search."""


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
