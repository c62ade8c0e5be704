"""The judge has the last word on rewordings, and none on what is certain."""

import asyncio
import threading

import pytest

from tidegate.cache.judged import WAITING, JudgedVerifier, in_common, weighed
from tidegate.cache.verify import Candidate


class Says:
    """A judge that answers from a table, and keeps what it was asked."""

    def __init__(self, **chances: float) -> None:
        self.chances = chances
        self.asked: list[tuple[str, str]] = []

    def probability(self, a: str, b: str) -> float:
        self.asked.append((a, b))
        return self.chances.get(b, 0.1)

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.8


def verifier(judge: Says) -> JudgedVerifier:
    return JudgedVerifier(judge, 0.01)


async def test_a_rewording_is_left_to_the_judge() -> None:
    stored = "How can I get the stain out of a wool coat?"
    judge = Says(**{stored: 0.9})
    tried = verifier(judge)
    question = "Best way to clean a spot from a woollen jacket"
    assert tried.veto(question, stored) == ""
    assert await tried.judge(question, [Candidate(stored, 0.7)]) == [0.9]
    assert tried.threshold(0.01) == 0.8


DIFFERENT = (
    ("Convert 5 miles to kilometres.", "Convert 8 miles into kilometres for me."),
    ("How do I cook brown rice for four people?", "Why do I cook brown rice for four people?"),
    ("What is the weather?", "Какая погода?"),
)


async def test_other_masks_and_other_numbers_in_like_texts_are_not_left_to_the_judge() -> None:
    tried = verifier(Says())
    assert tried.veto("write to <EMAIL_ADDRESS_1>", "write to <EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2>")
    assert tried.veto("How far are 5 miles in kilometres, roughly?", "How far are 8 miles in kilometres, roughly?")
    assert not any(tried.veto(*pair) for pair in DIFFERENT)


REPLACED = (
    ("What is FTP?", "What is FTPS?", "name"),
    ("What is an IMAP server?", "what is a IMAPS server", "name"),
    ("Where is Madrid?", "Madrid, where is it?", ""),
    ("How do I go to Madrid?", "What is the way to Barcelona?", ""),
    ("What is JS?", "What is JavaScript?", ""),
    ("Convert 5 miles to km", "Convert 8 miles to km", "number"),
    ("Is it 5 miles?", "Is it many miles?", ""),
    ("3个鸡蛋有多少卡路里？", "5个鸡蛋有多少卡路里？", "number"),
    ("100厘米等于多少英寸？", "1米是多少英寸？", ""),
    ("Is it open on Monday?", "Is it open on Friday?", "time"),
    (
        "Can I get money back once it was sent to me by mail?",
        "Can I get money back when it was sent to me by mail?",
        "",
    ),
    (
        "Can I get 2 refunds when it was sent to me by mail?",
        "Can I get refunds when it was sent to me by mail?",
        "number",
    ),
    ("Is it open on Monday?", "Are they open on Friday?", ""),
    ("Dammi sei consigli per studiare", "Dammi consigli per studiare", "number"),
    ("क्या शनिवार खुला है?", "क्या रविवार खुला है?", "time"),
)


@pytest.mark.parametrize(("question", "stored", "reason"), REPLACED)
def test_one_name_number_or_time_in_the_place_of_another_is_not_left_to_the_judge_in_short_questions_either(
    question: str, stored: str, reason: str
) -> None:
    assert verifier(Says()).veto(question, stored) == reason


TURNED = (
    ("How do I convert CSV to JSON?", "How do I convert JSON to CSV?"),
    ("My son's teacher emailed me, what do I answer?", "My teacher's son emailed me, what do I answer?"),
    ("Il gatto ha morso il cane, cosa faccio?", "Il cane ha morso il gatto, cosa faccio?"),
    ("Πότε βγαίνει το πλοίο από Πειραιά για Νάξο;", "Πότε βγαίνει το πλοίο από Νάξο για Πειραιά;"),
    ("I can't hear them on Zoom but they can hear me.", "I can hear them on Zoom but they can't hear me."),
    (
        "My kubectl context is staging. How do I get to production?",
        "My kubectl context is production. How do I get to staging?",
    ),
    ("Can my landlord read my mail?", "Can I read my landlord's mail?"),
    ("Do I have to give my landlord a key?", "Does my landlord have to give me a key?"),
    ("Why do I never apologize to my husband?", "Why does my husband never apologize?"),
    ("Convertir 100 euros en dollars", "Convertir 100 dollars en euros"),
    ("Jak przekonwertować plik PDF na Word?", "Jak przekonwertować plik Word na PDF?"),
    ("Hvordan kommer jeg fra Oslo til Bergen?", "Hvordan kommer jeg fra Bergen til Oslo?"),
    ("Convierte 200 libras a kilogramos.", "Convierte 200 kilogramos a libras."),
    ("Can I leave oat milk for cow's milk?", "Can I leave cow's milk for oat milk?"),
)
ALIKE = (
    ("Which is healthier, white bread or brown bread?", "Which is healthier, brown bread or white bread?"),
    ("Which is better for back pain, heat or cold?", "Which is better for back pain, cold or heat?"),
    ("Qual è la differenza tra SSD e HDD?", "Qual è la differenza tra HDD e SSD?"),
    ("SSD ile HDD arasındaki fark nedir?", "HDD ile SSD arasındaki fark nedir?"),
    ("Can I be evicted by my landlord?", "Can my landlord evict me?"),
    ("How often should I bathe my dog?", "How often should my dog be bathed?"),
    ("Why do my muscles shake while I exercise?", "Why do my muscles shake when I am exercising?"),
    ("Is it OK if my car is parked here?", "Can I park my car here?"),
    ("In Python, how do I sort a list?", "How do I sort a list in Python?"),
    ("How do I learn to play chess better?", "How do I learn to play better chess?"),
    ("Где купить билет дешево?", "Где билет купить дешево?"),
    ("Jaka jest różnica między pogodą a klimatem?", "Jaka jest różnica między klimatem a pogodą?"),
    ("Python 和 Java 有什么区别？", "Java 和 Python 有什么区别？"),
    ("ما الفرق بين الفاتورة الضريبية والفاتورة المبدئية؟", "ما الفرق بين الفاتورة المبدئية والفاتورة الضريبية؟"),
    ("Which is safer, docker kill or docker stop, by day?", "Which is safer, docker stop or docker kill, by day?"),
    ("Can I connect my phone to my TV?", "Can my phone connect to my TV?"),
    ("Can I let my cat sleep in my bed?", "Can my cat sleep in my bed?"),
    ("Can I give my dog grapes?", "Can my dog have grapes?"),
    ("Do I need to renew my passport?", "Does my passport need to renew?"),
)


def test_one_opposite_in_the_place_of_another_is_not_left_to_the_judge() -> None:
    tried = verifier(Says())
    assert tried.veto("Включить автообновление?", "Выключить автообновление?") == "contrary"
    assert tried.veto("Can I sell my old laptop there?", "Can I buy my old laptop there?") == "contrary"
    assert tried.veto("How do I turn on the heating?", "How do I turn off the heating?") == "contrary"
    assert tried.veto("Can I buy a laptop there on Monday?", "Do they sell laptops on Mondays?") == ""


@pytest.mark.parametrize(("question", "stored"), TURNED)
def test_who_does_what_to_whom_is_not_left_to_the_judge(question: str, stored: str) -> None:
    tried = verifier(Says())
    assert tried.veto(question, stored)
    assert tried.veto(stored, question)


@pytest.mark.parametrize(("question", "stored"), ALIKE)
def test_another_order_that_means_the_same_is_left_to_the_judge(question: str, stored: str) -> None:
    assert verifier(Says()).veto(question, stored) == ""


def test_words_with_signs_for_vowels_are_whole() -> None:
    assert in_common("मैं कैसे सीखूं", "में किस सोख") == 0.0


async def test_where_words_tell_a_difference_the_judge_must_be_surer() -> None:
    for question, stored in DIFFERENT:
        (chance,) = await verifier(Says(**{stored: 0.9})).judge(question, [Candidate(stored, 0.9)])
        assert 0.82 < chance < 0.88
    stored = "How can I get the stain out of a wool coat?"
    question = "Best way to clean a spot from a woollen jacket"
    assert await verifier(Says(**{stored: 0.9})).judge(question, [Candidate(stored, 0.9)]) == [0.9]
    assert [weighed(chance, *DIFFERENT[0]) for chance in (0.0, 1.0)] == [0.0, 1.0]


async def test_a_judge_with_too_much_to_do_is_passed_over() -> None:
    held = threading.Event()

    class Slow(Says):
        def probability(self, a: str, b: str) -> float:
            held.wait(10)
            return 0.9

    tried = verifier(Slow())
    one = [Candidate("a thing about cats", 0.7)]
    waiting = [asyncio.create_task(tried.judge("what do dogs eat", one)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    assert await tried.judge("what do dogs eat", one) == [0.0]
    held.set()
    assert await asyncio.gather(*waiting) == [[0.9]] * WAITING


async def test_reading_ends_with_the_first_that_is_accepted() -> None:
    texts = ["How can I get the stain out of a wool coat?", "How is a stain taken out of a woollen coat?"]
    judge = Says(**{texts[0]: 0.9, texts[1]: 0.95})
    tried = verifier(judge)
    question = "Best way to clean a spot from a woollen jacket"
    assert await tried.judge(question, [Candidate(texts[0], 0.9), Candidate(texts[1], 0.88)]) == [0.9, 0.0]
    assert [text for _, text in judge.asked] == texts[:1]
    judge.chances[texts[0]] = 0.5
    assert await tried.judge(question, [Candidate(texts[0], 0.9), Candidate(texts[1], 0.88)]) == [0.5, 0.95]


async def test_closing_lets_go_of_the_judge_s_thread_and_it_may_be_asked_again() -> None:
    tried = verifier(Says())
    question = "Best way to clean a spot from a woollen jacket"
    candidate = Candidate("How can I get the stain out of a wool coat?", 0.9)
    before = set(threading.enumerate())
    await tried.judge(question, [candidate])
    (thread,) = set(threading.enumerate()) - before
    tried.close()
    thread.join(5)
    assert not thread.is_alive()
    assert await tried.judge(question, [candidate]) == [0.1]
    tried.close()


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("What is the status of <HOST2_2>?", "What is the status of <HOST2_1>?"),
        ("Draft a mail to <EMAIL_1> and cc <EMAIL_2>", "Draft an e-mail with <EMAIL_1> in cc to <EMAIL_2>"),
        ("<PERSON_1> owes <PERSON_2> money. Who must pay?", "<PERSON_1> is owed money by <PERSON_2>. Who must pay?"),
    ],
)
def test_who_is_who_no_judge_is_asked(asked: str, stored: str) -> None:
    tried = verifier(Says())
    assert tried.veto(asked, stored) == "placeholder"
    assert tried.veto(stored, asked) == "placeholder"
    assert tried.veto(asked, asked.replace("?", ", please?")) == ""
