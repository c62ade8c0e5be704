"""What questions say whose answer is another one tomorrow: see `timely`. Data, for languages that set words apart."""

_CHANGES = (
    "news|headlines?|versions?|releases?|prices?|rates?|weather|temperature|time|date|scores?|results?|standings|events?|"
    "population|president|prime minister|chancellor|ceo|champions?|updates?|developments|inflation|traffic"
)
_GOODS = "bitcoin|btc|ethereum|eth|gold|silver|oil|gas|petrol|diesel|stock|share"
_MONEY = "usd|eur|gbp|jpy|chf|cny|inr|btc|eth|(?:us )?dollars?|euros?|pounds?|yen|francs?|rupees?|bitcoins?"
_FEASTS = "christmas|xmas|easter|new year|halloween|thanksgiving|ramadan|eid|diwali|spring|summer|autumn|winter"
_RATE = rf"\b({_MONEY}) (in|to|into) ({_MONEY})\b"
_CASH = (
    "dollars?|pounds?|dollar[oi]|d[óo]lar(es)?|dolarów|доллар\\w*|euros?|евро|pesos?|reais|libras|sterline|livres|yens?|ienes"
    "|złot\\w+|рубл\\w+|franchi|francs|franken|kronen|kroon|pond(en)?|funt\\w*"
)
_CHANGED = (
    rf"\b({_CASH}) (en|em|in|a|à|w|na|в|naar) ({_CASH})\b"
    rf"|\b(how many|wie viele?|cuántos|quant[oi]s?|hoeveel|ile|сколько) ({_CASH}) (\w+ ){{0,2}}[\d.,]+ ({_CASH})\b"
)
_PLACE = r"(?!(the|a|an|der|dem|den|de|het|een|einem|einer|l|la|which|what)\b)[\w'’-]+( [\w'’-]+)?\s*[?.!]*$"
"""Where somebody is: one word or two at the end."""
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
    ("traffic", r"\b(how|what)('?s| is) (the )?traffic( like)?( (on|in|to|near) [\w -]+)?\s*[?.!]*$"),
    ("delays", r"\bare there (any )?delays (on|at|in)\b"),
    ("umbrella flight", r"\bneed an? umbrella (in|at|for)\b|\bflight status\b.*\d"),
    ("down", r"^is [\w.]+( \w+)? down\s*[?.!]*$"),
    (
        "temperature hot cold warm",
        r"(\bwhat('?s| is) the temperature|^(current )?temperature|\bhow (hot|cold|warm) is it) in "
        rf"(?!(kelvin|celsius|fahrenheit|outer|space|physics|\w*(gpt|llm)s?)\b){_PLACE}",
    ),
    (
        "sunset sunrise sun",
        r"\b(when|what time) (is (the )?(sunset|sunrise)|does the sun (set|rise))\b(?!.*(\d| in ju))",
    ),
    ("doing trading", r"\bhow('?s| is| are) the (stock )?markets? doing\b|\bshares? trading (at|for)\s*[?.!]*$"),
    ("quality", r"\b(how|what)('?s| is) the air quality (in|at|near)\b"),
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
    (
        "kurs goldkurs bitcoinkurs btckurs ethkurs dollarkurs eurokurs steht dollar euro",
        rf"\b(wie|wo|was) (hoch )?(ist|steht) der ({_COINS}|dollar|euro|gold)[- ]?kurs\b"
        r"|\b(wie hoch ist|w(ie|o) steht) der (euro|dollar)\b(?!-)",
    ),
    (
        "stau los",
        r"\b(gibt es|ist|sind) ((gerade|aktuell) )?((auf|in) (der )?\w+ )?(viel )?stau\b"
        r"|\bwas ist (gerade )?(in|auf) (der |dem |den )?\w+ (gerade )?los\b",
    ),
    ("spritpreise benzinpreise", r"\bwie (hoch |teuer )?sind die (sprit|benzin)preise\b"),
    (
        "sonne nacht",
        r"\bwann geht die sonne (unter|auf)\b|\bpassierte? (ist )?letzte nacht|letzte nacht (passiert|gewonnen)",
    ),
    ("warm kalt heiß neues", rf"\bwie (warm|kalt|heiß) ist es in {_PLACE}|\bwas gibt('?s| es) neues\s*[?.!]*$"),
    ("dollar dollars euro euros dólares pesos libras reais dollari sterline dolarów", _CHANGED),
    ("złotych долларов долларах рублях рублей евро yen yens ienes peso pond ponden kroon kronen", _CHANGED),
    ("pound pounds livres francs franken franchi", _CHANGED),
    ("spielt gespielt morgen", r"\bwie hat [\w ]+ gespielt\s*[?.!]*$|(^|[.!?] )ist morgen\b"),
    # French
    ("hui maintenant actuellement actuel actuelle actuels actuelles demain", ""),
    (
        "moment heure semaine année mois soir",
        r"en ce moment|quelle heure est-il|cette (semaine|année)|ce (mois|soir)\b",
    ),
    ("hier sommes", r"\b(passé|gagné|match) (d['’])?hier\b|\bquel jour sommes"),
    ("temps", rf"\bquel temps (fait|fera|va faire|va-t-il|à|au)\b(?!.* en ({_MOIS})\s*[?.!]*$)"),
    ("jour date", r"\bquel jour (est-on|on est)\b|\bon est quel jour\b|\bquelle est la date\s*\??$"),
    (
        "pleuvoir neiger pleut score",
        r"\b(va-t-il|il va) (pleuvoir|neiger)\b|(^|[.!?] )(pleut-il|est-ce qu['’]il pleut) (à|en|sur|au)\b"
        r"|\bquel est le score (du|de|entre)\b",
    ),
    (
        "prochain prochaine",
        r"\b(quand|à quelle heure) (passe|part|arrive|est|joue|a lieu)\b.{0,12} (le|la|mon|notre) prochaine?\b",
    ),
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
    ("passe actualité", r"\bque se passe-t-il (en|au|aux|à) [\w-]+\s*[?.!]*$|\bquoi de neuf dans l['’]actualité"),
    ("soleil", r"\b(à quelle heure|quand) (se (couche|lève) le soleil|le soleil se (couche|lève))(?!.*\d)"),
    (
        "température bouchons",
        rf"\bquelle (est la )?température (fait-il |il fait )?à {_PLACE}|\by a-t-il des bouchons\b",
    ),
    ("essence gazole", r"\bquel est le prix (de l['’]essence|du gazole)\b"),
    # Spanish, Portuguese, Italian
    ("ayer anoche ontem ieri", r"\b(pasó|ganó|aconteceu|ganhou|successo|vinto)\b.*\b(ayer|anoche|ontem|ieri)\b"),
    ("hoy actualmente hoje amanhã atualmente oggi domani stasera attualmente adesso", ""),
    ("ahora agora", r"\b(ahora mismo|agora mesmo)\b|\b(ahora|agora)\s*\??$"),
    (
        "semana año ano mes mês settimana mese anno noche noite",
        r"\b(esta (semana|noche|noite)|este (año|ano|mes|mês)|questa settimana|questo mese)\b|\bquest['’]anno\b",
    ),
    ("anoche ayer ontem ieri", r"\b(cómo (quedó|terminó)|resultado|quanto ha fatto)\b.* (anoche|ayer|ontem|ieri)\b"),
    (
        "pasando ocurriendo acontecendo succedendo",
        r"\b(está (pasando|ocurriendo|acontecendo)|sta succedendo) (en|em|n[ao]s?|in|a|nel\w*) (?!est[ea]\b|mi\b)\w+",
    ),
    ("temperatura", rf"\b(qué temperatura hace|che temperatura (c['’]è|fa)|qual (é )?a temperatura em {_PLACE})"),
    ("tráfico trânsito traffico", r"\b(hay (mucho )?tráfico|como está o trânsito|c['’]è (molto )?traffico)\b"),
    ("juega joga gioca", r"\b(cuándo juega|quando (joga|gioca)) ((el|la|o|a|il|lo) |l['’])?\w+( \w+)?\s*[?.!]*$"),
    (
        "sol sole",
        r"\b(a qué hora (se pone|sale) el sol|a que horas (se põe|nasce) o sol|a che ora (tramonta|sorge) il sole)\b",
    ),
    ("faltan quedan faltam mancano", r"\b(cuánt|cuant|quant)\w+ \w+ (faltan|quedan|faltam|mancano)\b"),
    (
        "falta manca",
        r"\b(cuánto|quanto) (falta para|manca a) (la |el |o |a )?(navidad|natal|natale|pascua|páscoa|pasqua|verano)",
    ),
    ("partido jogo partita", r"\b(cómo va el partido|como está o jogo|a quanto sta la partita)\b"),
    ("hora horas ore día dia", r"\b(qué hora es|que horas são|che ore sono|qué día es|que dia é)\b"),
    ("noticias notícias notizie versión versão versione", r"\b[úu]ltim\w+ (not\w+|vers\w+)"),
    (
        "actual atual attuale",
        r"\b(precio|preço|prezzo|presidente?|versi[óo]n|versão|versione) (actual|atual|attuale)\b"
        r"|\b(actual|atual|attuale) (presidente?|papa|premier|primer ministro|versi\w+|versão)\b",
    ),
    (
        "tiempo clima tempo meteo",
        r"\b(tiempo|clima) (en|hace|hará)\b|\bcómo (está|estará) el (tiempo|clima)\b|previsão do tempo"
        r"|\bcomo (está|vai estar) o tempo\b|che tempo (fa|farà)\b|previsioni meteo",
    ),
    (
        "llover lloverá lloviendo chover chovendo pioverà piovendo",
        r"\b(va a llover|lloverá|vai chover|pioverà|sta piovendo|está (lloviendo|chovendo|a chover))\b",
    ),
    (
        "próximo próxima prossimo prossima",
        r"\b((cuándo|a qué hora) (es|juega|sale|pasa|llega)|(quando|a que horas|a che ora) "
        r"(é|joga|sai|passa|parte|arriva|gioca|è)) [\w ]{0,40}"
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
    ("tot", r"\bhoeveel (dagen|weken|nacht(jes|en))\b.* tot (kerst|pasen|sinterklaas|oud en nieuw)"),
    ("regenen regent dag", r"\bgaat het ([\w ]+ )?regenen\b|(^|[.!?] )regent het in\b|\bwelke dag is het\s*[?.!]*$"),
    (
        "volgende",
        r"\b(wanneer|hoe laat) (gaat|vertrekt|speelt) (de|het|mijn|onze) volgende\b"
        r"|\bwanneer (komt|is) (de|het|mijn|onze) volgende "
        r"\w*(bus|trein|tram|metro|boot|vlucht|wedstrijd|aflevering|maan|verkiezing(en)?|feestdag)\b",
    ),
    ("jaar week maand weekend", r"\b(dit (jaar|weekend)|deze (week|maand))\b"),
    (
        "huidige nieuwste",
        r"\b(huidige (premier|president|koning|paus|rente|prijs|koers)|(huidige|nieuwste) (\w+ )?versie)\b",
    ),
    ("nu files", r"\bnu (nog )?(open|dicht)\s*[?.!]*$|\bwat gebeurt er nu\b|\bzijn er files op\b"),
    ("zon goudprijs olieprijs", r"\bgaat de zon (onder|op)\b(?!.*\d)|\bwat is de (goud|olie)prijs\b"),
    ("warm koud heet", rf"\bhoe (warm|koud|heet) is het (nu )?in {_PLACE}"),
    ("dzisiaj dziś jutro obecnie aktualnie", ""),
    ("tym ten", r"\bw tym (roku|tygodniu|miesiącu)\b|\bw ten weekend\b"),
    (
        "kiedy której",
        r"\b(kiedy|o której) (odjeżdża|jedzie|jest|gra) (następn|najbliższ|kolejn)\w+ "
        r"(pociąg|autobus|tramwaj|mecz|pełni|wybor)",
    ),
    (
        "prezydent prezydenta prezydentem premier premiera premierem papież papieżem wersja wersji wersję wiadomości",
        r"\b(obecn\w+ (prezydent|premier|papież)|(obecn|najnowsz)\w+ ([\w.]+ )?(wersj|wiadomo))",
    ),
    ("teraz temperatura", rf"\bteraz (otwart|zamknięt)|\bjaka jest temperatura (w|na) {_PLACE}"),
    ("pogoda kurs godzina", r"\bpogoda (w|na)\b|\bkurs (euro|dolara|walut)|która (jest )?godzina"),
    ("wczoraj", r"\b(wygrał\w*|stało)\b.*\bwczoraj\b|\bwczoraj (wygrał|się stało)"),
    (
        "ile",
        rf"\bile (teraz )?kosztuje ({_COINS}|dolar|euro)\b"
        r"|\bile dni\b.* do (świąt|wigilii|sylwestra|wakacji|wielkanocy)",
    ),
    ("padać pada", r"\bbędzie padać\b|^czy (teraz )?pada\b"),
    ("zostało jeszcze", r"\bile (zostało|jeszcze) do (świąt|wigilii|sylwestra|wakacji|wielkanocy)"),
    ("bugün yarın şimdi güncel", ""),
    ("saat hava son kuru", r"\bsaat kaç\b|\bhava (durumu|nasıl)|\bson (haberler|sürüm)|(döviz|dolar|euro) kuru"),
    (
        "dolar euro altın bitcoin hafta ay yıl",
        r"\b(dolar|euro|altın|bitcoin) (kaç (lira|tl|para|dolar|euro)\b|ne kadar\s*\??$|fiyat(?!\w* (nasıl|neden)))"
        r"|\bbu (hafta|ay|yıl)\b",
    ),
    ("şu akşam gece", r"\bşu an(da|ki)?\b|\bbu (akşam|gece)\b"),
    (
        "kaldı oluyor trafik bayrama",
        r"\bkaç (gün|hafta|ay) kaldı\b|\bbayrama kaç gün\b|['’][dt][ae] (neler|ne) oluyor\b|\btrafik (nasıl|durumu)\b",
    ),
    ("sonraki sürüm sürümü hava", r"\bsonraki (otobüs|tren|vapur|maç|seçim)|\ben (son|yeni) sürüm|\bhava kaç derece"),
    ("dün yağacak yağmur", r"\bdün\b.* (kazandı|oldu|yendi)\b|\byağacak mı\b|['’][dt][ae] yağmur var mı"),
    ("вчера", r"\b(случилось|произошло|выиграл|победил)\w* вчера\b|\bвчера (случилось|произошло|выиграл|победил)"),
    ("сегодня сегодняшний завтра сейчас", ""),
    (
        "погода курс час новости версия",
        r"погода (в|на)\b|курс (доллара|евро|валют)|который час|последн\w+ (новост|верси)",
    ),
    ("этом этой", r"\b(в этом (году|месяце)|на этой неделе)\b"),
    (
        "президент президента премьер премьера курс версия версию версии чемпион чемпиона ставка",
        r"\b(нынешн|действующ|текущ)\w+ (президент|премьер|курс|верси|чемпион|ставк)",
    ),
    (
        "когда сколько",
        r"\b(когда|во сколько) (следующ|ближайш)\w+ (поезд|автобус|электричк|рейс|матч|полнолуни|затмени|выбор)",
    ),
    ("температура пробки", rf"\bкакая температура (воздуха )?в {_PLACE}|\b(какие|есть ли) пробки\b"),
    ("времени дождь", r"\bсколько (сейчас )?времени\s*\??$|\b(будет (ли )?|сейчас )дождь\b|^в \w+ ид[её]т дождь\b"),
    ("осталось", r"\bсколько осталось до (нового года|рождества|пасхи|лета|каникул)"),
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
