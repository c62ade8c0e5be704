"""More of `timely_words`: what is asked of this moment in further languages, and who has won. Data.

Of these languages only what is certain: the time of day, today and tomorrow, the weather, prices and rates.
"""

_END = r"\s*[?.!؟]*$"
_ASKED = r"[?;؟？]\s*$"
"""What merely mentions a day, such as a text to be translated, is no question."""

MORE: tuple[tuple[str, str], ...] = (
    # Swedish, Danish, Norwegian
    ("idag ikväll imorgon imorn", _ASKED),
    ("dag kväll aften kveld morgen morgon", rf"\bi (dag|kväll|aften|kveld|morgen|morgon)\b.*{_ASKED}"),
    ("klockan klokken klokka", rf"\b(vad är klockan|hvad er klokken|hva er klokka|hvor mye er klokka){_END}"),
    (
        "väder vädret vejret været",
        r"\b(hur|hvordan|hvad|hva|vad|hvilket) (är|er|blir|bliver) (\w+ )?(väder|vädret|vejret|været)\b"
        rf"|\b(väder|vädret|vejret|været) (i|på) \w+{_END}",
    ),
    # Czech, Slovak, Hungarian, Romanian
    ("dnes zítra zajtra", _ASKED),
    ("hodin hodín", r"\b(kolik|koľko) je (teď |teraz )?hod[ií]n\b"),
    ("počasí počasie", r"\bjaké (je|bude) počas(í|ie)\b|\baké (je|bude) počasie\b|\bpočas(í|ie) (v|ve|na)\b"),
    ("teď", rf"\bprávě teď\b|\b(je|má|mají|máte) teď otevřen|\bteď otevřen\w*{_END}"),
    ("holnap", _ASKED),
    ("óra idő", r"\b(hány óra van|mennyi az idő)\b"),
    ("időjárás", r"\bmilyen (az|lesz az) időjárás\b"),
    ("astăzi azi mâine", _ASKED),
    ("acum ceasul ora", rf"\bacum{_END}|\b(cât (e|este) ceasul|ce oră (e|este)|cât (e|este) ora)\b"),
    ("vremea", r"\bcum (e|este|va fi) vremea\b|\bvremea (la|în) \w+"),
    # Greek, Ukrainian
    ("σήμερα αύριο απόψε", _ASKED),
    ("τώρα ώρα", r"\b(τώρα|τι ώρα είναι)\s*[;?.]*$"),
    ("καιρός καιρό", r"\bτι καιρό\b|\bκαιρός (στ|θα)|\bπώς είναι ο καιρός\b"),
    ("сьогодні зараз", _ASKED),
    ("година погода", r"\bкотра (зараз )?година\b|\bпогода (в|у|на)\b|\bяка (сьогодні |зараз )?погода\b"),
    ("курс", r"\bкурс (долара|євро|валют)"),
    # Indonesian and Malay, Vietnamese
    ("sekarang besok", _ASKED),
    ("hari malam", rf"\b(hari|malam) ini\b.*{_ASKED}"),
    ("cuaca", r"\bcuaca (di|hari|besok)\b|\bbagaimana cuaca\b"),
    (
        "kurs harga sekarang",
        rf"\bkurs (dollar|dolar|euro)\b|\bharga (emas|bitcoin|minyak|bensin)( hari ini| sekarang)?{_END}"
        r"|\b(jam|pukul) berapa\b.*sekarang",
    ),
    ("nay", rf"\b(hôm|tối|năm) nay\b.*{_ASKED}"),
    ("mai giờ", rf"\bngày mai\b.*{_ASKED}|\b(bây giờ là|mấy giờ rồi|bây giờ mấy giờ)\b"),
    ("thời", rf"\bthời tiết (?!là\b)[\w ]+{_END}"),
    ("giá tỷ", rf"\bgiá (vàng|xăng|bitcoin|dầu)( bao nhiêu)?{_END}|\btỷ giá\b"),
    # Hebrew, Persian, Urdu, Bengali
    ("היום מחר עכשיו כרגע הלילה", _ASKED),
    ("השעה מזג", r"\bמה השעה\b|\bמזג האוויר ב"),
    ("امروز فردا امشب الان اکنون", _ASKED),
    ("ساعت", r"\bساعت چند(ه| است)\b"),
    ("آج ابھی", _ASKED),
    ("আজ এখন", _ASKED),
    # Who has won what has no year
    (
        "ganó gano ganhou vinto gagné",
        r"\bqui[eé]n gan[oó] (el partido|el juego|la carrera|las elecciones)"
        rf"{_END}|\bquem ganhou (o jogo|a partida|a corrida|as eleições){_END}"
        rf"|\bchi ha vinto (la partita|la gara|le elezioni){_END}"
        rf"|\bqui a gagné (le match|la course|les élections){_END}",
    ),
    ("gewonnen", rf"\bwer hat (das spiel|das rennen|die wahl) gewonnen{_END}"),
    ("wygrał", rf"\bkto wygrał (mecz|wyścig|wybory){_END}"),
    ("выиграл победил", rf"\bкто (выиграл|победил в) (матч|игру|гонку|выборы|матче|гонке|выборах){_END}"),
    ("kazandı", rf"\b(maçı|seçimi|yarışı) kim kazandı{_END}"),
    ("فاز", rf"\bمن فاز في (المباراة|الانتخابات|السباق){_END}"),
    # English
    ("time delayed late", rf"\bis (my |the )?(flight|train|bus|ferry)\b.* (on time|delayed|late){_END}"),
    ("yet currently", rf"\bis [\w. -]+ out yet{_END}|\bcurrently{_END}"),
    (
        "yet",
        r"^(has|have|did) [\w. '’-]+ (released?|launched?|announced?|come out|shipped|resigned|landed)\b[\w. '’-]* yet"
        rf"{_END}",
    ),
    ("news", rf"^(the |any |some )?(latest )?news (about|on|from|in) [\w .'’-]+{_END}"),
    ("traffic", r"\bare there (any )?traffic (jams?|problems|accidents) (on|in|at|near|around)\b"),
    ("mortgage", rf"^((what|how)('?s| is| are) )?(the )?(\d+[- ]year )?mortgage rates?( in [\w .'’-]+)?{_END}"),
    (
        "leads tops leading",
        r"\bwho (leads|tops|is (at )?(the )?top of|is leading) the ([\w']+ )*"
        rf"(league|standings|table|polls|championship|bundesliga|liga|series?){_END}",
    ),
    (
        "sunset sunrise sundown dusk",
        rf"\bhow (long|many (minutes|hours)) (is it )?(until|till|before) (the )?\w+{_END}",
    ),
    ("lts", r"\b(current|latest|newest) ([\w.]+ )?lts\b"),
    (
        "recent latest newest",
        r"^(find |any |the |some )?(most )?(recent|latest|newest) (papers|studies|publications) (on|about|in) ",
    ),
    ("cinemas theaters theatres", rf"\b(what|which) (movies|films) are in (the )?(cinemas|theat(er|re)s){_END}"),
)
"""As `timely_words.RULES`."""
