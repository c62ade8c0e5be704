"""Near is not equal: what the verifier must refuse, what it must let through, and what its thresholds mean."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tidegate.cache.pairs import Pair, grouped
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.veto import misspelt, veto
from tidegate.cache.train import main
from tidegate.cache.verify import NEVER, Candidate, LexicalVerifier, load

TRAPS = [
    ("What is the capital of France?", "What is the capital of Spain?"),
    ("What is the capital of Australia?", "What is the capital of Austria?"),
    ("What is a good hostel in Rome?", "What is a good hotel in Rome?"),
    ("How do I write a contract?", "How do I write a contact?"),
    ("How long does mediation take?", "How long does meditation take?"),
    ("How many planes are there?", "How many plans are there?"),
    ("How do I clean my earrings?", "How do I clean my ears?"),
    ("How long can I lease a car?", "How long can I rent a car?"),
    ("Как включить тёмную тему?", "Как выключить тёмную тему?"),
    ("Jak włączyć Bluetooth?", "Jak wyłączyć Bluetooth?"),
    ("Come si lava il capello?", "Come si lava il cappello?"),
    ("Why do I never apologize to my husband?", "Why does my husband never apologize?"),
    ("How do I turn on dark mode?", "How do I turn off dark mode?"),
    ("How do I enable dark mode?", "How do I disable dark mode?"),
    ("List 5 tips", "List 8 tips"),
    ("List five tips", "List 8 tips"),
    ("Convert 70 Celsius to Fahrenheit", "Convert 70 Fahrenheit to Celsius"),
    ("Celsius to Fahrenheit?", "Fahrenheit to Celsius?"),
    ("Does Ann owe Bob money?", "Does Bob owe Ann money?"),
    ("Who won in 2018?", "Who won in 2022?"),
    ("Should I eat fish?", "Should I not eat fish?"),
    ("Sort a list in Python", "Sort a list in Rust"),
    ("What does --force do in git push?", "What does --no-force do in git push?"),
    ("Explain the plot of The Matrix", "Explain the plot of The Matrix Reloaded"),
    ("Explain recursion", "Explain recursion to a child"),
    ("Explain recursion", "Explain recursion in two sentences"),
    ("Can I drink coffee before the test?", "Can I drink coffee after the test?"),
    ("All users may log in", "Some users may log in"),
    ("Can I park here?", "Should I park here?"),
    ("Say thank you in Japanese", "Say thank you in Chinese"),
    ("Explain a binary search in Python", "Write a binary search in Python"),
    ("Why do cats purr?", "When do cats purr?"),
    ("Write to <EMAIL_ADDRESS_1>", "Write to <PHONE_NUMBER_1>"),
    ("Write to <EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2>", "Write to <EMAIL_ADDRESS_1>"),
    ('Translate "good day" to French', 'Translate "good night" to French'),
    ("Redirect HTTP to HTTPS", "Redirect HTTPS to HTTP"),
    ("Which port does IMAP use?", "Which port does IMAPS use?"),
    ("Ist Python schneller als Java?", "Ist Python langsamer als Java?"),
    ("Quelle est la capitale de la France ?", "Quelle est la capitale de l'Espagne ?"),
    ("日本の首都はどこですか", "中国の首都はどこですか"),
]
SAME = [
    ("What is the capital of France?", "Tell me the capital city of France"),
    ("What is the capital of France?", "capital of france?"),
    ("What is the capital of France?", "What is France's capital?"),
    ("How do I reset my password?", "how to reset password"),
    ("What is a mutex?", "Could you please explain what a mutex is? Thanks"),
    ("How do I center a div in CSS?", "In CSS, how do I center a div?"),
    ("How tall is Mount Everest?", "What is the height of Mt. Everest?"),
    ("What's the difference between TCP and UDP?", "What is the difference between UDP and TCP?"),
    ("Write a haiku about autumn", "Please compose a haiku about autumn"),
    ("Name three primary colours", "List 3 primary colours"),
    ("Who wrote Romeo and Juliet?", "Who is the author of Romeo and Juliet?"),
    ("What are the symptoms of the flu?", "List flu symptoms"),
]


@pytest.fixture(scope="module")
def verifier() -> LexicalVerifier:
    return LexicalVerifier()


@pytest.mark.parametrize(("a", "b"), TRAPS)
def test_one_detail_makes_another_question(verifier: LexicalVerifier, a: str, b: str) -> None:
    assert verifier.veto(a, b) and verifier.veto(b, a)
    assert verifier.probability(a, b, 0.99) == 0.0


@pytest.mark.parametrize(("a", "b"), SAME)
def test_everyday_rewordings_hit_at_the_default_bound(verifier: LexicalVerifier, a: str, b: str) -> None:
    assert not verifier.veto(a, b)
    assert verifier.probability(a, b, 0.93) >= verifier.threshold(0.01)
    assert verifier.probability(b, a, 0.93) >= verifier.threshold(0.01)


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("Pazartesi günü müzeler açık mı?", "Pazar günü müzeler açık mı?", "time"),
        ("क्या संग्रहालय शनिवार को खुले रहते हैं?", "क्या संग्रहालय रविवार को खुले रहते हैं?", "time"),
        ("altı yumurtada kaç gram protein var?", "otuz yumurtada kaç gram protein var?", "amount"),
        ("पांच अंडों में कितना प्रोटीन होता है?", "पचास अंडों में कितना प्रोटीन होता है?", "amount"),
        ("كم سعرة حرارية في ست بيضات؟", "كم سعرة حرارية في تسع بيضات؟", "amount"),
        ("पाँच अंडे", "5 अंडे", ""),
        ("İsveç'in başkenti neresi?", "İsviçre'nin başkenti neresi?", "name"),
        ("İZMİR'DE NE YENİR?", "İzmir'de ne yenir?", ""),
        ("Türkiye'nin başkenti neresi?", "Türkiyenin başkenti neresi?", ""),
        ("Ankara’da ne yenir?", "ankarada ne yenir?", ""),
        ("Ali'ye ne yazayım?", "Aliye ne yazayım?", ""),
        ("Ankara'dan ne alınır?", "Ankara'da ne alınır?", "name"),
        ("Pazar neden kapalı?", "Pazartesi neden kapalı?", "time"),
        ("Yüz kremi nasıl seçilir?", "Yüzüm için krem nasıl seçilir?", "unsure"),
        ("Come cucino due uova a Roma?", "Come cucino uova a Milano?", "name"),
        ("Come cucino due uova?", "Come cucino tre uova?", "amount"),
        ("What happens once the rent is due?", "What happens when the rent is due?", "question"),
        ("Haftada 2 pazar kuruluyor mu?", "Haftada kuruluyor mu?", "number"),
    ],
)
def test_days_and_numbers_are_known_by_their_words(a: str, b: str, reason: str) -> None:
    assert veto(read(a), read(b)) == veto(read(b), read(a)) == reason


@given(st.text(max_size=60), st.text(max_size=60))
@example("`\r`", "")  # white space inside a quotation
@example('"ΑΣ"', "ΑΣ")  # a letter whose small form depends on what follows
def test_any_two_texts_are_judged_alike_both_ways(a: str, b: str) -> None:
    left, right = read(a), read(b)
    assert bool(veto(left, right)) == bool(veto(right, left))
    assert not veto(left, left)


async def test_judging_gives_a_probability_for_each_candidate(verifier: LexicalVerifier) -> None:
    found = await verifier.judge(
        "capital of France", [Candidate("the capital of France", 0.95), Candidate("Spain", 0.4)]
    )
    assert 0.0 < found[0] <= 1.0 and found[1] == 0.0


def test_a_stricter_bound_never_has_a_lower_threshold(verifier: LexicalVerifier) -> None:
    bounds = [verifier.threshold(share) for share in (0.0, 0.001, 0.005, 0.01, 0.02, 0.1, 1.0)]
    assert bounds == sorted(bounds, reverse=True) and bounds[0] == NEVER


def test_a_higher_cosine_never_lowers_the_probability(verifier: LexicalVerifier) -> None:
    a, b = SAME[0]
    found = [verifier.probability(a, b, cosine / 20) for cosine in range(21)]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("a", "b", "slip"),
    [
        ("recieve", "receive", True),
        ("difference", "diffrence", True),
        ("absorb", "adsorb", False),
        ("tips", "tip", False),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_word(a: str, b: str, slip: int) -> None:
    assert misspelt(a, b) == bool(slip)


def test_prompts_that_are_connected_stay_together() -> None:
    pairs = [Pair("a", "b", True, "x"), Pair("c", "d", True, "x"), Pair("b", "e", False, "x")]
    assert [pair.group for pair in grouped(pairs)] == [0, 1, 0]


def test_training_is_seeded_and_writes_weights_that_load(tmp_path: Path) -> None:
    prompts = [f"How do I {verb} the {thing}?" for verb in ("paint", "clean", "repair") for thing in "abcdefghij"]
    rows = [{"a": p, "b": p.replace("How do I", "How can I"), "same": 1, "cosine": 0.97} for p in prompts]
    rows += [{"a": p, "b": q, "same": 0, "cosine": 0.8} for p, q in pairwise(prompts)]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "counting.py").write_text(
        "import numpy as np\n"
        "class E:\n"
        "    id, dim = 'e', 4\n"
        "    def embed(self, texts):\n"
        "        out = np.array([[len(t), t.count('e'), t.count('a'), 1.0] for t in texts], np.float32)\n"
        "        return out / np.linalg.norm(out, axis=1, keepdims=True)\n"
    )
    import sys

    sys.path.insert(0, str(tmp_path))
    try:
        outs = [tmp_path / "one.json", tmp_path / "two.json"]
        for out in outs:
            assert main(["--pairs", str(pairs), "--embedder", "counting:E", "--out", str(out)]) == 0
    finally:
        sys.path.remove(str(tmp_path))
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert load(outs[0]).weights
