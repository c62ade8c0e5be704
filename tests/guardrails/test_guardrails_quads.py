"""Addresses of four numbers are told without `ipaddress`, as it would tell them."""

import ipaddress

from tidegate.guardrails.detectors.pii.network import address

PARTS = ("0", "00", "01", "1", "10", "127", "199", "255")


def test_four_numbers_are_an_address_where_ipaddress_reads_one_of_a_machine() -> None:
    for text in (f"{a}.{b}.{c}.{d}" for a in PARTS for b in PARTS for c in PARTS for d in PARTS):
        try:
            read = ipaddress.ip_address(text)
            expected = not (read.is_loopback or read.is_unspecified or text.startswith(("255.", "0.")))
        except ValueError:
            expected = False
        assert address(text) is expected, text
