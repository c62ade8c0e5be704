"""Passwords and PINs by the names of their fields and by what people call them, in many languages."""

from tidegate.guardrails.detectors.secrets.detector import Secrets

SECRETS = Secrets()
TOKEN = "5a2dea969863609554394fa89cb3dce6"
ACCOUNT = "AC" + "0813272e063233d117eb7a0e0fdf64c6"


def found(text: str) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in SECRETS.find(text)]


def test_fields_are_a_passwords_by_their_names_in_other_languages() -> None:
    for name in (
        *("mot_de_passe", "motDePasse", "MOT_DE_PASSE", "mot_de_passe_bdd", "mdp_bdd", "contrasena", "contrasena_bd"),
        *("clave", "clave_acceso", "senha_banco", "senhaBanco", "palavraPasse", "wachtwoord_db", "passwort_db"),
        *("haslo", "haslo_bazy", "hasloBazy", "heslo_db", "jelszo", "parola_db", "parol_bd", "lozinka", "geslo"),
        *(
            "losenord",
            "adgangskode",
            "tietokannan_salasana",
            "slaptazodis",
            "veritabani_sifresi",
            "mat_khau",
            "matKhau",
        ),
        *("kata_sandi", "kataSandi", "пароль_бд", "fjalekalimi", "lykilord", "pasahitza", "password_db"),
    ):
        assert found(f"{name} = Cig@le-2044-bleue\n") == [("SECRET", "Cig@le-2044-bleue")], name
        assert found(f'"{name}": "Cig@le-2044x"') == [("SECRET", "Cig@le-2044x")], name
    for text in (
        *(
            'mot_de_passe = os.environ["MDP"]',
            'contrasena = input("Contrasena: ")',
            "senha = getSenha1()",
            "clave: valor1",
        ),
        *("heslo = $HESLO1", "haslo = pobierz_haslo()", 'clave = "id_usuario2"', "parole = teilen2()", "sifra: 204817"),
    ):
        assert found(text) == [], text


def test_fields_are_a_pins_by_their_names() -> None:
    for text in (
        *('otp_pin: "440172"', '"cardPin": "440172"', "sim_pin=440172", "user_pin: 440172", '"upi_pin":"440172"'),
        *("mpin=440172", "puk: 440172", "sim_puk=440172", "gate_code=440172", 'door_code: "440172"', "kod_pin: 440172"),
    ):
        assert found(text) == [("PIN", "440172")], text
    assert found('"pin": "7294"') == found("pin: 7294") == found('"pin_code": "7294"') == [("PIN", "7294")]
    for text in (
        "led_pin = 1204",
        "pin: 13",
        '"pin": "560001"',
        "card_pin=1111",
        "alarm_code=2041",
        "pin_code: 400001",
    ):
        assert found(text) == [], text


def test_a_code_is_called_secret() -> None:
    for text in (
        *(
            "le code secret 7294 marche",
            "code confidentiel : 7294",
            "le code de ma carte est 7294",
            "meine Geheimzahl ist 7294",
        ),
        *(
            "mi clave secreta es 7294",
            "mi NIP es 7294",
            "a senha do cartão é 7294",
            "il codice segreto 7294",
            "codice bancomat 7294",
        ),
        *(
            "mijn pincode is 7294",
            "hemliga koden 7294",
            "pinkoden er 7294",
            "tunnusluku 7294",
            "tajny kod 7294",
            "titkos kód 7294",
        ),
        *(
            "codul PIN este 7294",
            "пин-код 7294",
            "мой пин 7294",
            "секретный код 7294",
            "kart şifrem 7294",
            "gizli kod 7294",
        ),
        *("ο μυστικός κωδικός 7294", "το PIN μου είναι 7294", "الرقم السري 7294", "הקוד הסודי 7294", "رمز کارت 7294"),
        *("कार्ड का पिन 7294 है", "mã pin thẻ là 7294", "รหัสบัตร 7294", "카드 비밀번호 7294", "my card pin is 7294"),
    ):
        assert found(text) == [("PIN", "7294")], text
    for text in (
        *(
            "the secret code is Python",
            "el código secreto da Vinci 2003",
            "PIN 40 of J1 is ground",
            "the pin code is 560034",
        ),
        *("pincode 560034", "पिन कोड 400001", "NIP 5260250995", "spin: 7294", "a pin of 2024"),
    ):
        assert found(text) == [], text


def test_a_token_stands_behind_its_account() -> None:
    for call in (
        'Client(os.environ["TWILIO_SID"], "{}")',
        "Client(os.getenv('TWILIO_ACCOUNT_SID'), '{}')",
        "require('twilio')(accountSid, '{}')",
        'new Twilio(process.env.TWILIO_ACCOUNT_SID, "{}")',
        f'Client("{ACCOUNT}", "{{}}")',
        'Client(settings.TWILIO_SID,\n    "{}")',
    ):
        assert found(call.format(TOKEN)) == [("TWILIO_KEY", TOKEN)], call
    for text in (
        f'f("inside", "{TOKEN}")',
        f'["abc", "{TOKEN}"]',
        f"twilio release, {TOKEN}",
        f'Client(sid, "{"a" * 32}")',
    ):
        assert found(text) == [], text


def test_what_is_found_is_found_in_every_piece_of_a_stream() -> None:
    for text in (
        "otp_pin: 440172 ok",
        f'Client(SID, "{TOKEN}") ok',
        "hasloBazy: 'Swierszcz-2044' ok",
        "mijn pincode is 7294, ok",
    ):
        (whole,) = SECRETS.find(text)
        for end in range(whole.start + 1, whole.end):
            assert SECRETS.open_from(text[:end]) <= whole.start, text[:end]
