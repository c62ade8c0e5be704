"""Addresses of wallets, by the check that they carry."""

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def wallet(text: str) -> bool:
    """An address of Bitcoin, Litecoin, Dogecoin or Tron: Base58 with a double SHA-256 check; of these and Cardano:
    Bech32. Sources: Bitcoin's base58.cpp; BIP 173 and 350; CIP 19."""
    head, mark, _ = text.lower().partition("1")
    if mark and head in ("bc", "ltc", "addr"):
        return _bech32(head, text.lower()[len(head) + 1 :])
    value = 0
    for char in text:
        value = value * 58 + _BASE58.index(char)
    raw = value.to_bytes(26, "big")[-25:] if value < 1 << 200 else b""
    return len(raw) == 25 and hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def _bech32(head: str, data: str) -> bool:
    check = 1
    signs = [*(ord(sign) >> 5 for sign in head), 0, *(ord(sign) & 31 for sign in head)]
    for value in [*signs, *("qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(char) for char in data)]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)
