"""Words before a number that say that it is no personal data: an order, a page, the version of something."""

import re

from ..search.places import folded
from .before import Before
from .cases import FILED, SERIAL

_WORDS = (
    # what shops, carriers and their customers number
    r"orders?|invoice|tracking|items?|serial|sku|batch|lote?|booking|po(?! is\b)(?! ay\b)|isbn|issn|ean|imei|contract",
    r"pedido|commande|\w{0,24}vertrag|номер заказа",
    r"(?:auftrags|bestell?|kunden?|klant|rechnungs|factuur|faktura|dossier|zaak|saks|artikel|vare"
    r"|quittungs)-?(?:nummer|nr)"
    r"|(?:debitor|kreditor)(?:en)?-?(?:nummer|nr)?",
    r"r[ée]f(?:[ée]rence)?[ .:]{1,2}(?:produit|article|commande|client|dossier)|facture|bon de commande",
    r"factura|albar[áa]n|referencia|fatura|encomenda|nota fiscal|fattura|riferimento|comand[ăa]|factur[ăa]",
    r"kod (?:towaru|produktu)|zam[óo]wieni[ea]|faktur\w{0,3}|objedn[áa]vk\w{1,2}|narud[žz]b\w|naro[čc]il\w"
    r"|vorgang|artikel|serij[ae]|šarž[ae]|takip|irsaliye|zasilka|pošiljk[ae]"
    r"|arve|tellimus\w?|pas[ūu]t[īi]jum\w{0,2}|u[žz]sakym\w{0,2}|lasku|tilaus|rendel[ée]s|sz[áa]mla|[üu]gysz[áa]m"
    r"|beställning|bestilling|bestelling|sipari[şs]|pesanan|đơn hàng|hóa đơn|παραγγελία|τιμολόγιο",
    r"гост(?: р)?|дсту|артикул|заказ|накладн(?:ая|ой)|заявк[аи]|обращени[ея]|замовлення|поръчка|(?:вх|исх|вих|изх)\.",
    # what desks, courts and offices do
    r"tickets?|case|(?<!tax )(?<!taxpayer )ref(?:erence)?|room|cost cent(?:re|er)|chamado|protocol[lo]o?|expediente",
    # places in a text, post codes
    r"(?:section|clause|chapter|article|paragraph|doc(?:ument)?)s?|plz|zip|post(?:al )?code",
    # parts, models and versions
    r"parts?|drawings?|dwg|model|versions?|fw(?:_?ver)?|firmware|release|agent|kernel|bios|sdk|build",
    r"vers(?:ão|ión|ione)|верси[яиюей]|wersj[aięą]|sürüm\w{0,2}",
    # what may be said of a telephone number too
    r"(?P<loose>pages?|pp|cep|conf(?:irmation)?)",
)
_SIGNS = (
    "§|(?:คำสั่งซื้อ|ใบสั่งซื้อ|ออเดอร์)(?:เลขที่)?|เลขที่(?:คำขอ|ใบสั่งซื้อ|คำสั่งซื้อ|เอกสาร|ใบแจ้งหนี้|สัญญา)"
    "|(?:शिकायत|ऑर्डर|संदर्भ|टिकट|चालान) (?:संख्या|नंबर|आईडी)|订单号?|单号|注文番号|운송장|版[本数]号?|バージョン|버전"
)
"""The same, in scripts in which no space stands before a word."""
_RIGHT = (
    r"מספר ה?(?:הזמנה|חשבונית|משלוח|מעקב|תיק|פנייה|קבלה)"
    r"|رقم (?:ال)?(?:طلب(?:ية)?|شحنة|تتبع|معاملة|فاتورة|عقد|قضية"
    r"|مرجع[يى]?|بلاغ|تذكرة|حجز|صك|قرار|صفحة)"
)
"""The same in Hebrew and Arabic."""
_NUMBER = r"(?:[ _-]?(?:no|nr|nº|n°|n[uú]m(?:er[oó]?|ber)?|номер|id|code)\b)?"
_IS = r"(?: (?:is|was|ist|war|est|es|[eèé]|er|är|on|to|jest|je)(?: (?:the|der|die|das|le|la|el|o|a))?)?"
_COUNT = (
    r"(?:[ _-]?(?:no|nr|nº|n°|n[uúù]m(?:er[oóu]?|ber|mer(?:et)?|aras[ıi]|ara)?|numéro|номер(?:ом)?|število|številka"
    r"|č|čís(?:lo|\.)|broj|број|sz[áa]m[a-zúá]{0,2}|αρ|αριθμ[όο][ςύ]?|numm?er[isoa]{0,3}|số|nomor|番号|번호|号|號|رقم|מספר)"
    r"\.?(?:(?<=\.)|\b))?"
    r"(?: (?:is|was|ist|est|es|[eèé]|er|är|on|to|jest|je|ha[rst]?|heeft|has|hat|tem|tiene|má|ma|a|là|ni|adalah|ialah)"
    r"(?: (?:the|die|le|la|el|il|o))?(?: n(?:o|r|umm?er|umber|úmero|uméro|umero)\.?)?)?"
)
"""Behind what is counted: that its number follows."""
_VERSIONS = (
    r"(?:versions?|vers[ãa]o|versi[oó]n|versione|versie|versio|versjon|verze|verzi[aeó]|wersj[aięą]|верси[яиюей]"
    r"|версі[яїю]|s[üu]r[üu]m\w{0,4}|[έε]κδοσης?|phi[êe]n b[ảa]n|versi"
    r"|เวอร์ชัน|संस्करण|সংস্করণ|[وبلف]?[إا]صدارة?|نسخه|גי?רסה)"
    r"(?: [^\s\d]{3,14}){0,2}"
    r"|firmware|software|programvar[ea]|oprogramowani[ea]|change ?log (?:for|of)"
)
"""What says right before it that a number is a version, with what it is the version of."""
_BEFORE = (
    rf"\b(?:{_VERSIONS})[ :=\"'v]{{1,3}}",
    rf"(?:\b(?:{'|'.join(_WORDS)})|{_SIGNS}|{_RIGHT}){_NUMBER}{_IS}[ .:#№=\"'`]{{0,3}}",
    r"〒 ?",
    rf"(?P<filed>{FILED}){_COUNT}[ .:#№=\"'`]{{1,3}}",
    # versions, a few words away or as a range, of packages and of what they need
    r"\bdeploy(?:ed|ing|s)?[: ]{1,2}(?!to |on |at |from |host |server |node )(?:[\w-]{2,20} )?",
    r"versions?(?:_?name)?[ _.:=(,\"'>]{1,5}(?:\w{1,12}[ :=(\"'\n]{1,4}){0,4}",
    r"\bsince |\brolled back to |\blatest (?:one )?is |\brequires (?:\w{1,12} )?|\bcompiled for ",
    r"\b(?:up|down)grad(?:e|ed|es|ing)(?: \w{1,12}){0,2} (?:from|to) ",
    r"\((?:~>|[<>]=) |[=~^<>!]=|\bgem [\"'][\w-]{1,40}[\"'], ?[\"'](?:[~<>=]{1,2} ?)?|\bv",
    r"\bimage[:=] ?[\"']?[\w./-]{1,60}:|(?:^|(?<=\s))[a-z][a-z_-]{1,30}/",
    r"\b(?:com|org|net|io|dev|edu|gov|ai|app|de|fr|jp|cn|ru|nl|ch|eu|uk|br|it|se|pl)\.[\w.-]{1,30}:[a-z][\w.-]*:",
    # identifiers of programs and of keys
    r"\b(?:bug|lock|[pt]id|seq|offset)=|(?<=\s)id=|--\w{0,12}id[= ]|\w_id[\"']? ?[:=] ?[\"']?",
    r"/pks/lookup[?][\w=&]{0,24}search=",
    # what is loaded down, beside what is loaded up
    r"\bul\W{1,3}[\d.,]{1,15} ?\w{0,5}\W{1,3}dl\W{1,3}",
)
OTHER = re.compile("|".join(f"(?:{each})$" for each in _BEFORE), re.IGNORECASE)
"""Before a candidate: that it is a number of another kind, or the version of something."""
_REACH = 40
_OTHER = Before([OTHER], 4 * _REACH)
_QUAD = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_QUADS = re.compile(r"(?<![\w.])" + _QUAD.pattern)
_HEAD = re.compile(r"(?!10\.|172\.|192\.)\d{1,3}\.\d{1,3}\.")
"""Of a version, and of an address that is in no private network."""
_KIN = 200
"""Characters before a candidate in which versions are looked for that begin like it."""
_LISTED = re.compile(
    r"(?<![\w.])v?((?:\d{1,3}\.){3}\d{1,3})[`\"']?_?"
    r"(?: ?(?:[,;/+–-]|[-=]>|→)|,? (?:and|or|to|und|oder|bis|et|ou|y|o|e|и|или))"
    r" ?[`\"']?v?$"
)
"""Before one of four numbers with dots: another, in a list or a range with it."""
_SIBLING = re.compile(
    r"[A-Za-z][\w+-]* v?\d{1,4}(?:\.\d{1,4}){1,3}(?:[,;]| \+| and) (?:and )?(?=\w*[A-Z])[A-Za-z][\w+-]{1,20} v?$"
)
"""Before the version of something: that of something else, `CUDA 12.6, cuDNN `."""
_DRAWN = re.compile(r"[\d.][mlhvcsqta]-?\.?\d[\d.]*(?:[ ,-]+\.?\d[\d.]*)+[ ,-]$", re.IGNORECASE)
"""In the path of a drawing, behind what to draw and where."""
_SMALL = re.compile(r"(?!10\.)[1-3]?\d\.")
"""How versions begin, and drawings go on; fewer addresses do."""
_PART = re.compile(r"\d{3}-\d\d-\d{4}(?!\w)")
_MOST = 8
"""Of a list, so many are looked at."""


def other(text: str, begin: int, worded: bool = False) -> bool:
    """Whether what stands before a candidate, or before the list of versions that it stands in, says that it is
    something else; or, if no word is for it (`worded`), whether one before it that begins like it is a version or a
    part's number, or what stands around it is no text."""
    quad = _QUAD.match(text, begin)
    if not worded and (_akin(text, begin) if quad else _part(text, begin)):
        return True
    small = not worded and quad and _SMALL.match(text, begin)
    if small and any(each.search(text, max(0, begin - _REACH), begin) for each in (_SIBLING, _DRAWN)):
        return True
    for _ in range(_MOST):
        if _named(text, begin):
            return True
        before = _LISTED.search(text, max(0, begin - _REACH), begin) if quad else None
        if before is None:
            return False
        begin = before.start(1)
    return False


def version(text: str, begin: int) -> bool:
    """Whether the word right before says that it is a version, which no word further away outweighs."""
    return _VERSION.search(text, max(0, begin - 48), begin) is not None and not _PRIVATE.match(text, begin)


_VERSION = re.compile(
    rf"(?<![^\W_])(?:{_VERSIONS})[ :=\"'v]{{1,3}}$|(?:版本号?|版数|バージョン|버전)[ :：はの은는이]{{0,2}}$"
    r"|\bimage[:=] ?[\"']?[\w./-]{1,40}:$",
    re.IGNORECASE,
)
_PRIVATE = re.compile(r"(?:10|172|192)\.")


def measure(text: str, begin: int, end: int) -> bool:
    """Whether a number without separators says how many there are of something that is no person's."""
    return text[begin:end].isdecimal() and _UNIT.match(text, end) is not None


_UNIT = re.compile(
    r" ?(?:(?i:bytes?|octets?|[kmgt]ib|[kmg]?i?bps)|[kMG]B|ms|µs)(?![\w=:])|(?i: (?:rows|tokens|packets)(?![\w=:]))"
)


def _akin(text: str, begin: int) -> bool:
    head = _HEAD.match(text, begin)
    before = _QUADS.finditer(text, max(0, begin - _KIN), begin) if head else ()
    return any(each[0].startswith(head[0]) and _named(text, each.start()) for each in before if head)


def _part(text: str, begin: int) -> bool:
    """Whether a part's number stands before one that begins like it and could be another's social security number."""
    if not _PART.match(text, begin):
        return False
    before = _PART.finditer(text, max(0, begin - _KIN), begin)
    return any(each[0][:7] == text[begin : begin + 7] and _named(text, each.start()) for each in before)


def _named(text: str, begin: int) -> bool:
    floor = max(0, begin - _REACH)
    before = folded(text[floor:begin])
    found = OTHER.search(text, floor, begin) if _OTHER.may(before, len(before)) else None
    return tells(found, text, begin) and not (found and found["loose"] and _DIALLED.match(text, begin))


def tells(found: re.Match[str] | None, text: str, begin: int) -> bool:
    """Whether what OTHER found bears on what begins at `begin`."""
    return found is not None and (not found["filed"] or SERIAL.match(text, begin) is not None)


_DIALLED = re.compile(r"\(?\+|\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?!\d)|\(?0?5\d\d\)? ?\d{3} ?\d\d ?\d\d(?!\d)")
"""A telephone number by its form, which one may page, and confer by; Turkey's `cep` is one, Brazil's a post code."""
