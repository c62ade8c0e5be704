"""Telephones, accounts, documents and passwords by the words that people have for them in chats, and what those words
stand beside else."""

import pytest

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED
from tidegate.guardrails.detectors.secrets.detector import Secrets

ALL, SECRETS = Pii(STRUCTURED), Secrets()


def rows(text: str) -> list[tuple[str, str]]:
    """Each line's text, and the value in it, which stands between two strokes."""
    parts = [line.split("|") for line in text.strip().splitlines()]
    return [("".join(each), each[1]) for each in parts]


@pytest.mark.parametrize(
    ("text", "value"),
    rows("""
my number has changed, the new one |97310 44821|
changed my no. to |97310 44821|
new num: |97310 44821|
gpay on |93840 16725| pls
plz zelle me at |4155550199|
mandale al celu de mamá |11 3482 7719|
mi wsp es |11 5823 4471|
اتصل على والدي، وموبايله |01128847360|
تواصل بالجوال |0554718302|، بعد العصر
كلمني على واتساب |01552837461|؟
הנייד שלי |0527184463|
שלחי לי לוואטסאפ |0547719283|
Kontaktperson: Eva, |48 27 19 33|
kontakt: |601 482 773|
nr do hydraulika |509 283 771|
contatti: |338 4172950|
simu yake |0722918273|
text mo ako sa |09182736455|
hp baru aku |081382736455|
numaram |5382837465|
ib zalo em |0912837465|
вайбер |0671234567|
핸드폰번호 |01028374651|
座机 |68452219|
फ़ोन |98000 11820|। शाम को
llámanos al «|900 123 123|»
she said |oh seven nine double one, two three four, five six seven| I think
c'est le |zéro six, douze, trente-quatre, cinquante-six, vingt-deux|
nedbank a/c |1987236540|
FNB savings account |62718834509|
pay to my SBI account |30284719265|
credited to A/c |004801528837|
Maybank |164012345678|
chuyển khoản Vietcombank |0071000928374| Nguyen
국민은행 |123456-04-123456|
匯款帳號 國泰世華(013) |001-50-123456-7|
حوّل على حساب بنك مصر رقم |1928374651234|
Tax ref |1482907365|
il passaporto è |YA4829163|
nambari ya pasipoti |BK123456|
carte identité |T7X62TZ79|
"""),
)
def test_what_people_call_a_number_names_it(text: str, value: str) -> None:
    begin = text.index(value)
    assert any(each.start < begin + len(value) and begin < each.end for each in ALL.find(text))


@pytest.mark.parametrize(
    ("text", "value"),
    rows("""
와이파이 비번 |mango7788| 예요
공유기 비밀번호 |sunny2024| 입니다
סיסמת הוויפיי |Gilboa1948|
hasło do routera |Zielona7788|
heslo k wifi |tresnicka42|
WLAN-Schlüssel |kirschbaum42|
jelszó a wifihez |cseresznye42|
modem şifresi |gunes2024|
пароль от вайфая |vishnya42|
路由器密码 |taiyang2024|
ルーターのパスワード |taiyou2024|
الباسوورد بتاع الراوتر |karaz4242|
tu connais le mdp du wifi ? oui, c |soleil2024|
what's the wifi password? it's |sunny2024|
wat is het wachtwoord? |Hagelslag_77|
jan kan niet inloggen, ww |Stroopwafel_12|
la clave del portal |mate.amargo83|
hasło do netflixa |wisienka42|
psk: |zielony_las77|
pass fb là |bunbo36|
mk zalo |Bunbo#hue36|
"""),
)
def test_what_people_call_a_password_names_it(text: str, value: str) -> None:
    assert [text[each.start : each.end] for each in SECRETS.find(text)] == [value]


@pytest.mark.parametrize(
    "text",
    """
Bestellung Kontakt: siehe 2024-05-01, Ticket 639 518 224
the account was closed, a/c unit 12000 BTU needs service
A/C 12345678 serviced on 3 May, flight A/C 9V-SKA
RBC 4500000 cells, WBC 7200
HDFC 2024 results 16512 crore, ICICI 10708 crore
BDO 20240131 report
DBS check 001882340917
رقم الطلب 88213344، والمبلغ 250
رقم الشحنة 7728193645، أرسلي رقم جوالك
كمبيوتر محمول 2024 بسعر 12500000
מספר הזמנה 44821990 נייד במבצע
폰 케이스 12345678 상품번호
쿠폰번호 88213344
paytm order 20240131889123
phonepe utr 412345678901
zalo oa 2024.12.01 v2
landline?
88120472
count: one two three four five six seven eight nine ten
patente è scaduta il 12/03/2024
Forgot your password? Call desk 44-1234 ext
Forgot your password? Visit page2024 or Step3
mot de passe ? oui c bien ça
Quel mot de passe ? Celui du PC2 du bureau B12
WLAN Passwort ändern FritzBox7590
wifi password generator for ESP8266
공유기 비밀번호 변경 방법 iptime2024
hasło do wifi znajduje się w pokoju 12b
ww2 museum at noon, WW II 1939-1945
psk: psk_2g
the pass mail test2 failed
pass rate 98.2 and pass gmail filter v2.3
""".strip().splitlines(),
)
def test_the_same_words_stand_beside_other_things(text: str) -> None:
    assert not ALL.find(text) and not SECRETS.find(text)
