"""More of `timely_words`: what changed since last week, and who is it now. Data.

Who tells how long something has lasted ("I have had a cough since yesterday") asks nothing that changes by the day: it
must be the question that looks back.
"""

_CHANGED = (
    "changed?|happen(ed|ing)?|new|news|won|announced|released|launched|published|rose|fell|gained|lost|died|came out"
    "|updates?"
)
_SPAN = r"(week|weekend|month|year|night|few (hours|days|weeks|months)|(\w+ )?(hours|days|weeks|months))"
_NUMBER = r"(\d+|an?|two|three|five|ten|fifteen|twenty|thirty|forty|sixty|ninety)"

SINCE: tuple[tuple[str, str], ...] = (
    (
        "last past yesterday morning",
        rf"(^|[.!?] )(so )?(what|which|who|how|has|have|did|any)\b[^.!?]*\b({_CHANGED})\b[^.!?]*"
        rf"\b((since|in|over|during|within|from) (yesterday|this morning)|(last|past) {_SPAN})\s*[?.!]*$",
    ),
    (
        "minutes hours hour",
        rf"\bwhat (time|day) (is it|will it be) in {_NUMBER} (minutes|hours?)\b"
        rf"|\bwhat (time|day)\b.*\b{_NUMBER} (minutes|hours?) from now\b"
        rf"|\b(train|bus|flight|ferry|tram)\b.* in {_NUMBER} minutes\b.*\b(on time|late|delayed|leave|come|go)\b",
    ),
    (
        "latest newest",
        r"^what('?s| is| are) the (latest|newest) (?!time|date|day|point|age|hour|i\b|you\b)[\w-]+( \w+)?\s*[?.!]*$",
    ),
    # German, Dutch, Swedish, Danish, Norwegian
    ("jetzt gerade nun", r"\bwer ist (jetzt|gerade|nun)\b"),
    (
        "seit",
        r"(^|[.!?] )(was|wer|welche\w*|wie viele?)\b[^.!?]*\bseit (gestern|letzte[rmn] (woche|monat|jahr))\b[^.!?]*"
        r"\b(passiert|geschehen|geändert|verändert|getan|neu(es)?)\b",
    ),
    ("nu", r"^wie is nu\b|^(wie is|vem är|hvem er) [^?]*\bnu\s*\?*$"),
    ("sinds", r"^(wat|wie|welke)\b.*\bsinds (gisteren|vorige (week|maand))\b"),
    # French, Spanish, Italian, Portuguese
    (
        "depuis",
        r"^(qu['’]|que |quoi |quel|qui ).*\b(passé|changé|arrivé|neuf|nouveau)\b.*"
        r"\bdepuis (hier|la semaine dernière|le mois dernier)\b",
    ),
    ("ahora", r"\bqui[eé]n es ahora\b"),
    (
        "desde",
        r"^¿?(o )?qu[eé] .*\b(pasado|cambiado|aconteceu|mudou|nuevo|novo)\b.*"
        r"\bdesde (ayer|ontem|(la|a) semana (pasada|passada)|(el|o) m[eê]s (pasado|passado))\b",
    ),
    ("ora adesso", r"\bchi è (ora|adesso)\b"),
    ("agora", r"\bquem é agora\b"),
    # Polish, Russian
    ("teraz", r"\bkto jest teraz\b|^kto\b.*\bteraz\s*\??$"),
    (
        "прошлой прошлом последнюю",
        r"\b(что|кто)\b.*\b(случилось|произошло|изменилось|выиграл\w*|победил\w*|нового)\b.*"
        r"\b(на прошлой неделе|в прошлом месяце|за последнюю неделю|с прошлой недели)\b",
    ),
)
"""As `timely_words.RULES`."""
