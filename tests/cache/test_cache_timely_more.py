"""What is asked of this moment in further languages, and what merely mentions a day in them."""

import re

import pytest

from tidegate.cache.rules.timely import Timely
from tidegate.cache.rules.timely_more import MORE

CHANGING = (
    *("Vad är klockan?", "Hur blir vädret i morgon?", "Hvad er klokken?", "Hvordan er været i Oslo i dag?"),
    *("Kolik je hodin?", "Jaké bude počasí v Brně?", "Koľko je hodín?", "Mennyi az idő?", "Mi lesz holnap a moziban?"),
    *("Cât e ceasul?", "Ce deschis e astăzi?", "Cum e vremea la Cluj?", "Τι ώρα είναι;", "Τι καιρό θα κάνει αύριο;"),
    *("Котра година?", "Який курс долара?", "Яка зараз погода?", "Jam berapa sekarang?", "harga emas hari ini"),
    *("Bagaimana cuaca di Bali?", "Bây giờ là mấy giờ?", "Thời tiết Hà Nội", "giá vàng", "Hôm nay ngày mấy?"),
    *("מה השעה?", "מה קורה עכשיו?", "ساعت چند است؟", "امروز چه روزی است؟", "آج کیا تاریخ ہے؟", "আজ কী বার?"),
    *("¿Quién ganó el partido?", "Quem ganhou o jogo?", "Chi ha vinto la partita?", "Qui a gagné le match ?"),
    *("Wer hat das Spiel gewonnen?", "Kto wygrał mecz?", "Кто выиграл матч?", "Maçı kim kazandı?", "谁赢了比赛？"),
    *("من فاز في المباراة؟", "मैच किसने जीता?", "試合は誰が勝ちましたか", "Is GPT-5 out yet?"),
    *(
        "Has Apple released iOS 20 yet?",
        "news about Ukraine",
        "Are there any traffic jams on the A1?",
        "mortgage rates",
    ),
    *("Who leads the Premier League?", "How long until sunset?", "Which Node version is the current LTS?"),
    *("recent papers on diffusion models", "Did they announce the date yet?"),
    *("Is my flight BA117 on time?", "Which movies are in theaters?", "Who is the president of Turkey currently?"),
)
LASTING = (
    *("Vad betyder klockan tolv?", "Skriv ett mejl om att min dotter är sjuk i dag.", "Hur uppstår vädret?"),
    *("Jak se řekne anglicky „zítra“", "Můj pes utekl, co teď?", "Fordítsd angolra: Holnap ráérek."),
    *("Acum cinci ani am fost la Roma, ce s-a schimbat în Italia de la război?", "Τι σημαίνει η λέξη ώρα;"),
    *("Tulis pesan: anak saya sakit hari ini.", "Thời tiết là gì?", "Dịch sang tiếng Anh: ngày mai tôi nghỉ."),
    *("¿Quién ganó la Guerra Civil?", "Chi ha vinto la partita del 1970?", "Wer hat das Spiel 2014 gewonnen?"),
    *("Write news about a made-up election, in three paragraphs: who ran, and why?", "What are traffic jams?"),
    *(
        "How do mortgage rates work?",
        "Who leads the choir in the film?",
        "How long do I wait before sunset to plant it?",
    ),
    *("Who is the richest person in Africa?", "Is it wrong that I have not started yet?", "What does LTS mean?"),
    *("Кто выиграл войну 1812 года?", "Is my idea out there?", "How do I keep a train on time in a model?"),
)


@pytest.mark.parametrize("text", CHANGING)
def test_what_changes_by_the_day_is_left_to_the_model(text: str) -> None:
    assert Timely().reason(text) == "time-sensitive"


@pytest.mark.parametrize("text", LASTING)
def test_what_lasts_may_be_remembered(text: str) -> None:
    assert Timely().reason(text) == ""


def test_every_rule_can_be_read() -> None:
    for words, pattern in MORE:
        assert words.split()
        re.compile(pattern)
