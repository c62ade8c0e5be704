"""Addresses of wallets in Base58, which is long runs of letters and digits and little else."""

import re

from ..search.blocks import matches
from ..search.places import Places
from .checksums_wallets import wallet
from .kinds import REACH, Matches

_BASE58 = re.compile(r"(?<![\w])[1-9A-HJ-NP-Za-km-z]{26,44}(?!\w)", re.ASCII)
_CHECKED, _SOLANA = frozenset("13DLMT"), (43, 44)
_AROUND = frozenset("=/+-.")


def base58(text: str, start: int, places: Places) -> Matches:
    """Those of Bitcoin, Litecoin, Dogecoin and Tron by their check. Solana's have none, and need a word near."""
    for found in matches(_BASE58, text, start, REACH):
        begin, end = found.span()
        if found[0][0] in _CHECKED and end - begin <= 35 and wallet(found[0]):
            yield begin, end, 0.9
        elif end - begin in _SOLANA and not _AROUND & {*text[max(0, begin - 1) : begin], *text[end : end + 1]}:
            yield begin, end, 0.12
