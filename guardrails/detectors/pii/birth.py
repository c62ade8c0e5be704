"""Dates of birth: dates right behind a word that says so. What is told of people in sentences, `born on`, is not in
here: it is told of everybody who is known for something.
"""

import re

from ..search.places import Places, loosened
from .awaited import told, word_gate
from .kinds import FAINT, Kind, Matches, Search, kind
from .named_words import FILL

_WORDS = (
    r"date[ _-]?of[ _-]?birth|birth[ _-]?date|d\.?o\.?b\.?|born:|born \(dd?/mm?/yyyy\):|geburts(?:datum|tag)"
    r"|geb\.?[ -]?(?:datum|dat\.|tag)"
    r"|geb(?:oren|\.)? (?:am|op|te) ?:|geb\.? ?:"
    r"|date de naissance|naissance|n[ée](?:\(e\)|[·./-]?e)? le ?:|fecha[ _]de[ _]nac(?:imiento|\.)?"
    r"|f\. ?(?:de )?nac\.?|nacimiento"
    r"|data[ _]de[ _]nasc(?:imento|\.)?|dt\.?[ _]?nasc\.?|nascimento|data[ _]di[ _]nascita"
    r"|na(?:cid|scid|t)[oa](?:/a|\(a\))? (?:el|em|il|a) ?:"
    r"|geboorte(?:datum|dag)|f[öø]delse(?:datum|dato|dag)|f[öø]d[dt] ?:|syntynyt ?:|synt(?:ymä|\.) ?aika|fæðingardagur"
    r"|ur\. ?:|urodzon[yaą](?:/[ayą])? ?:|narozen[áa]?(?:/a|\(a\))? ?:|született ?:"
    r"|n[ăa]scut(?:[ăa]|\(ă\)|/ă)? la:|ro[đd]ena?:|родил(?:ся|ась) ?:"
    r"|do[ğg]um ?:|γεννήθηκε ?:|народив(?:ся|шись) ?:|народилася ?:"
    # what people say of themselves and of their own
    r"|(?:i was|i am|(?:my|our) (?:son|daughter|child|baby|wife|husband|mother|father"
    r"|partner) was) born(?: on)?(?: the)?|ich (?:bin|wurde) geboren am"
    r"|(?:ik ben|ben ik) geboren(?: op)?|(?:je suis|j['’]suis) n[ée]e?(?: le)?|(?:yo )?nac[íi] el"
    r"|(?:eu )?nasci (?:em|a|no dia)|(?:io )?sono nat[oa] il|urodzi[łl][ae]m si[ęe]|narodil(?:a)? (?:jsem se|som sa)"
    r"|(?:jag är|jeg er) f[öø]d[dt]?(?: den)?|olen syntynyt|я родил(?:ся|ась)|я народи(?:вся|лася)"
    r"|m-am n[ăa]scut(?: pe)?|γεννήθηκα(?: στις)?|rođen[a]? sam|rojen[a]? sem|születtem"
    r"|data urodzenia|datum narozen[íi]|d[áa]tum narodenia|sz[üu]let[ée]si (?:d[áa]tum|id[őoö]|ideje)|szül\. ?idő"
    r"|data na[șşs]terii|datum ro[đd]enja|датум рођења|datum rojstva|gimimo data|dzimšanas dat(?:ums|i)"
    r"|sünni(?:aeg|kuupäev)|datëlindja|дат[аы] рождения|д\. ?р\.|дата народження|дата на раждане|туған күні"
    r"|tug['‘ʻ]ilgan sana(?:si)?|ημερομηνία γέννησης|ημ\.? ?γέννησης|do[ğg]um tarih(?:i|im|iniz)?|d\. ?t\. ?:"
    r"|[وبلفك]{0,2}تاريخ (?:ال)?(?:ميلاد|ولادة)(?:ي|ك|ه|ها)?|تاریخ (?:تولد|پیدائش)|תאריך ה?לידה|जन्म ?-?(?:तिथि"
    r"|तारीख|दिनांक|मिति)|জন্ম ?তারিখ|பிறந்த ?தேதி|出生(?:日期|年月日?)|生年月日|생년월일|ngày(?:,? tháng,? năm)? sinh"
    r"|(?:tanggal|tgl\.?|tarikh) lahir|วัน(?:/?เดือน/?ปี)?เกิด|tarehe ya kuzaliwa|petsa ng kapanganakan"
)
_GATE = word_gate(_WORDS)
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9][0-9]"
_NAME = r"[^\s\d.,;:!?()\[\]{}\"'/-]{3,14}"
"""Of a month, in whatever tongue: what stands before it says enough."""
_DATE = re.compile(
    rf"(?<![0-9A-Za-z_/.-])(?:{_YEAR} ?([./-]) ?{_MONTH} ?\1 ?{_DAY}"
    rf"|{_DAY} ?([./-]) ?{_DAY} ?\2 ?(?:{_YEAR}|[0-9][0-9])"
    rf"|{_DAY} {_MONTH} {_YEAR}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    rf"|{_DAY}(?:st|nd|rd|th|er|[º°.])?[ -]{{0,2}}(?:(?:of|del?|di|ng) |d['’])?{_NAME}\.?,?[ -](?:del? |do )?"
    rf"(?:{_YEAR}|2[45][0-9][0-9])"
    rf"|{_NAME}\.? {_DAY}(?:st|nd|rd|th)?,? {_YEAR}"
    rf"|{_DAY} tháng {_MONTH},? năm {_YEAR}"
    rf"|(?:{_YEAR}|(?:昭和|平成|令和|大正|民國|民国) ?(?:[0-9]{{1,3}}"
    rf"|元)) ?[年년] ?{_MONTH} ?[月월] ?{_DAY} ?[日号號일]?"
    r")(?=T[0-9]{2}:|[^0-9A-Za-z_/-]|\Z)(?!\.\d)",
    re.IGNORECASE,
)


def _dates(text: str, start: int, places: Places) -> Matches:
    for begin, end in told(_GATE, text, start, places):
        for found in _DATE.finditer(text, begin, end):
            yield *found.span(), FAINT


BIRTH: tuple[Kind, ...] = (
    kind(
        "DATE_OF_BIRTH",
        f"(?:{loosened(_WORDS)})",
        [Search(_dates, best=FAINT)],
        rf"(?:{_WORDS}){FILL}(?:[ \n](?:the|on|am|den|le|el|il))?",
        weak=True,
        after=False,
        strict=True,
    ),
)
