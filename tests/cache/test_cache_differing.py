"""Two texts that differ in one small place: a number, one or several, a quoted word, a small word before a sum."""

import pytest

from tidegate.cache.judged import CERTAIN
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.veto import veto

AMOUNTS = (
    ("Napiš dvě otázky k pohádce o Popelce.", "Napiš dvanáct otázek k pohádce o Popelce."),
    ("Napiš 3 otázky k pohádce.", "Napiš dvacet pět otázek k pohádce."),
    ("Napíš tri vety o jeseni.", "Napíš pätnásť viet o jeseni."),
    ("Napisz dwa zdania o zimie.", "Napisz siedem zdań o zimie."),
    ("Напиши три вопроса по рассказу.", "Напиши тринадцать вопросов по рассказу."),
    ("Как прожить два года без машины?", "Как прожить семь лет без машины?"),
    ("Напиши два речення про осінь.", "Напиши дев'ять речень про осінь."),
    ("Напиши две изречения за есента.", "Напиши дванайсет изречения за есента."),
    ("Napiši dvije rečenice o moru.", "Napiši osam rečenica o moru."),
    ("Напиши две реченице о мору.", "Напиши осам реченица о мору."),
    ("Napiši dve povedi o morju.", "Napiši devet povedi o morju."),
    ("Írj három mondatot a télről.", "Írj huszonhárom mondatot a télről."),
    ("Scrie două întrebări despre basm.", "Scrie douăzeci de întrebări despre basm."),
    ("Γράψε δύο προτάσεις για τη θάλασσα.", "Γράψε δώδεκα προτάσεις για τη θάλασσα."),
    ("Kerro kaksi faktaa hauesta.", "Kerro kaksitoista faktaa hauesta."),
    ("Mitä ehtii kahdessa tunnissa?", "Mitä ehtii viidessä tunnissa?"),
    ("Kirjuta kaks lauset merest.", "Kirjuta seitse lauset merest."),
    ("Parašyk du sakinius apie jūrą.", "Parašyk penkis sakinius apie jūrą."),
    ("Uzraksti divus teikumus par jūru.", "Uzraksti septiņus teikumus par jūru."),
    ("Skriv to sætninger om havet.", "Skriv toogtyve sætninger om havet."),
    ("Skriv to setninger om havet.", "Skriv sju setninger om havet."),
    ("Skrifaðu tvær setningar um hafið.", "Skrifaðu fimm setningar um hafið."),
    ("Skriv två meningar om havet.", "Skriv tolv meningar om havet."),
    ("Deniz hakkında iki cümle yaz.", "Deniz hakkında on iki cümle yaz."),
    ("Tulis dua kalimat tentang laut.", "Tulis dua belas kalimat tentang laut."),
    ("Viết hai câu về biển.", "Viết hai mươi câu về biển."),
    ("Andika sentensi mbili kuhusu bahari.", "Andika sentensi tano kuhusu bahari."),
    ("Sumulat ng dalawang pangungusap.", "Sumulat ng limang pangungusap."),
    ("समुद्र पर दो वाक्य लिखो।", "समुद्र पर बारह वाक्य लिखो।"),
    ("সমুদ্র নিয়ে দুটি বাক্য লেখো।", "সমুদ্র নিয়ে পাঁচটি বাক্য লেখো।"),
    ("سمندر پر دو جملے لکھو۔", "سمندر پر پانچ جملے لکھو۔"),
    ("دو جمله درباره دریا بنویس.", "دوازده جمله درباره دریا بنویس."),
    ("اكتب ثلاثة أسئلة عن البحر.", "اكتب ثلاثة عشر سؤالا عن البحر."),
    ("כתוב שני משפטים על הים.", "כתוב חמישה משפטים על הים."),
    ("เขียนสองประโยคเกี่ยวกับทะเล", "เขียนสิบสองประโยคเกี่ยวกับทะเล"),
    ("바다에 대해 두 문장을 써 줘.", "바다에 대해 열두 문장을 써 줘."),
    ("삼 개월 동안 무엇을 배울 수 있나요?", "십삼 개월 동안 무엇을 배울 수 있나요?"),
    ("写三个关于大海的句子。", "写十三个关于大海的句子。"),
    ("海についての俳句を二つ書いて。", "海についての俳句を五つ書いて。"),
    ("Escribe dos frases sobre el mar.", "Escribe tres frases sobre el mar."),
    ("Qui est le deuxième président du pays ?", "Qui est le troisième président du pays ?"),
    ("Kdo byl druhým prezidentem?", "Kdo byl třetím prezidentem?"),
    ("What can I see in two hundred days?", "What can I see in three hundred days?"),
    ("Que faire en dix-sept jours ?", "Que faire en sept jours ?"),
)
SAME_AMOUNT = (
    ("Napiš dvě věty o zimě.", "Napiš 2 věty o zimě."),
    ("Napiš dvacet tři vět.", "Napiš 23 vět."),
    ("Napiš dvacet tři vět.", "Napiš třiadvacet vět."),
    ("Mitä ehtii kahdessa tunnissa?", "Mitä ehtii 2 tunnissa?"),
    ("Írj huszonhárom mondatot.", "Írj 23 mondatot."),
    ("Tulis dua belas kalimat.", "Tulis 12 kalimat."),
    ("Viết hai mươi lăm câu.", "Viết 25 câu."),
    ("اكتب ثلاثة عشر سؤالا", "اكتب 13 سؤالا"),
    ("写三个句子", "写3个句子"),
    ("两个人要住多久?", "二个人要住多久?"),
    ("2万円で何が買える?", "20000円で何が買える?"),
    ("한 시간이면 되나요?", "1 시간이면 되나요?"),
    ("เขียนสองประโยค", "เขียน 2 ประโยค"),
    ("On iki cümle yaz.", "12 cümle yaz."),
    ("Que faire en dix-sept jours ?", "Que faire en 17 jours ?"),
    ("quatre-vingt-dix-sept jours", "97 jours"),
    ("What is two hundred and fifty divided by five?", "What is 250 divided by five?"),
    ("What happened in nineteen ninety?", "What happened in 1990?"),
    ("how 2 cook rice", "how to cook rice"),
    ("un élève de 99", "une élève de 99"),
    ("Is a hundred days enough?", "Is one hundred days enough?"),
    ("Is one and a half enough?", "Is 1.5 enough?"),
)
ORDERED = (
    ("Give me a fact about octopuses.", "Give me facts about octopuses."),
    ('Write a sentence using the word "moose".', 'Write sentences using the word "moose".'),
    ("Please suggest a polite name for a dog.", "Please suggest some polite names for a dog."),
    ("Tell me a joke about cats.", "Tell me ten jokes about cats."),
    ("Can you write a poem about rain?", "Can you write several poems about rain?"),
    ("Name one country with two capitals.", "Name all countries with two capitals."),
    ("Tell me a fun story for a child.", "Tell me fun stories for a child."),
    ("Nenne ein Beispiel für Ironie.", "Nenne Beispiele für Ironie."),
    ("Schreib mir einen Satz mit Hund.", "Schreib mir Sätze mit Hund."),
    ("Donne-moi un exemple de sarcasme.", "Donne-moi des exemples de sarcasme."),
    ("Dame un ejemplo de ironía.", "Dame ejemplos de ironía."),
    ("Dammi un esempio di ironia.", "Dammi alcuni esempi di ironia."),
    ("Escreva uma frase sobre o mar.", "Escreva frases sobre o mar."),
    ("Geef me een voorbeeld van ironie.", "Geef me voorbeelden van ironie."),
    ("Skriv en mening om havet.", "Skriv meningar om havet."),
)
ASKED = (
    ("Can a dog eat grapes?", "Can dogs eat grapes?"),
    ("How do I write a good answer?", "How do I write good answers?"),
    ("Write a story about a dog.", "Write a story about dogs."),
    ("Give me instructions for the tent.", "Give me an instruction for the tent."),
    ("Write a code for sorting.", "Write code for sorting."),
    ("Give me some tips for sleep.", "Give me tips for sleep."),
    ("Tell me one joke.", "Tell me a joke."),
    ("Tell me 1 joke.", "Tell me a joke."),
    ("Was ist ein gutes Beispiel?", "Was sind gute Beispiele?"),
)
MENTIONS = (
    ('Mitä tarkoittaa "pitää jostakin"?', 'Mitä tarkoittaa "pitää jotakin"?'),
    ('What does "affect" mean?', "What does “effect” mean?"),
    ("What is the plural of 'dice'?", "What is the plural of 'mice'?"),
    ("Was heißt „das Band“ genau?", "Was heißt „der Bund“ genau?"),
    ("Que veut dire « poisson » ?", "Que veut dire « poison » ?"),
    ("「は」の使い方を教えて", "「が」の使い方を教えて"),
    ('When do I write "its"?', 'When do I write "it\'s"?'),
    ('What does "every day" mean?', 'What does "everyday" mean?'),
)
SAME_MENTION = (
    ('What does "touch base" mean?', "What does 'Touch Base' mean?"),
    ('What does "affect" mean?', "What does 'affect' mean?"),
    ('What does "affect" mean?', "What does “affect.” mean?"),
    ("Was heißt „Band“?", "Was heißt »Band«?"),
    ('What does "affect" mean?', "What does affect mean?"),
    ('What does "to touch base" mean?', 'What does "touch base" mean?'),
    ('Is "e-mail" one word?', 'Is "email" one word?'),
    ('How do "since" and "for" differ?', 'How do "for" and "since" differ?'),
    ('pip says "Microsoft Visual C++ is required"', 'pip says "Microsoft Visual C++ is requried"'),
)
CHANGES = (
    ("How much is 40 divided by a half?", "How much is 40 divided in half?"),
    ("What if rents increase by 5 percent?", "What if rents increase to 5 percent?"),
    ("Was, wenn die Miete um 5 % steigt?", "Was, wenn die Miete auf 5 % steigt?"),
    ("Et si le taux baisse de 2 % ?", "Et si le taux baisse à 2 % ?"),
    ("Что если налог вырос на 5 процентов?", "Что если налог вырос до 5 процентов?"),
    ("What is 20% of 50 dollars?", "What is 20% off 50 dollars?"),
    ("How do I get data into a table?", "How do I get data out of a table?"),
)
NO_CHANGE = (
    ("How do I cut a cake in half?", "How do I cut a cake by half?"),
    ("Can I travel to 5 countries by bus?", "Can I travel by bus to 5 countries?"),
    ("El precio va a aumentar un 5 %", "El precio va a aumentar en 5 %"),
    ("What is 40 divided by two?", "What is 40 divided into two?"),
    ("Does water at 5 °C freeze?", "Does water of 5 °C freeze?"),
)


@pytest.mark.parametrize(("one", "other"), AMOUNTS)
def test_another_number_is_refused_where_the_rest_is_the_same_in_the_forms_it_asks_for(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "amount"


@pytest.mark.parametrize(("one", "other"), ORDERED)
def test_who_orders_one_is_not_given_what_several_were_made_for(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "amount"


@pytest.mark.parametrize(("one", "other"), (*SAME_AMOUNT, *ASKED))
def test_the_same_number_in_another_form_is_left_to_the_judge(one: str, other: str) -> None:
    assert {veto(read(one), read(other)), veto(read(other), read(one))}.isdisjoint(CERTAIN)


@pytest.mark.parametrize(("one", "other"), MENTIONS)
def test_another_word_in_quotation_marks_is_refused(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "mention"
    assert "mention" in CERTAIN


@pytest.mark.parametrize(("one", "other"), SAME_MENTION)
def test_quoting_a_word_another_way_is_left_to_the_judge(one: str, other: str) -> None:
    assert {veto(read(one), read(other)), veto(read(other), read(one))}.isdisjoint(CERTAIN)


@pytest.mark.parametrize(("one", "other"), CHANGES)
def test_by_how_much_is_not_to_how_much(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "contrary"


@pytest.mark.parametrize(("one", "other"), NO_CHANGE)
def test_a_small_word_that_says_the_same_is_left_to_the_judge(one: str, other: str) -> None:
    assert {veto(read(one), read(other)), veto(read(other), read(one))}.isdisjoint(CERTAIN)


@pytest.mark.parametrize("text", ["十", "あ"])
def test_a_text_of_blanks_differs_from_others_and_breaks_nothing(text: str) -> None:
    assert veto(read(text), read(" ")) and veto(read(" "), read(text))
