"""What only capitals, accents, signs and indents tell apart is not one question; who leaves them out asks the same."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.judged import JudgedVerifier
from tidegate.cache.letters import apart, written
from tidegate.cache.links import Links
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


PARTS = ["a", "A", "é", "É", "ß", "İ", "'x'", "$x", "-D", "1", "5 m", "`", "?", "\n ", "ﬁ"]
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
