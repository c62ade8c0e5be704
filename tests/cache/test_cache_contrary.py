"""One word turned round, and the rest the same: no network is asked, in whatever script; wording costs nothing."""

from collections.abc import Sequence

import pytest

from tidegate.cache.judged import JudgedVerifier
from tidegate.cache.rules.contrary import contrary, facing, other_kind
from tidegate.cache.rules.opposites import OPPOSITES
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.turned import other_subject
from tidegate.cache.rules.veto import by_words
from tidegate.cache.verify import Candidate

APART = (
    ("左足が痛いときはどうすればいい？", "右足が痛いときはどうすればいい？"),
    ("食前に飲む薬は何ですか", "食後に飲む薬は何ですか"),
    ("上午要注意什么？", "下午要注意什么？"),
    ("白天睡觉好吗", "晚上睡觉好吗"),
    ("国内要注意什么？", "国外要注意什么？"),
    ("입국할 때 필요한 서류", "출국할 때 필요한 서류"),
    ("국내의 주의할 점은 무엇인가요?", "해외의 주의할 점은 무엇인가요?"),
    ("언제부터 방학이에요?", "언제까지 방학이에요?"),
    ("Od kiedy trwają ferie?", "Do kiedy trwają ferie?"),
    ("What are implicit costs?", "What are explicit costs?"),
    ("How does immigration work?", "How does emigration work?"),
    ("Give me an example of internet.", "Give me an example of intranet."),
    ("How can I make a fork visible to my team?", "How can I make a fork invisible to my team?"),
    ("What are alkanes used for?", "What are alkenes used for?"),
    ("Is sulfate dangerous?", "Is sulfite dangerous?"),
    ("Where can I buy propanol?", "Where can I buy propanal?"),
    ("How do I run a container in the background?", "How do I run a container in the foreground?"),
    ("How many calories are in this pizza?", "How many calories are in a pizza?"),
)
ALIKE = (
    ("食前に飲む薬は何ですか", "食前に飲む薬は何でしょうか"),
    ("如何打开自动更新", "怎么打开自动更新"),
    ("왼쪽 무릎이 아파요", "왼쪽 무릎이 아픕니다"),
    ("午前と午後の違いは何ですか", "午後と午前の違いは何ですか"),
    ("How do I fill in the form?", "How do I fill out the form?"),
    ("Is this gas inflammable?", "Is this gas flammable?"),
    ("Is sulfite dangerous?", "Is sulphite dangerous?"),
    ("Is propane dangerous?", "Are propanes dangerous?"),
    ("Is this definate?", "Is this definite?"),
    ("What could this lump on my neck be?", "What could a lump on my neck be?"),
    ("Should I take it before or after meals?", "Should I take it after or before meals?"),
    ("What is the upper limit?", "What's the upper limit?"),
)
SUBJECTS = (
    ("What do bees eat in winter?", "What eats bees in winter?"),
    ("Who did Brutus kill?", "Who killed Brutus?"),
    ("Which countries does Russia export gas to?", "Which countries export gas to Russia?"),
)
ONE_SUBJECT = (
    ("What does cause inflation?", "What causes inflation?"),
    ("What do bees eat in winter?", "In winter, what do bees eat?"),
    ("What do I need to bake bread?", "What is needed to bake bread?"),
    ("Which languages did English influence?", "Which languages were influenced by English?"),
)


KINDS = (
    ("What are nitrates used for?", "Tell me the uses of nitrites"),
    ("Is ethene harmful?", "Are alkynes such as ethyne bad for you?"),
    ("What is hypotension?", "Can you explain hypertension to me?"),
    ("左足について教えてください", "右足のことを知りたいです"),
    ("饭前要注意什么？", "关于饭后，有哪些注意事项？"),
    ("국내에 대해 알려 주세요", "해외가 궁금해요. 국외 말고 해외요"),
)
ONE_KIND = (
    ("What are nitrates used for?", "Tell me the uses of a nitrate"),
    ("How do alkanes and alkenes differ?", "What is an alkane, and what an alkene?"),
    ("What is the difference between nitrates and nitrites?", "Are nitrites something else than nitrates?"),
    ("Is the internet down?", "Has the Internet stopped working?"),
    ("左足について教えてください", "左の足のことを知りたいです"),
    ("午前と午後の違いは何ですか", "午前は何時までですか"),
    ("中国从哪国进口大豆最多?", "哪个国家向中国出口大豆最多?"),
    ("How does the UK import gas from Norway?", "How does Norway export gas to the UK?"),
)


class Sure:
    """A judge that takes all for one."""

    def probability(self, a: str, b: str) -> float:
        return 1.0

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.9


@pytest.fixture(name="verifier")
def _verifier() -> JudgedVerifier:
    return JudgedVerifier(Sure(), 0.01)


@pytest.mark.parametrize(("a", "b"), APART)
def test_a_word_turned_round_asks_something_else(verifier: JudgedVerifier, a: str, b: str) -> None:
    assert contrary(read(a), read(b)) and contrary(read(b), read(a))
    assert verifier.veto(a, b)


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_wording_is_left_to_the_network(a: str, b: str) -> None:
    assert not contrary(read(a), read(b)) and not contrary(read(b), read(a))


@pytest.mark.parametrize(("a", "b"), KINDS)
def test_things_that_face_each_other_are_two_however_it_is_asked(verifier: JudgedVerifier, a: str, b: str) -> None:
    assert other_kind(read(a), read(b)) and other_kind(read(b), read(a))
    assert verifier.veto(a, b) == "contrary"


@pytest.mark.parametrize(("a", "b"), ONE_KIND)
def test_one_thing_or_both_are_left_to_the_network(a: str, b: str) -> None:
    assert not other_kind(read(a), read(b)) and not other_kind(read(b), read(a))


def test_a_long_text_speaks_of_more_than_one_thing() -> None:
    filler = "The garden is green in spring, and people walk there. " * 4
    assert not other_kind(read(filler + "What are nitrates?"), read(filler + "Tell me of nitrites."))


@pytest.mark.parametrize(("a", "b"), SUBJECTS)
def test_who_does_it_and_whom_it_is_done_to(verifier: JudgedVerifier, a: str, b: str) -> None:
    assert other_subject(read(a), read(b)) and other_subject(read(b), read(a))
    assert verifier.veto(a, b) == "agent"


@pytest.mark.parametrize(("a", "b"), ONE_SUBJECT)
def test_the_same_subject_in_other_words(a: str, b: str) -> None:
    assert not other_subject(read(a), read(b)) and not other_subject(read(b), read(a))


@pytest.mark.parametrize(
    "pair",
    ["enable/disable", "include/exclude", "send/receive", "private/public", "ascending/descending", "female/male"],
)
def test_opposites_count_as_they_are_spelt_for_comparing(pair: str) -> None:
    """Words lose their endings before they are compared, and the list has them whole."""
    one, other = pair.split("/")
    assert frozenset((one, other)) in OPPOSITES
    a, b = read(f"How do I {one} the thing for all of my users?"), read(f"Please {other} the thing for my users, all.")
    assert by_words(a, b) == "opposite"


def test_better_the_one_is_worse_the_other() -> None:
    a, b = "Is a Roth IRA worse than a 401(k)?", "Is a 401(k) better than a Roth IRA?"
    assert by_words(read(a), read(b)) != "opposite"


async def test_the_judge_is_not_asked(verifier: JudgedVerifier) -> None:
    """What it says of what no rule refuses is its own word."""
    ask, known = "上午要注意什么？", Candidate("上午需要注意什么？", 0.9)
    assert not verifier.veto(ask, known.text)
    chances: Sequence[float] = await verifier.judge(ask, [known])
    assert chances[0] > 0.5


def test_short_stems_face_each_other_only_behind_long_prefixes() -> None:
    assert facing("internet", "intranet") and facing("include", "exclude")
    assert not facing("inner", "outer") and not facing("ink", "desk") and not facing("out", "in")
