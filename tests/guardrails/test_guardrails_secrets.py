"""What stands where a secret would: ways through a program, names of secrets, sentences about them."""

import pytest

from tidegate.guardrails.detectors.secrets import Secrets

SECRETS = Secrets()


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in SECRETS.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "client = OpenAI(api_key=settings.OPENAI_API_KEY_V2.get_secret_value())",
        "connect(password=config.databases.primary_db1.password)",
        "password = settings.DB_PASSWORD_V2",
        "password = random_password.db1_master.result",
        "password: module.secrets.outputs.db_password1",
    ],
)
def test_a_reference_with_a_digit_is_no_secret(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'Client(client_secret=get_secret("azure-client-secret-v2"))',
        "api token documentation-page-2024-updated",
        "secret sharing-with-shamir-2of3-scheme",
        "token authentication_middleware_v2_1",
        "token x-csrf-token-header-required-2",
    ],
)
def test_words_with_a_short_number_are_no_secret(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "パスワードは8文字以上で入力してください。",
        "パスワードは半角英数字8〜16文字で設定してください。",
        "密码:请输入6-20位字符",
        "密碼：必須包含至少8個字元",
        "비밀번호: 8자이상입력하세요",
        "Passwort: mind.8Zeichen",
        "пароль: минимум8символов",
        "пароль 8-значный, по ГОСТ-2012",
        "Passwort 12-stellig",
        "das Passwort ist 12-stellig",
        "our password 90-day rotation",
        "MDP: CartPole-v1",
        "Passwort KeePass2-Datenbank",
        "hasło - 2FA-Login24",
        "hasło WPA3-Enterprise",
        "mot de passe Office365 expiré",
        "senha do cartão: peça na recepção",
        "la contraseña del usuario es obligatoria!",
        "비밀번호는 영문+숫자8자리",
    ],
)
def test_a_sentence_about_passwords_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("密码是Tr0ub4dor3请勿外传", "Tr0ub4dor3请勿外传"),
        ("パスワードはTr0ub4dor3です", "Tr0ub4dor3です"),
        ("비밀번호: Passw0rd99입니다", "Passw0rd99입니다"),
        ("la contraseña del portal es Gatito_Azul1987, no", "Gatito_Azul1987"),
        ("le mot de passe c'est BleuCanard44! pour", "BleuCanard44!"),
        ("mdp: BleuCanard44!", "BleuCanard44!"),
        ("password: 123-hunter", "123-hunter"),
        ("서버 비번 qwe123!@#Seoul 이에요", "qwe123!@#Seoul"),
        ("비밀번호는 qwe123!@#Seoul", "qwe123!@#Seoul"),
        ("senha do wifi: cafezinho@2026", "cafezinho@2026"),
        ("логин admin, пароль Zvezda-1957!", "Zvezda-1957!"),
        ("пароль - Zvezda-1957!", "Zvezda-1957!"),
        ("Passwort fürs WLAN: Herbst!Laub77", "Herbst!Laub77"),
        ("hasło Kwiat-Lipa77", "Kwiat-Lipa77"),
        ("密码 Tiger#2026x", "Tiger#2026x"),
        ("password: correct-horse-battery-staple-42", "correct-horse-battery-staple-42"),
        ("setPassword('correct-horse-battery-9')", "correct-horse-battery-9"),
        ("password: Summer.Winter.Rain24", "Summer.Winter.Rain24"),
        ("api_key=qmxv-zrtk-pwlb-ncdf-hgjs-yvqk", "qmxv-zrtk-pwlb-ncdf-hgjs-yvqk"),
        ("api_key=k3v9x-2mq7t-z8w4p-r5n6c-j1d0b", "k3v9x-2mq7t-z8w4p-r5n6c-j1d0b"),
        ("secret_key: Xk3vQ9.m2Tz8w.P5n6Cj1d0b", "Xk3vQ9.m2Tz8w.P5n6Cj1d0b"),
    ],
)
def test_what_looks_like_them_and_is_a_secret_is_found(text: str, secret: str) -> None:
    assert found(text) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "unzip shop.zip && mkdir -p /opt/shop/release1",
        "zip -r release.zip . && docker run -p 8080:80a nginx",
        "gpg --verify a.sig; cp -p file1.txt backup2",
        "mongosh --host db1 -P 27017/admin1",
        'proxy_url="socks5h://<username>:<password>@proxy-host"',
        "7z x archive.7z; ssh -p host2022x",
        "The species was identified by Linnaeus1758, and a row is identified by 'row_id1'.",
        'The user is identified by "user_id1" and not by name.',
        "backup your files weekly before making large changes since disk failure happens often",
        "backup, restore, archive, compress, encrypt, upload, download, sync, share, delete, rename, move, copy",
        "seed funding rounds usually take several months before investors make their final decision public",
        "mnemonic devices help students remember long lists using simple rhymes songs images stories",
    ],
)
def test_commands_and_sentences_with_such_words_hold_none(text: str) -> None:
    assert found(text) == []


WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@pytest.mark.parametrize("text", ["seed phrase: ", "recovery phrase ", "mnemonic = '", '{"mnemonic": "', "MNEMONIC="])
def test_the_words_of_a_wallet_are_found_behind_their_name(text: str) -> None:
    assert found(text + WORDS) == [WORDS]


@pytest.mark.parametrize(
    "text",
    [
        "gpg --passphrase=k3ttleVase88 -d a.gpg",
        "zip -rP k3ttleVase88 out.zip docs",
        "7z x -pk3ttleVase88 a.7z",
        "alter user app identified by k3ttleVase88",
        "GRANT ALL ON s.* TO 'app'@'%' IDENTIFIED BY 'k3ttleVase88'",
        "create user if not exists 'app'@'%' identified with caching_sha2_password by 'k3ttleVase88'",
    ],
)
def test_passwords_of_commands_and_statements_are_found(text: str) -> None:
    assert found(text) == ["k3ttleVase88"]
