"""Where telephone numbers stand in a text, and what before them says that they are numbers of another kind."""

import re
from itertools import pairwise

from ..search.blocks import matches
from ..search.places import Places
from . import phone_shapes as phone
from .before import Before
from .kinds import REACH, Matches, worded

PHONE_WORDS = (
    r"phones?|tel(?! que )(?:e(?:ph|f)on\w{0,8}|éfono)?|tl?fno|gsm|tél(?:éphone)?|telp|msisdn"
    r"|(?:hp|ph)(?: no)?\W{0,4}$|whats\W{0,3}$|(?-i:\([MTHWP]\)|M:) ?$"
    r"|(?<!load )cell(?:ular|phone)?|mobile|mob"
    r"|call(?:ed|ing|s)?(?![(]| no\b| graph| stack| tree| site| frame| count| depth| with arg)|dial|fax|sms"
    r"|whats ?app|text(?: \w{2,14})? (?:me|to)|reach (?:me|him|her|us|them)|contact(?:ed|able)?(?! sensor)|hotline"
    r"|answer(?:ing|s)?(?! ?[=:])|messages? to|office"
    r"|registered|(?:my|your|his|her|mon|ton|son|mer[ae]) num(?:ber)?|(?:my|your|his|her) no(?:\W{0,3}| is )$"
    r"|handy(?:nr|nummer)?|mobil(?:nr|nummer\w{0,2})?|mobiel|puh(?:elin\w{0,4})?|cep"
    r"|nomor|sđt|điện thoại|komórk\w{1,2}|(?:za)?dzwo(?:ni?[ćł]?|ń)(?:cie)?"
    r"|(?<!s[ei] )chiam(?:o|are|a(?:mi|lo|la|ci|temi)?)|telefona(?:mi|re|te)|zavolej(?:te)?|soit(?:a|taa)"
    r"|hubungi|hívj(?:on)?|rufnummer|ruf|nummer|numeret|erreichbar|contato|móvil|movil|cel|tlm|telm|telem[oó]vel|fixo"
    r"|ll[aá]m(?:é|a|ar|en|e|ad)(?:me|nos|lo|la)?"
    r"|me liga|liga (?:pr[oa]|para|ao|à)|ligar|ligue"
    r"|telefoon|tlf|vipps\w{0,3}|swisha?|mobilepay|bizum|gcash|m-?pesa|appel(?:er|ez)?(?! d['’]offres)|portable"
    r"|numéro(?! de commande| de client| client| de dossier| de suivi| de facture| de compte| de série)"
    r"|fone|telefone|celular|m[aá]rcame|(?:me )?marcas? al|zap|(?<!-)ring(?:e|a)?|bel"
    r"|numer(?! przesy| zam| konta| ref| rach| fakt| klient| pacz| sery)"
    r"|телефону?|тел|моб|мобильный|номер(?! за| сч| дог| кар| пас| нак| пос| тр)"
    r"|(?:пере|по)?звони(?:ть|те)?"
    r"|τηλέφωνο|τηλ|κινητό|σταθερό|رقمي|(?<!قضية )(?<!فاتورة )(?<!طلب )(?<!عقد )رقم(?! الطلب| الفاتورة| الشحنة"
    r"| التتبع| العقد| الحساب| الهوية| المرجع)"
    r"|(?:و?[بلف]?(?:ال)?|لل|ع?ال)(?:جوال|هاتف|موبايل|تل[يی]?فون|واتس(?: ?[اآ]ب)?)(?:ي|ه|ها|ك|كم|نا)?"
    r"|رقم (?:ال)?محمولي?|(?<!كمبيوتر )(?<!حاسوب )(?:ال)?محمولي?:? ?$|كلم(?:ني|ه|ها)|اتصل|و?رقمي|و?للتواصل|والتواصل"
    r"|(?<!מחשב )[והבלמש]{0,2}(?:נייד|טלפון|פלאפון|סלולרי|ו?ווטסאפ|וואטסאפ)(?: ש(?:לי|לו|לה|לנו))?"
    r"|[ול]?טל['׳:.]{1,2} ?(?:[א-ת]{2,8} )?$"
    r"|ה?מספר שלי|موبایل|تلفن|شمار(?:ه من|ه‌ام|م)|फ़ोन|फोन|मोबाइल|(?<!आधार )(?<!पैन )(?<!खाता )(?<!ऑर्डर )नंबर"
    r"|โทร(?!ทัศน์|เลข|สาร)"
    r"|fono(?! ?\+)|contacto|nequi|daviplata|yape|kaspi(?! ?№)(?! bank)|(?<![A-Z,] )(?-i:WA|LL):? $"
    r"|kontakt\w{0,2} (?:do|na|pro|tel)|pevn[áa](?: linka)?"
    r"|volej(?:te)?|træffes(?: på)?|fanges på|nås på|tavoittaa|infolini[aię]|ddi|direct dial|jaun(?:ais|ā) (?:nr"
    r"|numurs)"
    r"|yap[ée]a\w{0,4}|paynow|fps|轉數快|转数快|каспи $|alt(?:ernate)? (?:no|number|nr)|(?-i:SEL|sel)$|mesaj pe"
    r"|(?:m[áa]nda|env[íi]a)(?:me|lo|la|le)? (?:la |el |tu )?(?:captura|comprobante|mensaje|foto|ubicaci[óo]n) al"
    r"|(?:فودافون|اورنج|اتصالات) كاش"
    r"|(?:nov[ée]|moje) číslo(?! [úu]čt)|skambink\w{0,2}|tālr(?:unis)?|gọi|liên hệ|mu number|number (?:pe|par)"
    r"|tel(?:efonas|efonul)|bellen"
    r"|เบอร์|ติดต่อ|手机|手機|微信|同号|电话|電話|联系|連絡先|携帯|ケータイ|전화|연락처|휴대폰"
    r"|(?:핸드|(?<![가-힣]))폰(?:번호?)?[은는이가]?:? ?$"
    r"|(?:내|제|엄마|아빠|남편|아내) ?번호|座机(?!位)|座機|市話|打我|致電|致电|热线|熱線"
    # what people call it in chats, and what has changed
    r"|(?:my|our|his|her) (?:new )?(?:no|num(?:ber)?)\.? (?:has |is |was |got )?chang(?:ed|ing)"
    r"|chang(?:ed|ing) (?:my|our|his|her) (?:no|num(?:ber)?)|new (?:no|num(?:ber)?)(?:\W{0,3}| is )$"
    r"|cp ?(?:no|num(?:ber)?|#)|(?:num(?:ber)?|no) (?:ko|nya|saya)"
    r"|(?:g-?pay|google ?pay|phone ?pe|paytm|zelle)(?: (?:me|it|kar|pann?u\w{0,4}|chey\w{0,4}|maadi))?"
    r"(?: (?:on|to|at|no|num(?:ber)?|is|pe|par|do|karo))?\W{0,3}$"
    r"|celu|wspp?|wpp|[gw]u?asap|mi (?:fijo|tele|n[uú]m(?:ero)?|nro)|meu (?:n[uú]m(?:ero)?|n[ºr])|mio num(?:ero)?"
    r"|(?:kontakt(?:person)?\w{0,2}|contatt[oi]|recapit[oi]) ?:(?: [^\W\d]{2,14}){0,2}[ ,]{1,2}$"
    r"|recapit[oi](?: tel\w{0,7})? $"
    r"|joi(?:gnable|ndre)(?: au| sur)?(?: le)?\W{1,3}$|(?:nr|numer) do [^\W\d]{2,14}:? $|text mo|shoot me a text"
    r"|landline:? (?:is )?$|(?:my|his|her) digits|(?:hp|wa) (?:baru|aja|ke|saya|aku|nya|gue|gw)(?: \w{2,4})?\W{0,3}$"
    r"|festnetz\w{0,6}|r[üu]ckruf(?: bitte)? unter|mijn (?:06|nr|nummer)|n(?:um[aă]rul|r\.?) meu"
    r"|(?:numret|nummeret)(?: (?:är|er))? $|numero(?:ni|on)|numbril[et]|(?:tel(?:efon)?)?számom|tel\.? ?szám\w{0,3}"
    r"|moj broj|broj (?:mob|tel)\w{0,7}|moja številka|το νούμερό? μου|κιν(?= ?[.:])"
    r"|simu|namba(?:ri)? yangu(?: ni)? $|(?:sel|tele)?foon(?:nommer)?"
    r"|numaram(?:[ıi]z)?|nömrəm(?:iz)?|raqamim(?:iz)?|telim"
    r"|zalo|sdt|[đd]t(?= ?:)|dien thoai|lien he|số (?:mới|của (?:mình|em|anh|chị|tôi))"
    r"|сотов(?:ый|ого)|сот(?= ?[.:])|в[ао](?:тс|ц)ап\w{0,2}|вайбер\w{0,2}|нөмірім|номерим"
)
"""Words that name a telephone number; those before `$` stand right before it."""


def telephone(text: str, start: int, places: Places) -> Matches:
    """A candidate that is refused may begin with a number of another kind: the next one is looked for behind its first
    group, in which none can begin."""
    for place in places.begins:
        found = phone.CANDIDATE.match(text, place) if place >= start else None
        if found is None or not _may(text, place):
            continue
        refused = False
        for begin, end, score in _scored(text, place, found.end()):
            start = end
            if score < 0.6 and _counts(text, begin, end):
                continue
            if score < 0.6:
                told = _TOLD.may(places.raw, begin)
                # What is said before the first of two is said of both.
                refused = refused or _other(text, begin, end, told)
                if refused:
                    continue
                if (told and _part(text, begin)) or _counted(text[begin:end]):
                    score = min(score, 0.3)
            yield begin, end, score


def _may(text: str, begin: int) -> bool:
    """Whether what stands there is not, in JSON without spaces, the value of a field that is no telephone's."""
    if not text.endswith(('":', "':"), 0, begin):
        return True
    key = _KEY.search(text, max(0, begin - 40), begin)
    return key is not None and _PHONE.search(key[1]) is not None


_KEY = re.compile(r"[\"']([\w .-]{1,34}(?<!id)(?<!Id)(?<!ID))[\"']:$")
_PHONE = re.compile(PHONE_WORDS, re.IGNORECASE)


def _scored(text: str, begin: int, end: int) -> Matches:
    """A candidate, or the numbers of one that is too long: `0171 5550284 / 0171 5550285`."""
    number = text[begin:end]
    if score := phone.score(number):
        return ((begin, end, score),)
    parted = "/" in number or " - " in number or " – " in number
    several = list(_several(text, begin)) if parted and _BETWEEN.search(text, begin, end) else []
    return several if len(several) > 1 else ()


def _several(text: str, begin: int) -> Matches:
    """The first of the numbers that stand there, with a stroke between them."""
    for _ in range(_MOST):
        found = phone.CANDIDATE.match(text[begin : begin + _LONGEST])
        between = _BETWEEN.search(text, begin, begin + found.end()) if found else None
        end = between.start() if between else begin + found.end() if found else begin
        if not (score := phone.score(text[begin:end])):
            return
        yield begin, end, score
        if between is None:
            return
        begin = between.end()


_BETWEEN = re.compile(r"(?<=\d{4}) ?/ ?(?=[\d+(])|(?<=\d\d) [/–-] (?=[\d+(])")
_LONGEST, _MOST = 48, 8
"""Characters that a number has at most, and numbers that are looked at in a row."""


def linked(text: str, start: int, places: Places) -> Matches:
    """Numbers in links, and such whose plus is written as URLs have it."""
    for found in matches(_LINK, text, start, REACH):
        yield *found.span(found.lastindex or 0), 0.8


_LINK = re.compile(
    r"(?:\b(?:wa\.me/|t\.me/\+|sips?:)|(?<=whatsapp\.com)/send/?\?phone=)(\+?\d{7,15})(?!\w)"
    r"|(?<=[=/:])%2B(\d{8,15})(?!\w)",
    re.IGNORECASE,
)


def refused(text: str, begin: int, end: int, places: Places) -> bool:
    """Whether what stands before a number, or around it, says that it is none of a telephone."""
    return not _may(text, begin) or _other(text, begin, end, _TOLD.may(places.raw, begin))


def _other(text: str, begin: int, end: int, told: bool) -> bool:
    """Whether what stands around it says that it is a number of another kind. `told`: _TOLD may say so."""
    if _TAIL.search(text, max(0, begin - 6), begin):
        return True
    if _POSTCODE.fullmatch(text, begin, end) and _CEP.search(text, max(0, begin - 60), begin):
        return True
    if told and (given := _GIVEN.search(text, max(0, begin - _FAR), begin)):
        return not (given["rows"] and _listed(text, given.start(), begin))
    listed = _AMONG.search(text, max(0, begin - 24), begin) if told else None
    if listed and _FORMS[listed.lastgroup or ""].match(text, begin):
        return True
    if _named(text, begin) or (text[begin - 1 : begin] == "-" and _SHOWN.match(text, end)):
        return True
    return told and (_lettered(text, begin) or _postal(text, begin, end))


_POSTCODE = re.compile(r"\d{5}-?\d{3}")
_CEP = re.compile(r"(?<![^\W_])cep(?!\w)(?:[^\d\n]|\d{5}-?\d{3}(?!\d))*$", re.IGNORECASE)
"""What Brazil calls its post codes; Turkey, a mobile telephone."""
_TO_CALL = "|".join(rf"{label}\(" for label in phone.LABELS.split("|"))
_GIVEN = re.compile(
    rf"(?:\bnew \w+|(?<![\w.])(?!{_TO_CALL})[a-z_]\w*|[._]\w+)\($"
    r"|(?:\b|_)(?i:ids? in|(?P<rows>values)) ?\((?:\d{1,19}, ?){0,7}$"
    r"|\b(?:awb|AWB)\b[^\d\n]{0,12}$",
    re.ASCII,
)
"""What takes a number in a program, a function or a list of rows, and what takes off."""
_NAMES = re.compile(r"\(([^()]{1,400})\)\s{0,4}$")
"""The columns of a table, before the values of its rows."""


def _listed(text: str, begin: int, end: int) -> bool:
    """Whether the columns before `values`, which stands at `begin`, name a telephone number in the place of `end`."""
    names = _NAMES.search(text, max(0, begin - 410), begin)
    columns = names[1].split(",") if names else []
    at = text.count(",", begin, end)
    return at < len(columns) and worded(PHONE_WORDS).search(columns[at]) is not None


_SHOWN = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|html?)\b", re.IGNORECASE)
"""Behind the number of a picture or a page: `phone-1586198.jpg`."""


_AMONG = re.compile(
    r"(?P<thread>\d\d:\d\d:\d\d\.\d{3,6} {1,3})$|(?P<state>, [A-Z]{2},?\s[\s#*/;.]{0,10})$|(?P<pointed>\[)$", re.ASCII
)
"""Before a candidate: what makes one of such a form something else."""
_FORMS = {
    "thread": re.compile(r"\d+ +\d+ +[VDIWEFA] "),  # of a process; Android's log
    "state": re.compile(r"\d{5}-\d{4}(?!\d)"),  # postal codes of the USA, in the next line
    # Chromium's clock; digits in a pattern, which rise
    "pointed": re.compile(r"\d{4}/\d{6}[.:]|(?=\d{7})0?1?2?3?4?5?6?7?8?9?\][\\{*+?]"),
}


def _counts(text: str, begin: int, end: int) -> bool:
    """Whether a number without separators, and with no more digits than such numbers mostly have, says how many there
    are of something, or is a firm's or a paper's."""
    if _THOUSANDS.fullmatch(text, begin, end) and _MONEY.match(text, end):
        return True
    if not text[begin:end].isdecimal() or text[begin] == "0":
        return False
    if _TIMED.search(text, max(0, begin - 24), begin):
        return True
    return end - begin <= 9 and bool(_MANY.match(text, end) or _COUNT.search(text, max(0, begin - 48), begin))


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+", re.ASCII)
_MONEY = re.compile(r" ?(?:kr|SEK|NOK|DKK|zł|PLN|Kč|Ft|HUF|lei|RON|€|EUR|\$|USD|£|GBP|CHF|руб|₽|грн|₴)(?!\w)")
_MANY = re.compile(
    r" (?:times|users|function|primitive|items|errors|events|sessions|impressions|clicks|hits"
    r"|downloads|installs|steps|iterations|samples|lines|points|people|customers|subscribers|nodes"
    r"|edges|[nmµ]s|sec(?:onds)?|total|dB|k?Hz|Mal|Nutzer|Zeilen|Zeichen|veces|usuarios|fois|lignes"
    r"|utilisateurs|units|sold"
    r"|pcs|Stück|minut(?:es|en|os)|Minuten|hours|cells|EUR|USD|GBP|CHF|JPY|sq|[ckm]?m[²2])(?!\w)"
    r"|/(?:s|min|h|hour|day|week|month|year|ml)\b"
)
_COUNT = re.compile(
    r"(?:(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?:[Cc]ount|[Tt]otal|[Ss]essions|[Ss]ize|[Oo]ffset|[Ll]ength|[Ll]imit)"
    r"[\"']?\s?[:= ]|[Cc]alls[\"']?\s?[:=]|\b(?:function|primitive|num|total) calls "
    r"|(?:[Vv]olumen?|[Rr]evenue|[Uu]msatz|[Aa]rea|[Ss]pace|[Ii]nterest|[Tt]raffic|[Ss]ales|[Ss]hares?)[: ]"
    r"|(?<![A-Za-z])[Ss]ent[:=]|[Rr]egistered(?: no\.?| number)?[:=]? |[Nn]ummer de[rs] [\w-]{1,24}:? (?:ist )?)"
    r"\s?[\"']?$"
)
_LASTS = "(?:_?[mun]s|_s|Ms|_?[Ss]ec(?:ond)?s)"
_TIMED = re.compile(
    r"(?:(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?:[Tt]imeout|[Dd]uration|[Tt]ime|[Dd]elay|[Ll]atency)"
    rf"(?:{_LASTS}\s?:|{_LASTS}?(?:[\"']\s?:|[\"']?\s?=))|(?:_at|_ts|(?<=[a-z])At|[Tt]imestamp)[\"']?\s?[:=])\s?[\"']?$"
)
"""Before a number: it is a time, as programs have it."""


def _part(text: str, begin: int) -> bool:
    """Whether what stands right before it goes on: a code, or bytes."""
    return any(form.search(text, max(0, begin - 12), begin) for form in (_CODE, _DUMP))


def _counted(number: str) -> bool:
    """Whether its groups are characters or bytes: code points from 0000 on, or pairs that rise evenly."""
    groups = number.split(" ")
    steps = {int(b) - int(a) for a, b in pairwise(groups)} if all(map(_PAIR.fullmatch, groups)) else ()
    return len(steps) == 1 or bool(_POINTS.fullmatch(number))


_PAIR = re.compile(r"\d\d", re.ASCII)
_POINTS = re.compile(r"0\d{3}(?: 0\d{3}){2,}", re.ASCII)


def _postal(text: str, begin: int, end: int) -> bool:
    """Whether a parcel's number stands there: two capitals on either side. Source: UPU S10."""
    return bool(_SERVICE.search(text, max(0, begin - 4), begin) and _COUNTRY.match(text, end))


_SERVICE = re.compile(r"\b[A-Z]{2} $")
_COUNTRY = re.compile(r" ?[A-Z]{2}\b")
_ENDS = tuple(
    "nr no nº n° id code codes tag tags duns awb kvk siren siret hrb ein matrícula matricula meter badge 号 號 号码 "
    "號碼 사번 접수번호 주문번호 사원번호 고객번호 문서번호 관리번호 예약번호 승인번호".split()
)
"""What names end with that number something."""
_NUMBERED = re.compile(
    r"\w[ .-]{0,2}nr|\w[ .-]{1,2}[(]?(?:no|nº|n°|id)|(?:^|\W)(?:codes?|tags?|duns|awb|kvk|siren|siret|hrb|ein"
    r"|matr[íi]cula|meter|badge)|(?<![话話机機同信])[号號][码碼]?|번호|사번"
)
_PHONES = (
    "my no,new no,alt no,cp no,cp#,mijn nr".split(",")
    + "tel ddi liga mob gsm fon phone fax ruf handy cell whats call kontakt contact sms ring durchwahl 電話 电话 手机 "
    "手機 携帯 連絡 전화 연락".split()
)


def _named(text: str, begin: int) -> bool:
    """Whether the label right before says that it is a number of another kind."""
    before = text[max(0, begin - 32) : begin].rstrip(" .:：#").lower()
    if not before.endswith(_ENDS):
        return False
    label = " ".join(before.split()[-2:])
    if label.startswith("cep "):
        return False
    found = [each.end() for each in _NUMBERED.finditer(label)]
    return bool(found) and found[-1] == len(label) and not any(stem in label for stem in _PHONES)


def _lettered(text: str, begin: int) -> bool:
    """Whether a short word in capitals right before is a part of it: the tag of a cow, the middle of an IBAN."""
    found = _CAPITALS.search(text, max(0, begin - 6), begin)
    return found is not None and not any(stem in found[1].lower() for stem in ("uk", *_PHONES)) and found[1] != "HP"


_CAPITALS = re.compile(r"(?:^|(?<=[\s(]))([A-Z]{2,4}) $")
_TAIL = re.compile(r"(?:\d{3}|(?<!\S)0)[ -]$")
"""Groups of digits, or a zero, right before a candidate: it is the end of a longer number."""
_DUMP = re.compile(r"(?:\b[0-9a-f]{2} {1,2}){3}$")
"""Bytes in hex right before a candidate."""
_CODE = re.compile(r"(?<![\w-])(?:\d+[A-Z][A-Z0-9]*|[A-Z]+\d[A-Z0-9]*)[ -]$")
"""Capitals and digits in one word right before a candidate: rather a longer code that goes on."""
_FAR = 160
"""Characters before a candidate in which such things begin."""
_TOLD = Before([_GIVEN, _AMONG, _CAPITALS, _SERVICE, _CODE, _DUMP], _FAR)
