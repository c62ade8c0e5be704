"""What names the numbers of people, of all states: what stands right before a number, or near one that is checked."""

import re

_SAID = (
    # that it is a number
    r"nos?|nr|nro|n\.?[º°ªo]?|№|registro|num|numb?er|nummer|n[úu]mero|num[ée]ro|num[aă]r(?:ul)?|numer|c[óo]digo"
    r"|code|id|card|seri[aei]i?"
    r"|מס['׳]?|מספר|č(?:ís?|íslo)?|szám[a-zá]{0,3}|broj|број|br|αρ|αριθμ[όο]ς|numaras(?:ı|i)|numara|raqam[a-z]{0,2}"
    r"|номер|нөмірі|серія|серии|серії|серия|saf(?:h)?a|नं|नंबर|नम्बर|নম্বর|নং|เลขที่"
    # that it follows
    # and a document has it; without that word it may have so many of something
    r"|(?:has|had|hat|hatte|heeft|tiene|tem|ha|har|má|ma|имеет|має|with|mit|con|com|avec|met|med|cu|porte|portant)"
    r" (?:the |die |der |el |le |il |o )?(?:nr|no|numb?er|numm?ero?|n[úu]mero|num[ée]ro|num[ăa]r(?:ul)?|číslo|номер)"
    r"|numerze|číslem|номером"
    r"|mine(?:['’]?s)?|meine[rs]?|(?:le |la )?mienn?e?|m[íi][oa]|minha|meu|mijne?|min|mitt|mój|moj[ea]|můj|мо[йяё]"
    r"|мій|benimki"
    r"|is|it['’]?s|its|was|es|el|la|é|è|o|u|est|ist|isch|lautet|är|er|on|to|je|jest|sali[óo]|qued[óo]|saiu|ficou|ya"
    r"|saya|ko|ang"
    r"|nga|pala|na|ni|yangu|changu|wa|adalah|ialah|din|này|là|số|của (?:mình|tôi|em|anh|chị)|yeh?|hai|ye|है|হলো|হল"
    r"|คือ|هو|هي|رقم"
    r"|hab(?:e)? ich(?: auch)?|লাগবে|j['’]ai noté|not[ée]|anot[aáeé]|apunt[aáeé]|te paso|nuev[oa]|new|neu|yeni"
    r"|expedid[oa]|(?:kept|issued) \w{2,8}"
    # whose it is
    r"|(?:(?:of|for|del?|da|do|du|des|der|vom|van de|al|au|till|av) )?(?:the |el |la |l['’])?(?:titular|holder"
    r"|driver|employee|applicant"
    r"|customer|client[ea]?|empleado|paciente|patient|trabajador|solicitante|beneficiar[a-z]{1,3}|conductor|chofer"
    r"|contacto|contato"
    r"|rep(?:\.|resentante)? legal|empresa|company|proveedor|titulaire|assuré|salarié|kunden|fahrers|inhabers"
    r"|mieters|firmy|klienta"
    r"|организации|владельца|водителя|получателя|поставщика|клиента|компании|заявителя)"
)
_SIGNS = "是|为|為|は|:|：|#|번호는?|는|은"
_BETWEEN = r"(?:[^\w-]|_| - )"
"""What separates them: a hyphen would make both one code."""
FILL = (
    rf"(?:{_BETWEEN}{{1,3}}(?:{_SAID})(?![^\W\d_])\.?|-(?:nr|no|nummer|number)\.?(?![^\W\d_])"
    rf"|{_BETWEEN}{{0,2}}\([^()\n]{{1,16}}\)"
    rf"|{_BETWEEN}(?:for|para|für|pour|per|voor|til|för|dla|для)(?: (?:[^\W\d_]|-){{1,16}}){{1,4}}:"
    rf"|[?.]?\n[^\W\d_]{{2,14}}:|{_BETWEEN}{{0,2}}(?:{_SIGNS})|[ .…_]{{4,40}}){{0,3}}"
)
"""What may stand between a word and its number."""


_THEN = rf"{_BETWEEN}{{0,5}}"


def beside(words: str, end: str = "$") -> str:
    """One of `words`, and right behind it the number."""
    return rf"(?:{words}){FILL}{_THEN}{end}"


_TITLED = r"(?: (?-i:[A-ZÁÉÍÓÚÑÇ][\w.&'-]{0,18})){0,3}"
"""Names, such as that of an insurer or of a bank."""
_BANK = (
    r"(?:(?: (?:de|del|du|da|do|no|na|em|en|bei|of|at|with|w|u|в|у|bank))?"
    r"[ /(:]{1,2}(?-i:[A-ZÁÉÍÓÚÇŠŽĐÐА-ЯІЇЄ])[\w&.'’-]{1,20}\)?){0,3}"
)
_KEPT_BY = (
    r"(?:[：: 는은是]{0,2}(?:[一-鿿]{0,4}(?:银行|銀行|信用社)|[招工建农中交]行|邮储|郵局|郵政|[가-힣]{2,4}(?:은행|뱅크)"
    r"|국민|신한|우리|하나|기업|농협|신협|우체국|새마을금고|(?:玉山|國泰(?:世華)?|中信|中國信託|台新|(?:台北)?富邦|第一|華南|彰化|彰銀|合庫|合作金庫|土銀|兆豐|永豐|新光|聯邦|[台臺]銀|元大"
    r"|凱基|星展|遠東|郵局|樂天|將來)))?(?:[ (（]{0,2}\d{3}(?: |[)）] ?|(?=\d{10})))?"
)
_MONEY = r"(?: (?:en )?(?:soles|d[óo]lares|pesos|usd|eur))?"
_THAI = r"(?: ?(?:ธ\.|ธนาคาร)?(?:กสิกร(?:ไทย)?|ไทยพาณิชย์|กรุง(?:เทพ|ไทย|ศรี)|ทหารไทย|ออมสิน))?"
KEPT = f"{_KEPT_BY}{_BANK}{_MONEY}{_THAI}"
"""Behind what names an account: who keeps it, and in what money."""
_OPTIONAL = (f"{FILL}{_THEN}", FILL, KEPT, f"{_TITLED}(?: [0-9]{{1,4}})?")
_FURTHER = re.compile(r"\(\?#on\).*?\(\?#end\)", re.DOTALL)


def further(source: str) -> str:
    """What must stand behind a word, and is not looked for where it is enough to know that the word may be there."""
    return f"(?#on){source}(?#end)"


def named_only(wording: str) -> str:
    """A wording without what stands behind its words: it matches wherever that does."""
    for each in _OPTIONAL:
        wording = wording.replace(each, "")
    return _FURTHER.sub("", wording)


_A = "[وبلفك]{0,2}(?:ال)?"
"""What Arabic writes as one with the word behind it."""
_LATIN = (
    r"(?-i:C\.? ?C\.?|C\. ?I\.?|CI(?= ?:| n| N)|C\.? ?E\.?|R\.?G\.?|DPI|DUI|CUI|NUI|NSS|IMSS|IESS|PIS|PASEP"
    r"|PIS/PASEP|NIS|NIT/PIS|CTPS|CNS|NISS|INE|IFE|T\.?I\.?(?= ?:| n| N))"
)
_MALAYSIAN = r"(?<!\.)ic|i/c"
_HIS = r"(?:my|his|her|your|their|(?:ma|mum|mom|dad|driver|employee|patient|tenant)['’]?s) id"
_INSURED = (
    rf"(?:afiliad[oa]|obra social|prepaga|credencial|isapre|fonasa|eps)(?: (?:a|al|de))?{_TITLED}(?: [0-9]{{1,4}})?"
)
NATIONAL = (
    # Spanish, Portuguese
    r"c[ée]dulas?(?! catastral)(?! hipotecaria)(?! fiscal)(?! rural)(?! profesional)(?: (?:de (?:ciudadan[íi]a"
    r"|identidad|extranjer[íi]a|identificaci[óo]n)|f[íi]sica|jur[íi]dica))?|documento (?:nacional )?de identidad"
    r"|doc(?:umento)?\.? (?:de )?ident(?:idad|ificaci[óo]n)|clave de elector|carn[eé]t? de (?:identidad"
    r"|extranjer[íi]a)|(?:n[úu]mero de )?seguro social|(?:n[úu]m(?:ero|\.)? (?:de )?(?:la )?)?seguridad social"
    r"|n[úu]mero de afiliaci[óo]n|n?[°º.]? ?afiliaci[óo]n|curp"
    r"|registro geral|carteira de identidade|t[íi]tulo (?:de eleitor|eleitoral)"
    r"|cart[ãa]o (?:nacional de sa[úu]de|do sus)|(?:n[úu]mero de )?utente"
    r"|n[úu]mero de identifica[çc][ãa]o da seguran[çc]a social"
    rf"|{beside(_LATIN)}"
    # English, and of Africa and Asia
    r"|cnic|nicop|bvn|ssnit|nhif|bpjs(?: kesehatan| ketenagakerjaan)?|omang|(?-i:POC|NIC|NADRA|NID|NIN|NIDA|NRC|QID"
    r"|UMID(?: CRN)?|NSSF|SHIF"
    r"|UAN|ESIC|ABHA|EPIC|PCN|PSN|GSIS|SSS|KTP|KWSP|EPF|PERKESO|SOCSO|KIS|CIN|CNIE|NNI|NINA|CNSS|CNPS)"
    r"|phil ?health|pag-?ibig(?: mid| rtn)?|phil ?sys(?: pcn)?|national[ _]?(?:id(?:entity|entification)?"
    r"|insurance (?:card|scheme))(?:[ _]?card)?"
    r"|nationalid|(?:ghana|huduma|maisha|voter['’]?s?(?: id)?|smart id) ?card|voter['’]?s? ?id|emirates ?id|iqama"
    r"|(?:civil|resident|residence|citizenship|citizen) ?(?:id|card|certificate)|kitambulisho|birth certificate"
    rf"|{beside(_HIS)}"
    # French, Greek, Turkish
    r"|num[ée]ro national|carte nationale|carte (?:d['’]assur[ée]|vitale)|ονομαστικό|α\.?μ\.?κ\.?α|amka|α\.?μ\.?α"
    r"|sgk (?:no|sicil)|sigorta sicil"
    # Russian and its neighbours
    r"|ж\.?с\.?н|и\.?и\.?н|(?-i:IIN)|ПИНФЛ|жшшир|jshshir|pinfl|пин(?! ?код)|личный номер|идентификационный номер|унзр"
    r"|ідентифікаційний номер|პირადი ნომერი|პ/ნ|პირადი|հծհ|fin ?kod|фин"
    # Arabic, Persian, Urdu
    rf"|{_A}رقم(?:ي|ه|ها)? (?:ال)?(?:قومي|وطني|مدني|شخصي|هوية|هويه|بطاقة|إقامة|اقامة|تأمين)(?:(?: ال)?(?:هوية|وطنية"
    rf"|شخصية|مدنية|قومية))?|{_A}(?:هوي(?:ة|ه|تي|تك|ته|تها)|إقامة|اقامة|إقامتي|اقامتي)(?: ال(?:وطنية|إماراتية))?"
    rf"|{_A}سجل ال?مدني|{_A}بطاقة (?:ال)?(?:وطنية|مدنية"
    rf"|شخصية|هوية|تعريف)|{_A}ضمان ال?اجتماعي|کد ?ملی|شماره ملی|شناختی کارڈ"
    # South and East Asia
    r"|এন ?আইডি|জাতীয় পরিচয়(?:পত্র|পত্রের)?|জন্ম নিবন্ধন|नागरिकता(?: नं)?|राष्ट्रिय परिचयपत्र|मतदाता पहचान"
    r"|වි\.?හැ|ජා\.?හැ\.?අ|හැඳුනුම්පත"
    r"|(?:เลข|หมายเลข)?(?:ประจำตัว|บัตร)ประชาชน|(?:เลข)?(?:ที่)?บัตร ?ป(?:ระจำตัว)?ช\.?(?:ช\.?)?|ปชช\.?"
    r"|เลข ?13 ?หลัก|ประกันสังคม|bhxh|bhyt|bảo hiểm (?:xã hội|y tế)"
    rf"|{beside(_MALAYSIAN)}"
    r"|kad pengenalan|在留カード|保険証|被保険者(?:証|番号)?|基礎年金|年金手帳|社保[卡号]?|医保[卡号]?|健保卡?"
    r"|居住证|通行证|外国人登録|외국인등록번호|건강보험(?:증)?"
)
HEALTH = (
    r"(?-i:OHIP|RAMQ|IPP|PHN|AHCIP|PHIN|NHI|KVNR|IHI)|health[ _]?card|carte soleil|assurance[ -]maladie"
    r"|(?:kranken)?versicherten-?(?:nummer|nr)|krankenkassen-?(?:nummer|nr)|kassenmitglieds-?(?:nummer|nr)"
    r"|tessera sanitaria|health (?:insurance )?(?:number|no)|verzekerden?(?:nummer|nr)|zorgpas(?:nummer)?"
    r"|(?:n[°º]|num[ée]ro)(?: de)? (?:d['’])?(?:adh[ée]rent|mutuelle)|mutuelle n[°º]"
    r"|carteirinha|(?:cart[ãa]o|carteira) (?:d[oae] )?(?:conv[êe]nio|plano(?: de sa[úu]de)?|unimed|amil"
    r"|bradesco sa[úu]de)"
    r"|(?:n[.º°]{1,2}|n[úu]mero)(?: de| do)? (?:asegurad[oa]|beneficiari[oa]|benefici[áa]ri[oa]|segurad[oa]|assegurat)"
    r"|(?:nr|numer) ubezpieczon(?:ego|ej)|číslo (?:pojištěnce|poistenca)|полис(?:а|у|ом|е)?(?: №| номер)? (?:омс|дмс)"
    r"|(?:омс|дмс)(?: полис(?:а|у)?)|sygesikrings?(?:bevis|kort|nr|nummer)|sundhedskort(?:nummer)?"
    rf"|{beside(_INSURED)}"
)
TAX = (
    r"n\.?i\.?t\.?(?! ?/ ?pis)|(?-i:RUC|RIF|RTN|RNC|STRN|TPIN|MST(?: cá nhân)?|SARS(?:-verw(?:ysing)?\.?| tax)?|VKN"
    r"|VOEN|VÖEN|SPI|NUI)|(?-i:e-?TIN|TIN)"
    r"|mã số thuế(?: cá nhân| tncn| doanh nghiệp)?|kra(?: pin)?|(?-i:UTR)|unique tax(?:payer)? ref(?:erence)?"
    r"|(?-i:NIP)|numer identyfikacji podatkowej"
    r"|(?:n[°º]|num[ée]ro|r[ée]f[ée]rence|identifiant) fiscale?|identification fiscale"
    r"|tax(?:payer)? (?:identification|file|ref(?:erence)?) ?(?:no|number)?|(?:income )?tax n(?:o|umber)"
    r"|(?:no\.? ?)?cukai(?: pendapatan)?|npwp|ntn"
    r"|vergi (?:kimlik )?n(?:o|umaras(?:ı|i))|б\.?и\.?н|б\.?с\.?н|(?-i:BIN)|унп|стир|stir"
    r"|เลข(?:ที่)?(?:ประจำตัว)?ผู้เสียภาษี|কর শনাক্তকরণ|टिन|e-?টিন|টিন|(?:पान|स्थायी लेखा)(?: नं)?|شماره اقتصادی"
)
DOCTORS = (
    r"(?-i:RPPS|ADELI|PWZ|GMC|NMC|GDC|GPhC|HPR|CRM[ /-]{0,2}[A-Z]{2}|CRO|COREN|AHPRA|LANR|BIG-(?:nr|nummer)|SMC"
    r"|PMDC|TNMC|KMC|MMC|APMC|WBMC|TCMC|SV-numero|BMDC|HPCSA|MDCN|KMPDC)"
    r"|colegiad[oa]|n[º°.]? de colegiad[oa]|c[ée]dula profesional|matr[íi]cula (?:nacional|provincial|profesional)"
    r"|m\.? ?[np]\.|pecs[ée]tsz[áa]m[a-zá]{0,3}|(?:rejestr|legitim)\w* lekarsk\w*|medical (?:council|licen[sc]e"
    r"|registration)"
    r"|lebenslange arztnummer|arztnummer|numéro d['’]ordre|αρ\.? μητρώου ιατρ\w*|diploma tescil|医師(?:免許|籍)"
    r"|执业(?:医师)?证书?"
)
