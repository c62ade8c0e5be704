"""What names the number of a bank account, where that has no form of its own; for table.py.

A word counts before a number, or as the heading of its column: a stream could not wait for what comes behind it.
"""

import re
from collections.abc import Iterator

from ..search.places import Places
from . import checksums as check
from .checksums_named import account, polish_account, serbian_account, zealand_account
from .kinds import FAINT, Kind, Search, kind, shape
from .named import GROUPED, SORT, short
from .named_words import KEPT, beside, further

_SORT = r"\d\d-\d\d-\d\d"
_KEEPS = (
    r"barclays|hsbc|lloyds|natwest|santander|monzo|starling|nationwide|halifax|rbs|tsb|first direct|metro bank"
    r"|revolut"
    r"|(?:ulster|co-?op(?:erative)?) bank|bank of (?:scotland|ireland)|virgin money"
)
"""Who keeps accounts in Britain."""
_NAMED_BANKS = (
    r"hdfc|icici|sbi|kotak|indusind|idfc|posb|ocbc|uob|maybank|ambank|bpi|absa|fnb|nedbank|capitec|metrobank|landbank|unionbank"
    r"|vietcombank|techcombank|vietinbank|agribank|sacombank|vpbank|tpbank|bidv|vcb|tcb|mb ?bank|meezan|hbl|ubl"
    r"|alfalah|kcb|ncba|kiwibank|kbank|krungsri|emirates nbd|adcb|mashreq|rakbank|qnb|al rajhi|ziraat|garanti|akbank"
    r"|halkbank|vakıfbank"
)
"""Banks by whose names one tells an account: nothing but its number follows."""
_BANKS = (
    rf"{_KEEPS}|citi(?:bank)?|wells fargo|bank of america|capital one|td bank|pnc|us bank|anz|westpac|commbank|nab"
    r"|(?:stadt-?|kreis)?sparkasse|(?:volks|raiffeisen|commerz|post|sparda|gls )[ -]?bank|deutsche bank|dkb"
    r"|comdirect|ing-?diba|hypovereinsbank|bdo|(?:standard|std) bank|tymebank|investec|rbc|bmo|cibc"
    r"|scotiabank|tangerine|desjardins|aib|ptsb|(?:permanent )?tsb|dbs|cba|bankwest|macquarie|bendigo|bnz|asb"
    r"|(?:axis|yes|canara|union|equity|co-?op|city|brac|islami|allied|soneri|faysal|stanbic|ecobank|i&m) bank"
    rf"|{_NAMED_BANKS}"
)
_FOR = r"(?: (?:bank|savings?|current|cheque|checking|salary|business))?"
_WITH = r"(?:(?:with|and|the|for|an?|my|our|your|their|uk) ){0,3}"
_ACC = r"(?:a/?c|acc(?:t|ount)?)"
_BRITISH = (
    # The sort code, and then the account's name, or nothing but the account.
    rf"(?:sort(?:ing)?(?:[ _-]?code)?|s/?c)\W{{1,5}}(?:is )?\d\d[ -]?\d\d[ -]?\d\d"
    rf"(?:\W{{1,8}}{_WITH}{_ACC}|[\s,;/|]{{1,4}}$)"
    rf"|(?:sort codes?(?: and |[ /&,+]{{1,3}}){_ACC}(?: (?:no|number|#)\.?)?|(?:bank|{_KEEPS})(?: details| account)?)"
    rf"\W{{1,4}}{_SORT}[\s,;/|]{{1,4}}(?:{_ACC}\W{{1,4}})?$"
)
_KEPT = (
    rf"(?:{_BANKS})(?: [a-zäöüß]{{3,20}})?{_FOR}\W{{1,3}}(?:{_ACC}|konto|kto\.?)"
    rf"|(?:account|konto) (?:is )?(?:at|with|bei|bei der) (?:{_BANKS}|chase)(?: is| lautet|:)?"
)
"""The account of a bank that is named."""
_LOCAL = (
    # Spanish, Portuguese, Italian, French
    r"(?:n[úu]mero de |nro\.? |n[°º] )?(?:cuentas?|cta\.?)(?: (?:de ahorros?|corriente|cte\.?|rut|vista|sueldo"
    r"|n[óo]mina|bancaria|digital"
    r"|en (?:pesos|soles|d[óo]lares)))?|caja de ahorros?|ahorros|(?-i:CLABE|CCI|CVU|CBU|NIB|RIB|NIP bancario|NRB"
    r"|NUBAN|CCC)"
    r"|clabe(?: interbancaria)?|c[óo]digo interbancario|conta(?: (?:corrente|poupan[çc]a|sal[áa]rio|banc[áa]ria"
    r"|digital))?|c/[cp]"
    r"|poupan[çc]a|conto(?: corrente)?|cc bancario|compte(?: (?:bancaire|courant|ch[èe]ques?|d['’][ée]pargne))?"
    r"|livret a"
    # Germanic, Slavic, Baltic, Hungarian, Romanian, Greek, Turkish
    r"|girokonto|(?:lohn|gehalts|spar|bank)-?konto|spaarrekening|rekening|bankkonto|kontonr|(?:nr|numer(?:u"
    r"|em)?) rachunku|rachunek|rachunku|r-k"
    r"|konto|konta|č(?:íslo|\.)? ?(?:účtu|uctu|ú\.?)|(?:žiro[ -]?)?račun[aue]?|рачун[ау]?|tekući račun|t\.? ?r\.?"
    r"|sąskait[^\s\d]{1,3}|arvelduskonto"
    r"|cont(?:ul)? (?:bancar|nr)|contul|(?:bank)?számla(?:szám\w{0,3})?|λογαριασμ(?:ός|ού|ό)|αρ\.? λογ[^\s\d]{0,9}"
    r"|hesa(?:p|b(?:ı|i)m?)\w{0,4}(?: no)?|maaş hesabı"
    # Russian and its neighbours; Arabic, Hebrew, Persian
    r"|р/с(?:ч[её]т)?|л/с|(?:расч[её]тн|лицев|текущ|банковск|карточн)[^\s\d]{2,3} сч[её]т|на (?:сч[её]т|рахунок)"
    r"|(?:банківськ|розрахунков)[^\s\d]{2,3} рахунок|р/р|сметка|есеп ?шот|hisob ?raqam[a-z]{0,2}"
    r"|[وفبل]{0,2}(?:رقم )?(?:ال)?حساب(?:ي|ه|ها|ك|نا)?(?: (?:ال)?(?:بنكي|جاري|مصرفي))?"
    r"(?: (?:في |لدى )?[بل]?(?:ال)?(?:بنك|مصرف)(?: [ء-ي]{2,12}){0,2})?|שח?שבון|חשבון(?: בנק)?|ח-ן|ח[\"״]ן"
    r"|شماره حساب|شماره (?:کارت|شبا)"
    # Asia
    r"|खाता|खाते|অ্যাকাউন্ট|হিসাব|เลข(?:ที่)?บัญชี|บัญชี|บช\.?|เลขบ\/ช|(?:số )?tài khoản|số tk|(?:vào|qua|gửi|vao) stk"
    r"|stk(?= ?:| [A-Z]| của)|rek\.? (?-i:[A-Z][a-z]{2,9})|rekening|norek|akaun|no\.? akaun"
    r"|(?:bank|debit|credit|sb|loan|payee|my|your|his|her|our) a/c|a/c(?= ?[(:])|savings|current a/?c|(?:cheque|chq"
    r"|chk|savings?|current|transmission|salary|payroll) (?:a/?c|acc(?:oun)?t?)|bank a/?c"
    r"|工资卡|工資卡|银行卡|銀行卡|卡号|账[号戶户]|帐[号户]|帳[號戶]|帳號|戶口|口座(?:番号)?|普通預金|통장(?:번호)?|계좌(?:번호)?"
    r"|(?<!gl )(?<!ledger )acct? (?:no|num)|kontonummer(?:et)? (?:lønn|lön|løn)"
    r"|(?-i:GTB(?:ank)?|GTBank|UBA|FCMB|OPay|Opay|PalmPay|Kuda|Moniepoint|Zenith(?: Bank)?|First ?Bank|Access ?Bank"
    r"|Wema)"
    r"|easypaisa|jazz ?cash|bkash|বিকাশ|nagad|kaspi gold|deposit to|transfer to|kiwisaver contribution from"
)
_SIGNED = rf"(?:{_LOCAL}){KEPT}"
"""The same, and a bank of a script without spaces."""
_INSTITUTION = r"\W{1,5}\d{3}\D{1,12}\d{5}\W{1,3}account"
_AGENCY = r"\W{1,3}\d{3}.{0,20}ag(?:[êe]ncia|\.)?\W{1,3}\d{3,4}(?:-\d)?\W{1,3}(?:c/?c|conta)\w{0,9}"
_TRANSIT = r"\W{1,5}\d{5}\D{1,8}\d{3}\W{1,3}account"
_BSB = r"\W{1,5}\d{3}-?\d{3}\W{1,8}(?:account|acc(?:t|\.)?)"
_ROUTING = r"\W{1,5}\d{4}-?\d{4}-?\d\W{1,8}account"
ACCOUNT_WORDS = (
    r"(?:bank|checking|savings?)[ _\"',:]{1,8}(?:account|acct)|a/c\s{0,2}(?:number|no|#)"
    r"|(?<!gl )(?<!ledger )(?:account[\s_]{0,2}(?:number|no|#)|acct(?:\.|ount)?(?!-[^n]))|dda"
    rf"|institution{further(_INSTITUTION)}|banco{further(_AGENCY)}"
    rf"|{beside(_SIGNED)}"
    rf"|{_BRITISH}|{_KEPT}|transit{further(_TRANSIT)}|bsb{further(_BSB)}|on account|deposit account"
    rf"|routing{further(_ROUTING)}|^(?:account|a/?c|acc)$"
    r"|konto-?(?:nummer(?:et)?|nr)|kto\.?(?:-?nr\.?)?[ :#=]{1,3}$|rekening(?:nummer|nr)|n(?:úmero|º|°) de cuenta"
    r"|conta corrente|nr konta"
    r"|số tài khoản|rek(?:ening|\.)? (?:bca|bri|bni|bsi|mandiri)|no(?:mor|\.)? ?rek(?:ening)?|खाता (?:संख्या|नंबर)"
    r"|номер сч[её]та|계좌(?:번호)?|口座番号|(?:普通|当座)(?:預金)?\W{0,3}$|银行账[号户]|clabe|c[bv]u"
    r"|⑆\d{9}⑆\s{0,2}$|(?-i:BCA|BRI|BNI|BSI|CIMB|Mandiri) $"
    r"|(?:to|from|in(?:to)?|ur|credited|debited) a/c $|(?:銀行|郵局)[ (（]{0,2}\d{3}[)）]? ?$"
    rf"|(?:{_NAMED_BANKS}|국민|신한|카뱅|(?:카카오|토스|케이)뱅크"
    r"|(?:국민|신한|우리|하나|기업|산업|농협|수협|씨티|제일)은행|농협|신협|우체국|새마을금고):?(?: stk:?)? $"
)
_LEITZAHL = rf"\D{{0,8}}[\d ]{{6,12}}\W{{1,3}}(?:[^\s\d]{{1,12}} )?{beside('blz|bankleitzahl')}"
_LISTED = re.compile(rf"{_SORT},(\d{{8}})(?![\w-])", re.ASCII)


def _listed(text: str, start: int, places: Places) -> Iterator[tuple[int, int, float]]:
    """The cell behind that of a sort code, which the comma would else join to it."""
    for found in _LISTED.finditer(text, max(0, start - len("00-00-00,"))):
        if found.start(1) >= start:
            yield *found.span(1), 0.1


LISTED_ACCOUNT = Search(_listed, rf"{_SORT},[0-9]{{8}}", 0.1)
ACCOUNTS: tuple[Kind, ...] = (
    kind(
        "US_BANK_NUMBER",
        r"\d{7}",
        [
            shape(r"(?!0{8})\d{8,17}", 0.1, number=True),
            shape(r"\d{7}", FAINT, number=True),
            shape(r"\d{4}\.\d{2}\.\d{5}|\d{18,19}|\d{22}", 0.1, number=True),
            shape(r"\d{26}|\d\d(?: \d{4}){6}", 0.7, polish_account, number=True),
            shape(r"\d{3}-\d{10,13}-\d{2}", 0.6, serbian_account, number=True),
            shape(r"\d{2}-\d{4}-\d{7}-\d{2,3}", 0.6, zealand_account, number=True),
            shape(GROUPED, FAINT, account, number=True),
            shape(r"[34]\d{19}", 0.3, number=True),  # Russia's
            short(r"c/c|conta(?: corrente)?|c\.c\.|חשבון"),
            LISTED_ACCOUNT,
        ],
        ACCOUNT_WORDS,
        weak=True,
        after=False,
        strict=True,
    ),
    kind(
        "ABA_ROUTING_NUMBER",
        r"\d{4}-?\d{4}-?\d|\d{3} ?\d{3} ?\d{2}",
        [
            shape(r"\d{9}|\d{4}-\d{4}-\d", 0.2, check.aba, number=True),
            shape(r"[1-8]\d\d ?\d{3} ?\d{2}", FAINT, number=True),
            SORT,
        ],
        rf"aba|routing|sort(?:ing)?[ _-]?code|(?:kto|konto){further(_LEITZAHL)}",
        weak=True,
    ),
)
