"""Cases and particles that make another one the doer."""

import pytest

from tidegate.cache.rules.cases import recast
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.turned import swapped

OTHERS = (
    ("Kedi köpekten neden korkar?", "Köpek kediden neden korkar?"),
    ("Почему кошка боится собаку?", "Почему кошку боится собака?"),
    ("Кого побеждал Каспаров?", "Кто побеждал Каспарова?"),
    ("Kogo kochał Wokulski w „Lalce”?", "Kto kochał Wokulskiego w „Lalce”?"),
    ("Ποιον παράτησε ο Θησέας στη Νάξο;", "Ποιος παράτησε τον Θησέα στη Νάξο;"),
    ("Beperelheti a bérlő a tulajdonost?", "Beperelheti a bérlőt a tulajdonos?"),
    ("Wen besiegte Boris Becker in Wimbledon?", "Wer besiegte Boris Becker in Wimbledon?"),
    ("Warum beißt den Hund die Katze?", "Warum beißt der Hund die Katze?"),
    ("Megütötte a fiamat egy osztálytársa, mit tegyek?", "Megütötte a fiam egy osztálytársát, mit tegyek?"),
    ("Mitä annan ystäväni tyttärelle rippilahjaksi?", "Mitä annan tyttäreni ystävälle rippilahjaksi?"),
    ("Kann ich meinen Hund mit Grippe anstecken?", "Kann mich mein Hund mit Grippe anstecken?"),
    ("서울에서 부산까지 KTX 첫차 몇 시야?", "부산에서 서울까지 KTX 첫차 몇 시야?"),
    ("집주인이 세입자를 고소할 수 있나요?", "집주인을 세입자가 고소할 수 있나요?"),
)
TWINS = (
    ("Кем построен Исаакиевский собор?", "Кто построил Исаакиевский собор?"),
    ("Dlaczego Balladyna zabiła Alinę?", "Dlaczego Alina została zabita przez Balladynę?"),
    ("집주인이 세입자를 고소할 수 있나요?", "세입자가 집주인에게 고소당할 수 있나요?"),
    ("이부프로펜이랑 타이레놀 같이 먹어도 돼?", "타이레놀이랑 이부프로펜 같이 먹어도 돼?"),
    ("Wyjaśnij, czym różni się tętnica od żyły.", "Wyjaśnij, czym różni się żyła od tętnicy."),
    ("Μπορείτε να μου πείτε πώς βγάζω ΑΦΜ;", "Μπορείς να μου πεις πώς βγάζω ΑΦΜ;"),
    ("Pasaportumu nasıl yenilerim?", "pasaportumu nasil yenilerm"),
    ("Was verdient eine Erzieherin in Hamburg?", "Was verdient ein Erzieher in Hamburg?"),
    ("receta de tortillas de patata", "receta de tortilla de patatas"),
    ("What is machine learning used for?", "For what is machine learning used?"),
    ("《红楼梦》的作者是谁？", "谁是《红楼梦》的作者？"),
    ("北京和上海的区别", "上海和北京的区别"),
    ("夫と妻の違いは?", "妻と夫の違いは?"),
    ("ما الفرق بين الفاتورة الضريبية والفاتورة المبدئية؟", "ما الفرق بين الفاتورة المبدئية والفاتورة الضريبية؟"),
)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_who_does_it_changes_with_the_cases(one: str, other: str) -> None:
    assert recast(read(one), read(other))
    assert recast(read(other), read(one))


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_a_rewording_is_no_change_of_cases(one: str, other: str) -> None:
    assert not recast(read(one), read(other))
    assert not recast(read(other), read(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dlaczego psa boi się kot?", "Dlaczego kot boi się psa?"),
        ("Почему кошку боится собака?", "Почему собака боится кошку?"),
        ("Psa kouše kočka, jak tomu zabránit?", "Kočka kouše psa, jak tomu zabránit?"),
    ],
)
def test_where_endings_say_it_words_may_change_places(one: str, other: str) -> None:
    assert not swapped(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jak dojechać z Krakowa do Zakopanego pociągiem?", "Jak dojechać z Zakopanego do Krakowa pociągiem?"),
        ("Сколько будет 17 в степени 2?", "Сколько будет 2 в степени 17?"),
        ("¿El perro muerde al gato?", "¿El gato muerde al perro?"),
    ],
)
def test_behind_prepositions_they_may_not(one: str, other: str) -> None:
    assert swapped(one, other)
