"""What only capitals, accents, signs and indents tell apart is not one question; who leaves them out asks the same."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.judged import JudgedVerifier
from tidegate.cache.links import Links
from tidegate.cache.rules.letters import apart
from tidegate.cache.rules.written import written
from tidegate.cache.verify import LexicalVerifier

LOOP = "What does this print?\nfor i in range(3):\n    x = i\n    print(x)"
OTHERS = [
    ("What does git branch -D do?", "What does git branch -d do?"),
    ("what does git branch -D do", "Please explain: what does git branch -d do?"),
    (r"What does \D match?", r"What does \d match?"),
    ("What does ^[A-Z]+$ match?", "What does ^[a-z]+$ match?"),
    ("Explain date +%M", "Explain date +%m"),
    ("How many watts is 5 MW?", "How many watts is 5 mW?"),
    ("How many bits are in 5MB?", "How many bits are in 5Mb?"),
    ("What does && do in bash?", "What does & do in bash?"),
    ("What does $! mean in bash?", "What does $? mean in bash?"),
    ("What does ; do in bash?", "What does : do in bash?"),
    ("What does a[1:] return?", "What does a[:1] return?"),
    ("What does echo '$x' print?", 'What does echo "$x" print?'),
    ("What is the ASCII code of A?", "What is the ASCII code of a?"),
    ("Is 'Password' a good password?", "Is 'password' a good password?"),
    ("What is the molar mass of CO?", "What is the molar mass of Co?"),
    ("How does AIDS spread?", "How does aids spread?"),
    ("Decode U0dWc2JHOD0gd29ybGQ", "Decode u0dWc2JHOD0gd29ybGq"),
    ("What does the Spanish word año mean?", "What does the Spanish word ano mean?"),
    ("How do I type é?", "How do I type è?"),
    ("How many zeros does 25 have?", "How many zeros does 25! have?"),
    ("What are the prime factors of 10?", "What are the prime factors of 10!?"),
    ("Base64 encode hello", "Base64 encode Hello"),
    ("How do I write Hello in base64?", "how do I write hello in base64?"),
    ("Calculate the SHA256 checksum for password123", "Calculate the SHA256 checksum for Password123"),
    ("What's the MD5 for Admin?", "what's the md5 for admin?"),
    ("What does ./run.sh do?", "What does ../run.sh do?"),
    ("When do I use –?", "When do I use —?"),
    ("What does ?? do in C#?", "What does ? do in C#?"),
    ("5mWは何ワットですか？", "5MWは何ワットですか？"),
    ("grepの-vとは？", "grepの-Vとは？"),
    ("bash中的&是什么意思？", "bash中的&&是什么意思？"),
    ("100℃は何℉?", "100℉は何℃?"),
    ("👍はどういう意味ですか？", "👎はどういう意味ですか？"),
    ("Que signifie pêche ?", "Que signifie péché ?"),
    ("मुझे पूल के बारे में बताओ", "मुझे पुल के बारे में बताओ"),
    ("दिन का अर्थ क्या है?", "दान का अर्थ क्या है?"),
    ("সোনা কীভাবে পরিষ্কার করব?", "সেনা কীভাবে পরিষ্কার করব?"),
    ("கல் என்றால் என்ன?", "கால் என்றால் என்ன?"),
    ("ปูกินอะไร", "ปีกินอะไร"),
    ("อธิบายคำว่า ปู", "อธิบายคำว่า ปี"),
    ("เสื้อราคาเท่าไหร่", "เสือราคาเท่าไหร่"),
    ("How many zeros are in 10⁶?", "How many zeros are in 106?"),
    ("What is 5²?", "What is 52?"),
    ("Is 10⁵ more than 100?", "Is 105 more than 100?"),
    (LOOP, LOOP.replace("    print", "print")),
    (LOOP, LOOP.replace("print(x)", "print(X)")),
    ("Why?\na = 1\nA = 2\nreturn a", "Why?\na = 1\nA = 2\nreturn A"),
]
SAME = [
    ("WHAT IS THE CAPITAL OF FRANCE", "whats the capital of france"),
    ("What is HTML?", "What is html"),
    ("What is JavaScript?", "what is javascript?"),
    ("IPhone battery drains", "iPhone battery drains"),
    ("What are COVID-19 Symptoms?", "what are covid-19 symptoms"),
    ("How far is 5 KM in miles?", "how far is 5 km in miles"),
    ("Is 600 MG of ibuprofen too much?", "Is 600 mg of ibuprofen too much?"),
    ("How do I decode base64 in Python?", "how do i decode base64 in python"),
    ("How do I read a CSV in R?", "how do I read a csv in r"),
    ('Translate "Good morning" to French', "translate “good morning” to french"),
    ("What is a naïve search in a café?", "What is a naive search in a cafe?"),
    ("À quoi sert un pare-feu ?", "a quoi sert un pare-feu?"),
    ("What does `print` do?", "what does print do"),
    ("How much is 50 % of 1,000?", "How much is 50% of 1000?"),
    ("It is due in 2025! Thanks", "it is due in 2025. thanks"),
    ("How do I encode JSON in PHP?", "how do i encode json in php"),
    ("Convert a PNG to base64", "convert a png to base64"),
    ("What are the symptoms of Snake bites?", "what are the symptoms of snake bites?"),
    ("What are the benefits of Unicode?", "what are the benefits of unicode?"),
    ("IT jobs in Berlin", "it jobs in Berlin"),
    ("Who is Ke$ha?", "who is ke$ha?"),
    ("Hi :) What is HTML?", "Hi ;) What is HTML?"),
    ("Bonjour ! Où est la gare ?", "Bonjour , où est la gare ?"),
    ("what is html ? thanks", "what is html ?? thanks"),
    ("Is the price in € or $?", "is the price in $ or €?"),
    ("Hello, what is HTML - thanks", "Hello, what is HTML — thanks"),
    ("Mend this:\n- apples", "mend this:\n* apples"),
    ("iPhoneでWiFiに接続する方法", "iphoneでWiFiに接続する方法"),
    ("วิธีใช้GitHubกับPythonในWindows", "วิธีใช้githubกับPythonในWindows"),
    ("¿Qué significa LOL?", "que significa LOL?"),
    ("Wie heißt der größte Fluss?", "Wie heisst der grösste Fluss?"),
    ("Perché il cielo è blu?", "perchè il cielo è blu?"),
    ("Hoà bình là gì?", "hòa bình là gì"),
    ("Thuý Kiều là ai?", "Thúy Kiều là ai?"),
    ("What is 10⁶ in words?", "what is 10^6 in words"),
    ("Is 10⁵ more than 105?", "is 10⁵ more than 105"),
    ("What type of car is a Citroën?", "what type of car is a citroen?"),
    ("¿Es mejor té ó café?", "¿es mejor te o cafe?"),
    ("Είναι το τσάι ή ο καφές;", "ειναι το τσαι η ο καφες;"),
    ("मैं अंग्रेजी कैसे सीखूं?", "मैं अंग्रेज़ी कैसे सीखूँ?"),
    ("मैं यह कैसे कर सकता हूँ?", "मैं यह कैसे कर सकती हूं?"),
    ("लैपटॉप का चार्जर बैटरी", "लैपटॉप की चार्जर बैटरी"),
    ("पाँच अंडे कैसे उबालें?", "पांच अंडे कैसे उबालें?"),
    (LOOP, LOOP.replace("    ", "\t")),
]


class Sure:
    """A judge that takes any two for the same."""

    def probability(self, a: str, b: str) -> float:
        return 1.0

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.5


@pytest.mark.parametrize(("a", "b"), OTHERS)
def test_what_only_letters_and_signs_tell_apart_is_never_one_question(a: str, b: str) -> None:
    assert JudgedVerifier(Sure(), 0.01).veto(a, b) and JudgedVerifier(Sure(), 0.01).veto(b, a)
    assert LexicalVerifier().veto(a, b)
    assert not Links().join("p", ("1", a), ("2", b))


@pytest.mark.parametrize(("a", "b"), SAME)
def test_who_writes_without_capitals_or_accents_asks_the_same(a: str, b: str) -> None:
    assert not apart(written(a), written(b)) and not apart(written(b), written(a))


@pytest.mark.parametrize(("a", "b"), [("Zürich", "Zurich"), ("São Paulo", "Sao Paulo"), ("Citroën", "citroen")])
def test_a_name_without_its_accents_is_the_same_name(a: str, b: str) -> None:
    asked = "How much does a ticket from {} to Bern cost on average?"
    assert not JudgedVerifier(Sure(), 0.01).veto(asked.format(a), asked.format(b))
    assert JudgedVerifier(Sure(), 0.01).veto(asked.format(a), asked.format("Geneva"))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Wie kann ich die Rechnungen zahlen?", "Wie kann ich die Rechnungen zählen?"),
        ("Welche Maße hat der Planet?", "Welche Masse hat der Planet?"),
        ("How do I cook the pâté?", "How do I cook the pate?"),
    ],
)
def test_where_no_network_reads_along_a_word_without_its_accents_may_be_another(a: str, b: str) -> None:
    words = LexicalVerifier()
    assert words.veto(a, b) and words.veto(b, a) and words.probability(a, b, 0.99) == 0.0
    assert not words.veto(a, a.lower()) and not JudgedVerifier(Sure(), 0.01).veto(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("What are clichés?", "What is a cliché?"),
        ("Größe des Mondes", "GRÖSSE DES MONDES"),
        ("Hoà bình là gì?", "hòa bình là gì"),
        ("Perché il cielo è blu?", "perchè il cielo è blu?"),
        ("मैं अंग्रेजी कैसे सीखूं?", "मैं अंग्रेज़ी कैसे सीखूँ?"),
    ],
)
def test_a_word_that_keeps_its_accents_is_the_same_in_its_other_forms(a: str, b: str) -> None:
    assert not LexicalVerifier().veto(a, b) and not LexicalVerifier().veto(b, a)


PARTS = [
    "!",
    "5!",
    "–?",
    "を",
    "👍",
    "MD5 for",
    "in base64",
    "a",
    "A",
    "é",
    "É",
    "ß",
    "İ",
    "'x'",
    "$x",
    "-D",
    "1",
    "5 m",
    "`",
    "?",
    "\n ",
    "ﬁ",
    "पूल",
    "पुल",
    "ज़",
    "ปี",
]
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PARTS), max_size=9).map(lambda parts: " ".join(parts)))


@given(TEXTS, TEXTS)
def test_letters_are_compared_alike_both_ways(a: str, b: str) -> None:
    assert bool(apart(written(a), written(b))) == bool(apart(written(b), written(a)))
    assert not apart(written(a), written(a))


def test_two_long_texts_in_other_letters_are_not_looked_at_for_long() -> None:
    one = "word a." + " ".join(f"a{'.-'[n % 2] * (n // 2 + 1)}b" for n in range(120))
    two = "word a." + " ".join(f"a{'-.'[n % 2] * (n // 2 + 1)}/b" for n in range(120))
    left, right = written(one), written(two)
    began = time.process_time()
    assert apart(left, right)
    assert time.process_time() - began < 0.05
