"""Numbers of people that are certain by the word right before them: of many states, in their own words."""

import pytest

from tidegate.guardrails.detectors.pii import checksums_named as check
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

ALL = Pii(STRUCTURED)


def covered(text: str) -> list[str]:
    return [text[each.start : each.end] for each in ALL.find(text)]


@pytest.mark.parametrize(
    "row",
    """
Mi cédula es 52.874.316 expedida en Bogotá|52.874.316
identificado con la C.C. No. 1.037.614.829 de Medellín|1.037.614.829
CC: 79482103, celular después|79482103
NIT 900.714.382-8|900.714.382-8
el nit de la empresa es 8300456712|8300456712
RUC N° 20512345671|20512345671
RUC: 1791234567001 (Ecuador)|1791234567001
C.I. 1713175071|1713175071
C.I. V-12.345.678|V-12.345.678
RIF J-30712345-6|J-30712345-6
Número de Seguro Social (NSS): 12 98 76 5432 1|12 98 76 5432 1
afiliado a la obra social OSECAC nº 20-28374651-3|20-28374651-3
credencial Swiss Medical: 800006 1234567 01 0004|800006 1234567 01 0004
Cédula: 4.512.378-1 (Uruguay)|4.512.378-1
CI 4.876.231 SC (Bolivia)|4.876.231
DPI 2345 67890 0101|2345 67890 0101
DUI: 01234567-8|01234567-8
NIS 12056412547|12056412547
RG nº 12.345.678-X SSP/MG|12.345.678-X
Título de eleitor: 0123 4567 8901|0123 4567 8901
cartão do SUS 898 0012 3456 7890|898 0012 3456 7890
My CNIC is 61101-1234567-9|61101-1234567-9
CNIC 6110112345679|6110112345679
NTN No. 1234567-8|1234567-8
NID card number 1990 2612 3456 78901|1990 2612 3456 78901
NID no: 5512345678|5512345678
NIC 852341234V|852341234V
NIC No. 199812345678|199812345678
nagarikta: नागरिकता नं. 27-01-72-01234|27-01-72-01234
NPWP: 09.254.294.3-407.000|09.254.294.3-407.000
npwp saya 3174054807910003|3174054807910003
BPJS Kesehatan 0001234567891|0001234567891
No. cukai pendapatan: SG 20123456080|SG 20123456080
EPF no. 18273645|18273645
SSS number: 34-1234567-8|34-1234567-8
TIN 123-456-789-000|123-456-789-000
Pag-IBIG MID No. 1211-2345-6789|1211-2345-6789
Mã số thuế cá nhân: 8123456789|8123456789
MST 0301234567-001|0301234567-001
mã số BHXH 7912345678|7912345678
my NIN is 12345678901, BVN 22212345678|12345678901
NIN: 1234 567 8901|1234 567 8901
KRA PIN is A012345678Z|A012345678Z
National ID number 27654321 (Kenya)|27654321
Ghana card GHA-712345678-9|GHA-712345678-9
SSNIT number C018912345678|C018912345678
Namba ya kitambulisho changu ni 29384756|29384756
رقمي القومي 29001011234567|29001011234567
الرقم القومي: ٢٩٠٠١٠١١٢٣٤٥٦٧|٢٩٠٠١٠١١٢٣٤٥٦٧
رقم الإقامة 2345678901|2345678901
رقم هويتي 1023456789|1023456789
هوية رقم 784-1990-1234567-1|784-1990-1234567-1
Civil ID 290010112345|290010112345
الرقم المدني 285123100456|285123100456
QID 29063412345|29063412345
CIN BE472918|BE472918
CNIE: AB 123456|AB 123456
ИИН 900101300123|900101300123
БИН организации 050440000123|050440000123
ПИНФЛ 31503901234567|31503901234567
personal number (პირადი ნომერი) 01024012345|01024012345
личный номер 3150390A012PB4|3150390A012PB4
УНП 191234567|191234567
NHI ABC1235|ABC1235
NHI number: ZZZ00AX|ZZZ00AX
health card 9876 543 210 AB|9876 543 210 AB
RAMQ: TREM 8901 1234|TREM 8901 1234
PHN 9123 456 789|9123 456 789
ΑΜΚΑ: 01019012345|01019012345
NIP 526-104-08-28|526-104-08-28
numer NIP firmy to 5261040828|5261040828
N° fiscal 12 34 567 890 123|12 34 567 890 123
UTR 1234567890|1234567890
Versichertennummer K123456789|K123456789
tessera sanitaria n. 80380000123456789012|80380000123456789012
cuenta de ahorros Davivienda No. 0570 1234 5678 9012|0570 1234 5678 9012
Mi cuenta BCP soles: 191-12345678-0-12|191-12345678-0-12
CCI 002-191-012345678012-55|002-191-012345678012-55
CBU 2850590940090418135201|2850590940090418135201
cta. cte. Banco de Chile 00-168-12345-67|00-168-12345-67
cuenta vista 12345678|12345678
Ag 1234 Conta 567890-1|567890-1
conta poupança 00123456-7 Caixa|00123456-7
STK: 19036812345678 Techcombank|19036812345678
เลขที่บัญชี ธ.กสิกรไทย 123-4-56789-0|123-4-56789-0
บัญชีไทยพาณิชย์ 4051234567|4051234567
rek Mandiri 1370012345678 a.n. Budi|1370012345678
no rekening saya 0881234567|0881234567
銀行帳號：012-345678-901|012-345678-901
招商银行卡号 6225 8812 3456 7890|6225 8812 3456 7890
계좌번호 국민은행 123456-01-123456|123456-01-123456
三菱UFJ銀行 普通預金 1234567|1234567
חשבון 123456 בבנק הפועלים סניף 600|123456
מספר חשבון: 12-600-123456|12-600-123456
رقم الحساب 0123456789012|0123456789012
A/C no 50100123456789 HDFC|50100123456789
sb a/c 30123456789|30123456789
savings account number is 1234567890|1234567890
Account name: J Mokoena, Capitec savings 1234567890|1234567890
BSB 062-000 acc 12345678|12345678
rekeningnummer 1234.56.789|1234.56.789
Kontonummer: 1503.12.34567|1503.12.34567
nr rachunku 61 1090 1014 0000 0712 1981 2874|61 1090 1014 0000 0712 1981 2874
žiro račun 265-1234567890123-45|265-1234567890123-45
Банковский счёт 40817810099910004312|40817810099910004312
р/с 40702810500000012345|40702810500000012345
permis de conduire n° 12AB34567|12AB34567
Licencia de conducir tipo C: 12345678|12345678
GPLX số: 790123456789|790123456789
bằng lái xe của em là 010123456789|010123456789
운전면허번호는 11-19-123456-01|11-19-123456-01
SIM A 1234 5678 901234|1234 5678 901234
patente n. MI1234567A|MI1234567A
rijbewijs nr 1234567890|1234567890
ehliyet no: 123456|123456
vozačka dozvola br. 12345678|12345678
ใบขับขี่เลขที่ 63001234|63001234
driver's licence DA123456 (NZ)|DA123456
PH driver's license no. N01-12-345678|N01-12-345678
pasaporte argentino AAB123456|AAB123456
passaporte: YA1234567|YA1234567
паспорт серия 4510 номер 123456|123456
hộ chiếu B1234567|B1234567
جواز سفر رقم A12345678|A12345678
dowód osobisty ABC 523456|ABC 523456
Ausweisnr. L01X00T47|L01X00T47
α.δ.τ. ΑΒ 123456|ΑΒ 123456
CI seria XT 123456|XT 123456
OP č. 123456789|123456789
občanský průkaz 987654321|987654321
удостоверение личности 012345678|012345678
Dr. House, GMC number 7123456|7123456
CRM/SP 123456|123456
RPPS : 10 101 234 567|10 101 234 567
ID-kaart IXR4D2P81|IXR4D2P81
C.C. n.º 14728306 1 ZY4|14728306 1 ZY4
л.к. № 641827305|641827305
núm. de la Seguridad Social 28/20417365/66|28/20417365/66
Passin nro XP4172836|XP4172836
permisul de conducere C01827364M|C01827364M
vozačka 30418275|30418275
CNH nº registro: 04182736450|04182736450
TI No. 1028374615|1028374615
UTR for the self-employed form: 6182730495|6182730495
MST cá nhân: 8317204651|8317204651
sort code below, acc no 41827365|41827365
send am to GTB 0241837265|0241837265
nr PWZ 1234567|1234567
""".strip().splitlines(),
)
def test_a_number_is_found_by_what_names_it(row: str) -> None:
    text, value = row.rsplit("|", 1)
    assert any(value in found for found in covered(text)), covered(text)


@pytest.mark.parametrize(
    "text",
    """
Pedido 900.714.382 por $1.250.000
La cuenta regresiva de 12345678 segundos
cuenta con 1234567 usuarios
en cuenta 2024-05-06 se abonaron 1.250.000
el saldo de la cuenta es 1.250.000
saldo en cuenta corriente: 12.500.000,00
account balance 12345678.90
AWS account 123456789012 region us-east-1
deposit to 2024-05-06
savings 1,234,567
You get savings of 12345678 USD
RG 58 coaxial 12345 m
CI #1234567 failed
CI build 20240506.12
the CI job 12345678 is red
95% CI 1.0234567-1.2345678
SSS tier 1234567 points
TIN can 1234567
MST 2024-05-06 10:00
BIN 411111
the bin 20240506
NIC eth0 1000
NID = 12345
meeting ID 812 3456 7890
my user id is u-1234567
your order id 12345678
patente 4471 kb
license plate 1234567
licencia MIT 2024
SIM 89014103211118510720
SIM card 8901 4103 2111 1851 0720
permis de construire PC 075 112 24 00123
permiso de obra 12345678
pass 1234567 packets
pass: 12345678 tests
pas encore 12345678
pase 1234567
Konto 4400
cont 1234567
conta 3 itens, 12345678
račun br. 12-2024 iznos 1.250.000
račun R-1 2024-001234
račun 2024/0012345
számla 2024-001234 kiállítva
számlaszám helyett számla: SZ-2024-001234
счёт № 12345678 на оплату
счет на оплату № 1234567 от 05.06.2024
рахунок № 12345678 на оплату
рахунок-фактура 1234567
hesap makinesi 12345678
compte rendu n° 12345678
compte tenu de 12345678
conto vendita 12345678
il conto totale 1234567
cuenta regresiva 12345678
cuenta de luz 12345678
acc 0.9823 loss 0.1234567
acc: 0.98234567
accuracy acc 98.7654321
a/c compressor 12345678
GMC Sierra 1234567 km
CRM ticket 1234567
CRM 12345 leads
BIG 12345678
PRC 12345678 units
UZ 1234567
MCI 1234567
uk company CRN 12345678 registered
案件账号体系 12345678
账户余额 12345678
卡号 1234
通行证 24小时
fin 2024-05-06
ИНН 500100732258
утверждено счетом 12345678
RIB eye 1234567
ahorros de 12345678 pesos
ahorros: 1.250.000
cédula catastral 12-345-678-9012
cédula hipotecaria 12345678
clave única de vehículo 12345678
brevete
TEAM 1234567
NAM 1234567
stk 12
stk 1234567
tk 1234567
Kontakt 12345678
iban: siehe 12345678
livret A à 3 % : 22 950,00
a/c 1234567 flown by
BI 1234567
OP 1234567
OP amp 12345
ID 12345678
VU 1234567
LTO tape 12345678
permis PC 044 109 22 Z0031
gewonnen haben 03-12-18-29-34-45
order 260318-1402
documento de identidad vencido el 2024-05-06
rek. 12-3-4567
savings account rate 4.25000
SUS 12345678
""".strip().splitlines(),
)
def test_the_same_words_name_other_things_too(text: str) -> None:
    assert covered(text) == []


def test_check_digits_and_days_make_sure_where_the_word_stands_further_away() -> None:
    assert check.egyptian("28904170103728") and not check.egyptian("28913170103728")
    assert check.saudi("1000000008") and not check.saudi("1000000009")
    assert check.emirates("784-1987-2047128-7") and not check.emirates("784-1787-2047128-7")
    assert check.pis("124.83176.20-0") and not check.pis("124.83176.20-1")
    assert check.nip("526-104-08-28") and not check.nip("526-104-08-29")
    assert check.peruvian("20512345671") is (check.peruvian("20512345672") is False)
    assert check.nit("900.714.382-8") is not check.nit("900.714.382-9")
    assert check.polish_account("61 1090 1014 0000 0712 1981 2874")
    assert not check.polish_account("61 1090 1014 0000 0712 1981 2875")
    assert check.zealand_account("12-2359-0097886-50") and not check.zealand_account("99-2359-0097886-50")
    assert not check.named("2024-05-06 10") and not check.account("1.250.000") and not check.coded("NR 12345")
