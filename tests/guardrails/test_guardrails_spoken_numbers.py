"""Numbers of people, machines and insurers by the words that stand before them, as sentences and fields have those."""

from tidegate.guardrails.detectors.pii.checksums_named import unique_reference
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

PII = Pii(STRUCTURED)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in PII.find(text)]


def test_fields_of_networks_name_an_address_without_separators() -> None:
    for before in (
        *("Calling-Station-Id=", 'Called-Station-Id = "', "chaddr ", "hw_addr: ", "client-hardware-address ", "bssid="),
        *("lladdr ", "BDADDR=", "Bluetooth address ", "eth_src=", "physical address: ", "Physikalische Adresse: "),
        *("adresse physique : ", "endereço físico: ", "MAC-адрес ", "adres fizyczny: ", "物理地址 ", '"clientMac":"'),
    ):
        assert found(f"{before}d89ef3271c04") == [("MAC_ADDRESS", "d89ef3271c04")], before
    for before in ("commit ", "docker run ", "container id ", "build from my mac, image "):
        assert found(f"{before}d89ef3271c04") == [], before


def test_members_of_health_plans_are_known_by_number() -> None:
    for text, value in (
        ("Member ID: XQH 884120973", "XQH 884120973"),
        ("Insurance claim\nPlan: Silver 2500\nMember ID: 884120973", "884120973"),
        ("Subscriber ID: W2048 81734", "W2048 81734"),
        ("Medicaid ID: AB12345C", "AB12345C"),
        ("N° d'adhérent : 2048817340", "2048817340"),
        ('"carteirinha":"0 044 882017364 002"', "0 044 882017364 002"),
        ("número de asegurado 2048817340", "2048817340"),
        ("verzekerdennummer 2048817340", "2048817340"),
        ("полис ОМС: 7748 2040 1000 0412", "7748 2040 1000 0412"),
    ):
        assert found(text) == [("NATIONAL_ID", value)], text
    for text in (
        "Member ID: 4417",
        "member no. 20488173 of the rowing club",
        "Member ID: TBD",
        "insurance no later than",
    ):
        assert found(text) == [], text


def test_a_tax_reference_with_its_check_digit_may_stand_further_away() -> None:
    assert unique_reference("4820317736") and not unique_reference("4820317737")
    for text in (
        "What is a UTR? HMRC wrote that mine is 48203 17736 and",
        "my unique taxpayer reference is 48203 17736",
    ):
        assert found(text) == [("TAX_ID", "48203 17736")], text
    assert found("What is a UTR? HMRC wrote that mine is 48203 17737 and") == []
    assert found("What's a NIT? Mine is 900482031") == [("TAX_ID", "900482031")]


def test_a_document_has_its_number() -> None:
    for text, value in (
        ("der neue Reisepass hat die Nr. C4VK29HJ8.", "C4VK29HJ8"),
        ("Reisepass mit der Nummer C4VK29HJ8", "C4VK29HJ8"),
        ("mijn paspoort heeft nummer NX4K2P481", "NX4K2P481"),
        ("mitt pass har nummer AA204817", "AA204817"),
        ("můj pas má číslo 20481734", "20481734"),
        ("la patente U1B48207317K scade", "U1B48207317K"),
        ("patente di guida n. U1A20B481K", "U1A20B481K"),
    ):
        assert [value] == [each for _, each in found(text)], text
    assert found("U1B48207317K is the part") == []


def test_forms_and_people_say_when_somebody_was_born() -> None:
    for text in (
        *("Né(e) le : 05/09/1985", "Né·e le : 05/09/1985", "geb. am: 05.09.1985", "Geboren am: 05.09.1985"),
        *("geboren op: 5-9-1985", "Nato/a il: 05/09/1985", "Nacido(a) el: 05/09/1985", "Narozena: 5. 9. 1985"),
        *("Urodzony/a: 05.09.1985", "Született: 1985.09.05", "Syntynyt: 5.9.1985", "Born (DD/MM/YYYY): 05/09/1985"),
        *("I was born on 5 Sept 1985", "ik ben geboren op 5 mei 1985", "je suis née le 5 septembre 1985"),
        *("nací el 5 de septiembre de 1985", "sono nata il 5 settembre 1985", "я родилась 05.09.1985"),
    ):
        assert [label for label, _ in found(text)] == ["DATE_OF_BIRTH"], text
    for text in (
        *("Napoleon was born on 15 August 1769", "the actor, née le 5 mai 1970", "Jan Kowalski (ur. 5 maja 1950)"),
        *("Einstein wurde am 14.3.1879 geboren", "ich bin am 12.3.2024 nach Berlin gefahren"),
    ):
        assert found(text) == [], text
