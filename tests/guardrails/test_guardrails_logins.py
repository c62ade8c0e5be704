"""Names of accounts with the passwords beside them, as notes, mails and lists have both."""

import pytest

from tidegate.guardrails.detectors.secrets.detector import Secrets

SECRETS = Secrets()


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in SECRETS.find(text)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("admin / Wint3r!2024", "Wint3r!2024"),
        ("the router takes root / k3ttle!Vase77 now", "k3ttle!Vase77"),
        ("login / password: anna / Wint3r!2024", "Wint3r!2024"),
        ("user / pass: bob / hunter22", "hunter22"),
        ("Benutzer/Passwort: anna / Wint3r24", "Wint3r24"),
        ("id/pw : hong / qwer1234!", "qwer1234!"),
        ("usuario y contraseña: ana / Gatito22", "Gatito22"),
        ("I logged in with anna / hunter22", "hunter22"),
        ("SSH: ops / Wint3r!2024", "Wint3r!2024"),
        ("user: anna / Wint3r!2024", "Wint3r!2024"),
        ("Login: jdoe / Password: x7Kp9qLm", "x7Kp9qLm"),
        ("user: anna pw: hunter22", "hunter22"),
        ("admin:k3ttle!Vase77", "k3ttle!Vase77"),
        ("anna@firm.example:k3ttle!Vase77", "k3ttle!Vase77"),
        ("bob@firm.example,k3ttle#Vase77,active", "k3ttle#Vase77"),
        ("creds for staging: deploy / k3ttle!Vase77", "k3ttle!Vase77"),
        ("usuario ana clave Luna2024", "Luna2024"),
        ("yeni şifreniz: Ay2024xyz", "Ay2024xyz"),
        ("dit adgangskode er Maane2024", "Maane2024"),
        ("lösenordet är Mane2024", "Mane2024"),
        ("parola nouă: Luna2024", "Luna2024"),
        ("mật khẩu mới: Trang2024", "Trang2024"),
        ("login failed for 'sa' with password 'k3ttleVase88'", "k3ttleVase88"),
        ("mysql_connect('localhost','app','k3ttleVase88');", "k3ttleVase88"),
        ("new PDO($dsn, 'app', 'k3ttleVase88')", "k3ttleVase88"),
        ("ENV ADMIN_PASSWORD k3ttleVase88", "k3ttleVase88"),
        ('echo "bob:k3ttleVase88" | chpasswd', "k3ttleVase88"),
        ("net user bob k3ttleVase88 /add", "k3ttleVase88"),
        ("PS C:\\> net user bob k3ttleVase88", "k3ttleVase88"),
        ("id & pw: hong / qwer1234!", "qwer1234!"),
        ("htpasswd -b .htpasswd bob k3ttleVase88", "k3ttleVase88"),
        ("rabbitmqctl add_user bob k3ttleVase88", "k3ttleVase88"),
        ("smbclient //nas/share -U bob%k3ttleVase88", "k3ttleVase88"),
        ("redis-cli -h cache -a k3ttleVase88 ping", "k3ttleVase88"),
        ("requirepass k3ttleVase88", "k3ttleVase88"),
        ("oc login -u bob -p k3ttleVase88", "k3ttleVase88"),
        ("encryption key: q7Rk2mVx9TzLw4NpB8sYc3Hd", "q7Rk2mVx9TzLw4NpB8sYc3Hd"),
    ],
)
def test_a_name_and_the_password_beside_it_are_told_apart(text: str, secret: str) -> None:
    assert found(text) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "root / Users / anna",
        "GET /admin/Reports2024 and admin/index2.html",
        "postgres:16.3-Alpine, guest:x:1000:1000:",
        "user / password: see the wiki / page2024",
        "roles: admin / editor2 / viewer",
        "username and password are required",
        "admin / 555-0100",
        "git@host.example:team/repo2.git",
        "mail bob@firm.example: Q3 plan",
        "anna@firm.example,Building-7,active",
        "SSH: port 22 / 2222",
        "User: anna / Team24",
        "login with Google / GitHub2",
        "ENV ADMIN_PASSWORD $ADMIN_PASSWORD1",
        "ENV PASSWORD_FILE /run/secrets/db1",
        "net user bob /delete2",
        "our net user growth increased2 in May, and net user retention Week-12 too",
        "Product ID: A12 / SKU-99-1b",
        "user: anna / Chrome/120.0, user: anna / iOS-17.2, Postgres / MySQL-8.0",
        "git+ssh://git@host.example:org/repo#v1.2.3 or git@host.example:org/repo#v2",
        "FROM postgres:16.3-alpine@sha256:9b1e2f3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8",
        "see [the guide](admin/Install2.html#Step-2) and admin/Setup-Node2@v4, admin/Export%20Data2",
        "requirepass foobared2 is commented out by default in redis.conf2",
        "the wrong password 'field2' was sent",
        "encryption key: managed-outside-this-repository-2",
        "lösenordet är minst 8 tecken",
        "ghs_1734021_eyJ_is_how_they_begin",
        "AQ.is-what-they-begin-with-and-then-forty-more-of-them",
    ],
)
def test_a_name_and_what_else_stands_beside_it_are_no_password(text: str) -> None:
    assert found(text) == []


def test_a_key_is_found_without_the_signs_that_end_it() -> None:
    heroku = "HRKU-AA3TNzW3KOQsD-P-f1vjkuyH6Mj8zLal_JEJsF4D4jWteshUYE6E_G9fvTN"
    assert found(f"key {heroku}- ok") == [heroku]
    key = "Y6s4vIufUgMDH9voQVb3TeWpdxj26srhrPZfwDFSkboFHa70V9URJQQJ9DnFXhtgz50FQvi8DKkgjb0VYLJOpn"
    assert [found(f"key {key}{behind} ok") for behind in ("", "==")] == [[key], [key]]
