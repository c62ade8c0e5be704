"""The digits of cards, telephones and doors as people say them, in some fifty languages; for RE2."""

import re

from .behind import Behind
from .said import GAP, THEN

_DOOR = r"gate|door|garage|alarm|lock ?box|key ?safe|key ?pad|lobby|elevator|intercom|locker|padlock"
_DOORS = (
    r"door|gate|porte|portail|portillon|immeuble|digicode|garage|coffre|alarme?|puerta|port[aã]l"
    r"|port[óo]n|garaje|alarma"
    r"|caja|porta|portão|prédio|cofre|cancello|portone|cassaforte|allarme|drzwi|bramy|furtki|domofonu"
    r"|sejfu|alarmu|dveř|brán"
    r"|vchod|trezor|ajtó|kapu|ușă|ușa|poartă|interfon|vrat|ulaz|kapij|døren?|porten|lågen|oven|oveen|uks"
    r"|durv|dur[yų]|vart"
    r"|двер|подъезд|домофон|калит|ворот|вход|сейф|хвіртк|під['’]їзд|врат|πόρτα|εισόδου|kapı|pintu|pagar|gerbang"
)
_JOINED = (
    r"(?:haus)?t[üu]rcode|torcode|tresorcode|alarmcode|(?:voor)?deurcode|poortcode|kluiscode"
    r"|portkod(?:en)?|d[öo]rrkod(?:en)?"
    r"|larmkod(?:en)?|d[øo]rkode[nr]?|portkode[nr]?|ovikoodi[an]?|hälyt(?:ys|in|timen )koodi|digicode|kapukód"
    r"|kaputelefon kód|uksekood"
)
_ABROAD = (
    r"(?:门禁|門禁|门锁|門鎖|大门|大門|保险柜|取款|支付|银行卡|信用卡|提款|현관|도어락|금고)"
    r"(?:密码|密碼| ?비밀번호| ?비번)|暗証番号|รหัส(?:ประตู|เข้าบ้าน|เข้าตึก)|mã (?:cửa|cổng)"
    r"|(?:رمز|كود) (?:الباب|البوابة|الدخول|باب)"
    r"|קוד (?:ל|של |ה)?(?:דלת|שער|כניסה|בניין|אזעקה|כספת)"
)
_KEYS = r"kode?n?|kód|code|cod|código|codice|kood|koodi|код|κωδικός"
DOOR = (
    rf"(?:(?i:\b(?:{_DOOR})[ -](?:code|pin|combo|combination)|\b(?:kode?n?|kód|code|cod|código|codice|kood|koodi)"
    rf" (?:\S{{1,8}} ){{0,2}}?(?:{_DOORS})|\b(?:{_JOINED})\b|(?:код.?|κωδικός) (?:\S{{1,8}} ){{0,2}}?(?:{_DOORS}))"
    rf"|{_ABROAD})"
)
"""What names the code of a door."""
_PIN = (
    r"(?:PIN|Pin|ПИН|[Cc]ódigo PIN|[Cc]ode PIN|[Kk]od PIN|[Kk]ód PIN)(?:[ -]?(?:[Cc]ode|[Kk]o?od[ei]?n?|[Kk]od(?:ul"
    r"|um|a)|[Kk]ód(?:om|ja)?|[Nn]r|[Nn]o|number|nummer|код)\.?)?"
)
_MINE = (
    r"\b(?i:my|ur|your|his|her|our|mi|tu|su|mon|ton|mein[e]?|deine?|min|din|mijn|je|mój|moj|můj|mio|meu|card|atm|bank"
    r"|debit|voicemail|upi|sim|phone|door|gate|kod|code|codul|c[óo]digo|codice|mã|mpin) pin"
    r"|[\"'](?i:pin)(?:_?(?:code|number|no))?|(?:^|[\s{(,;])pin:|\bpin (?:for|of|to) (?:my|the|his|her"
    r"|our) (?:\w{1,8} )?"
    r"(?:card|phone|door|gate|safe|account|atm|sim|app|alarm)|(?i:\bpin-?(?:code|k[oó]d|kode|koodi)[a-zó]{0,3})"
    r"|\b(?i:mi|tu|su|el) NIP|\bNIP (?:de|del|para) (?:\S{1,8} ){0,2}?(?i:tarjeta|cajero|banco|cuenta)"
    r"|(?:пин|Пин|пін|Пін|ПИН|ПІН)(?:[ -]?код[а-яіу]{0,2})?|पिन|پن کوڈ|পিন|พิน"
)
"""The same by whose it is, as the name of a field, and in words that no part of a machine has."""
_CARD = (
    r"(?i:sim|card|atm|debit|bank|upi|gate|door|remote|alarm|safe|phone|tablet|app|karte\w?|carte|tarjeta"
    r"|cartão|carta|karty|karta|kortet?s?|kortin|карт\w|kart\w?|kartu)"
)
_BEFORE = rf"{THEN}(?:[#№]\s?|[\"'`“*]{{1,2}})?"
_DIGITS = r"(?:\s(?:\D|\z)|[^\w\s.,:/%-]|[.,](?:\D|\z)|\z)"
PIN = Behind(
    r"PIN|Pin|[пП][иі]н|ПИН|ПІН|[ \"'(,;{]pin[ \"':_]|pin:|pin-?co|pin-?k|NIP |पिन|پن |পিন|พิน",
    rf"(?:(?:\b|_){_PIN}|{_MINE})"
    r"(?: (?:[^\s\d]{1,8} )?(?:este|ist|is|est|es|è|é|jest|je|är|er|on|на|это|ni|adalah|είναι|to|là))?",
    rf"{_BEFORE}(?P<v>\d{{4,5}}|\d{{7,8}}|(?:\d[ -]){{3,5}}\d){_DIGITS}",
    spaced=True,
)
_SECRET = (
    r"(?i:\b(?:code (?:secret|confidentiel)|codi secret|c[óo]digo secreto|clave secreta|(?:clave|pin) (?:del cajero"
    r"|de (?:la |mi )?tarjeta)|codice (?:segreto|bancomat)|cod(?:ul)? secret|geheim(?:zahl|nummer)|geheime (?:code"
    r"|zahl|nummer)|hemliga? koden?|hemmelige? koden?|salai(?:nen|sen) koodi\w{0,2}|tunnusluku\w{0,3}|tajn(?:y|ý|i|ego)"
    r" k[óo]du?|titkos kód\w{0,3}|gizli kod\w{0,2}|kart şifre\w{0,2}|kod (?:do karty|till kortet)|kortkoden?"
    r"|kode rahasia|mã bí mật|senha do (?:cart[ãa]o|multibanco)|código multibanco|slaptas kodas|slepen[ai]is? kods"
    r"|salakood|code de (?:la |ma |sa |ta )?carte(?: bancaire| bleue)?|skrivni koda|bankomat\w{0,2} kod))"
    r"|секретн(?:ый|ого|ий) код|та[еј]ни?н? код|код (?:от |до )?карт[ыик]|μυστικός κωδικός|κωδικός (?:της )?κάρτας"
    r"|(?:ال)?(?:رقم|رمز) (?:ال)?سري|ה?קוד ה?סודי|רמז הכרטיס|رمز (?:کارت|عابر)|(?:गुप्त|सीक्रेट) (?:कोड|पिन)"
    r"|รหัส(?:บัตร| ?(?:ATM|atm|เอทีเอ็ม)|กดเงิน|ลับ)|카드 ?(?:비밀번호|비번)|暗证码?|提款卡密碼"
)
"""The code that is called secret, and that of a card."""
_SECRETS = re.sub(r"\\b|\\w\{\d,\d\}|\(\?i:", lambda found: "(?i:" if found[0] == "(?i:" else "", _SECRET)
PIN_OF = Behind(
    rf"{_SECRETS}|PIN|Pin|ПИН|PUK|(?i:(?:{_DOOR})[ -](?:code|pin|combo)|{_JOINED}|(?:{_KEYS}) |код)|{_ABROAD}",
    rf"(?:\b{_CARD}[ -]{_PIN}|\b{_PIN} (?:\S{{1,8}} ){{0,2}}?{_CARD}|\bPUK(?:[ -]?(?:1|code|Code))?|{DOOR}|{_SECRET})",
    rf"{GAP}{_BEFORE}"
    rf"(?P<v>[#*]?\d{{4,8}}[#*]?|\d{{2,4}}[A-ZА-Я]\d{{2,4}}|[A-Z]\d{{3,5}}[A-Z]?|\d{{4,5}}[A-Z]){_DIGITS}",
    spaced=True,
)
"""Of a card or a door, in digits; what else is called a pin has two, and India's post codes have six."""
