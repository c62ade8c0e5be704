"""What names the number of a bank account, where that has no form of its own; for pii_table.py.

A word counts before a number, or as the heading of its column: a stream could not wait for what comes behind it.
"""

import re
from collections.abc import Iterator

from .pii_kinds import Search
from .places import Places

_SORT = r"\d\d-\d\d-\d\d"
_KEEPS = (
    r"barclays|hsbc|lloyds|natwest|santander|monzo|starling|nationwide|halifax|rbs|tsb|first direct|metro bank|revolut"
    r"|(?:ulster|co-?op(?:erative)?) bank|bank of (?:scotland|ireland)|virgin money"
)
"""Who keeps accounts in Britain."""
_BANKS = (
    rf"{_KEEPS}|citi(?:bank)?|wells fargo|bank of america|capital one|td bank|pnc|us bank|anz|westpac|commbank|nab"
    r"|(?:stadt-?|kreis)?sparkasse|(?:volks|raiffeisen|commerz|post|sparda|gls )[ -]?bank|deutsche bank|dkb"
    r"|comdirect|ing-?diba|hypovereinsbank"
)
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
    rf"(?:{_BANKS})(?: [a-zäöüß]{{3,20}})?\W{{1,3}}(?:{_ACC}|konto|kto\.?)"
    rf"|(?:account|konto) (?:is )?(?:at|with|bei|bei der) (?:{_BANKS}|chase)(?: is| lautet|:)?"
)
"""The account of a bank that is named."""
ACCOUNT_WORDS = (
    r"(?:bank|checking|savings?)[ _\"',:]{1,8}(?:account|acct)|a/c\s{0,2}(?:number|no|#)"
    r"|(?<!gl )(?<!ledger )(?:account[\s_]{0,2}(?:number|no|#)|acct(?:\.|ount)?(?!-[^n]))|dda"
    rf"|{_BRITISH}|{_KEPT}|transit\W{{1,5}}\d{{5}}\D{{1,8}}\d{{3}}\W{{1,3}}account"
    r"|bsb\W{1,5}\d{3}-?\d{3}\W{1,8}(?:account|acc(?:t|\.)?)|on account|deposit account"
    r"|routing\W{1,5}\d{4}-?\d{4}-?\d\W{1,8}account|^(?:account|a/?c|acc)$"
    r"|konto-?(?:nummer(?:et)?|nr)|kto\.?(?:-?nr\.?)?[ :#=]{1,3}$|rekening(?:nummer|nr)|n(?:úmero|º|°) de cuenta"
    r"|conta corrente|nr konta"
    r"|số tài khoản|rek(?:ening|\.)? (?:bca|bri|bni|bsi|mandiri)|no(?:mor|\.)? ?rek(?:ening)?|खाता (?:संख्या|नंबर)"
    r"|номер сч[её]та|계좌(?:번호)?|口座番号|(?:普通|当座)(?:預金)?\W{0,3}$|银行账[号户]|clabe|c[bv]u"
    r"|⑆\d{9}⑆\s{0,2}$|(?-i:BCA|BRI|BNI|BSI|CIMB|Mandiri) $"
)
_LISTED = re.compile(rf"{_SORT},(\d{{8}})(?![\w-])", re.ASCII)


def _listed(text: str, start: int, places: Places) -> Iterator[tuple[int, int, float]]:
    """The cell behind that of a sort code, which the comma would else join to it."""
    for found in _LISTED.finditer(text, max(0, start - len("00-00-00,"))):
        if found.start(1) >= start:
            yield *found.span(1), 0.1


LISTED_ACCOUNT = Search(_listed, rf"{_SORT},[0-9]{{8}}", 0.1)
