"""How sure addresses of networks and of machines are by their form."""

import ipaddress
import re

MACHINE_WORDS = (
    r"mac[ _-]?(?:addr(?:ess)?|adres(?:se|s|a|em|i)?|адрес[аи]?|アドレス|地址|位址|주소)|mac"
    r"|(?:hardware|physical)[ _-]address"
    r"|ethernet|wi-?fi"
    # fields of RADIUS, DHCP, ARP and access points
    r"|call(?:ing|ed)[ _-]?station[ _-]?id|(?:client|cl)[ _-]?hardware[ _-]?address|chaddr|[be]ssid|(?:hw|eth|ll|ble"
    r"|bt|bd|wlan"
    r"|peer|sta|ap|nic)[ _-]?addr(?:ess)?|station|supplicant|(?:eth|dl)_(?:src|dst)|bluetooth(?: address)?|ether"
    r"|physi(?:sche|kalische) adresse|adresse (?:physique|mat[ée]rielle)|direcci[óo]n f[íi]sica|indirizzo fisico"
    r"|endere[çc]o f[íi]sico|fysi(?:ek|sk) adress?e?|fysisk adress|fyysinen osoite|adres fizyczny|fyzick[áa] adresa"
    r"|fizikai cím|adres[ăa] fizic[ăa]|fizi[čc]ka adresa|fizi[čc]ni naslov|fiziksel adres"
    r"|физически[йя] адрес|фізична адреса|φυσική διεύθυνση|địa chỉ vật lý|alamat fisik"
    r"|物理地址|實體位址|物理アドレス|물리적? ?주소"
)
"""What names an address of a machine."""


def internet(text: str) -> float:
    """An IPv4 address. Of four numbers that are all small, one network in a thousand has any: rather the number of a
    version or a section."""
    if not address(text):
        return 0.0
    octets = [int(part) for part in text.split(".")]
    # A network, of which nobody writes without its size; what certificates have (ITU-T X.520, X.509).
    if octets[3] == 0 or text.startswith(("2.5.4.", "2.5.29.")):
        return 0.4
    return 0.7 if max(octets) >= _SMALL or octets[0] == 10 or text in _RESOLVERS else 0.4


_SMALL = 40
_RESOLVERS = frozenset("1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 4.2.2.1 4.2.2.2".split())
"""Public name servers."""


def address(text: str) -> bool:
    """Whether `ipaddress` reads it, and it is not the machine itself, nobody, a mask, or a name such as `a::b`."""
    if ":" not in text:  # four numbers under 256, by the expression that found them
        octets = text.split(".")
        return octets[0] not in ("0", "127", "255") and not any(len(each) > 1 and each[0] == "0" for each in octets)
    if not any(map(str.isdigit, text)) and text.count(":") < 5:
        return False
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or text.startswith(("255.", "0.")))


def version_six(text: str) -> float:
    """An IPv6 address. Two numbers, or one, with colons between or behind are a slice or a heading in a program where
    nobody can have such an address."""
    if not address(text) or text.lower().startswith("ffff:"):
        return 0.0
    return 0.05 if _SLICE.fullmatch(text) else 0.7


_SLICE = re.compile(r"\d{0,2}::\d{0,4}")
"""Source: IANA's registry of IPv6 address space, which has nothing between 0100:: and 2000::."""


def station(text: str) -> bool:
    """Whether a MAC address is one machine's: neither nobody's nor everybody's."""
    return len({*text.lower()} - {*":.-"}) > 1


def machine(text: str) -> float:
    """A MAC address; six pairs of decimals with hyphens are more often numbers that were drawn or counted."""
    if not station(text) or not {*text.upper()} - {*"F0:-"}:  # a mask
        return 0.0
    return 0.4 if "-" in text and not any(map(str.isalpha, text)) else 0.8


def uneven(text: str) -> bool:
    """Whether a MAC address has groups of one character and of two, and letters."""
    return len({len(group) for group in text.split(":")}) == 2 and station(text) and any(map(str.isalpha, text))


def hardware(text: str) -> float:
    """A MAC address in groups of four; one of digits only is more often a number of another kind."""
    return 0.5 if station(text) and any(char in "abcdefABCDEF" for char in text) else 0.2
