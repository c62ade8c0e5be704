"""Whether the name of a picture is a few ordinary words, and whether words in a link are a sentence about somebody.

Ordinary are words that can be read, as pairs of letters tell that are frequent in Germanic and Romance languages; what
was enciphered letter by letter, or drawn at random, has few of them. None may be one that sentences about people need,
or that names what is private. Misses: names of people and things that are no sentence, which may be ordinary too.
"""

import re
import string
import unicodedata
from itertools import pairwise

_NEXT = dict(
    zip(
        string.ascii_lowercase,
        (
            "abcdfgiklmnprstuvwy aeiloruy acehiklortu adeiorsuy abcdefgiklmnoprstuvwxy aefilortu aehinorsu "
            "aeiortu abcdefgklmnoprstv aeu aeios adeilostuy abeimopsuy acdefgiklnostuvy abcdefgiklmnoprstuvw "
            "aehiloprstu u acdegiklmnorstuvy acehiklopstuwy acehilorstuwy abcdegilmnprst aeio aehinor at eos e "
        ).split(),
        strict=True,
    )
)
"""Which letters are frequent behind each: nine in ten pairs of ordinary words, half as many of enciphered ones."""
_READS = 0.82
_TELLING = frozenset(
    (
        # English.
        "i my me he she his her him they their them you user users username customer client patient employee "
        "name named called calls email mail phone tel passwd password passcode pass pin secret secrets token key "
        "api card iban account acct ssn passport address street live lives likes loves wants needs works worked "
        "is was has had have asked said says told wrote born aged age salary married ill diagnosis conversation "
        "chat prompt private confidential "
        # German and Dutch.
        "ich mein meine mir er sie ihr ihre sein seine nutzer benutzer kunde kundin heisst heißt wohnt lebt mag "
        "arbeitet ist hat kennwort passwort konto karte geheim anschrift geboren ik mijn hij zij gebruiker klant "
        "heet woont werkt wachtwoord rekening geboorte "
        # French, Spanish, Italian, Portuguese.
        "je mon ma elle utilisateur appelle habite travaille motdepasse compte carte adresse nee yo mi mis "
        "usuario cliente paciente llama vive gusta trabaja tiene contraseña contrasena clave cuenta tarjeta "
        "nacido io mio mia suo sua utente abita chiama lavora eu meu minha mora trabalha tem senha conta "
        # Polish, Turkish, Russian in Latin letters.
        "moj moje uzytkownik mieszka haslo adim sifre parola hesap polzovatel zhivet parol "
    ).split()
)
"""Words that a sentence about somebody needs, and names of what is private."""
_SENTENCE = 3
"""So many of them make one."""
_APART = re.compile(r"[^\w]+|_+")
_JOINED = re.compile(r"[\w +,()'&-]+")
"""What stands in ordinary names: no address, and no value of something."""
_NUMBER = re.compile(r"v?\d{1,4}x?")
_WORDS, _DIGITS = 9, 4
"""The most of a name, and the most digits in it: a year, a count."""


def ordinary(name: str) -> bool:
    """Whether a name is a few ordinary words, perhaps with a year."""
    if not _JOINED.fullmatch(name):
        return False
    words = _split(name)
    letters = [word for word in words if not _NUMBER.fullmatch(word)]
    numbers = sum(map(str.isdigit, "".join(words)))
    if not 1 < len(words) <= _WORDS or numbers > _DIGITS or not all(map(_plain, letters)):
        return False
    return _TELLING.isdisjoint(map(str.lower, letters)) and _reads(letters)


def sentence(path: str) -> bool:
    """Whether the words of a path, whatever stands between them, are a sentence about somebody."""
    return sum(word.lower() in _TELLING for word in _split(path)) >= _SENTENCE


def _split(name: str) -> list[str]:
    return [word for word in _APART.split(name) if word]


def _plain(word: str) -> bool:
    """Letters, small ones or with one capital before them: a pattern of capitals could say something."""
    return word.isalpha() and (word.islower() or word.istitle())


def _reads(words: list[str]) -> bool:
    pairs = [pair for word in words for pair in _pairs(word)]
    return sum(second in _NEXT[first] for first, second in pairs) >= _READS * len(pairs)


def _pairs(word: str) -> list[tuple[str, str]]:
    """Neighbours among the letters, without their accents."""
    plain = [char for char in unicodedata.normalize("NFKD", word.lower()) if char in _NEXT]
    return list(pairwise(plain))
