"""Questions whose answer changes by the day are the model's; those that only speak of time are not."""

import pytest

from tidegate.cache.admission import Bypass, Wishes
from tidegate.cache.timely import RULES, SHORT, Timely
from tidegate.engine.dialects import Question

CHANGING = (
    "What is the weather today in Boston?",
    "What's the weather like in Oslo",
    "Will it rain tomorrow?",
    "what time is it in Tokyo?",
    "What is the current price of gold?",
    "Bitcoin price",
    "What is the latest stable version of Node.js?",
    "Who is the current president of France?",
    "Is the museum open now?",
    "EUR to USD exchange rate",
    "What's going on in Sudan?",
    "When does Ramadan end this year?",
    "Wie wird das Wetter in Köln?",
    "Was passiert heute in Berlin?",
    "Quelle heure est-il à Montréal ?",
    "Quel est le taux de change ?",
    "¿Qué tiempo hace en Madrid?",
    "Qual é a previsão do tempo?",
    "Che ore sono?",
    "Hoe laat is het?",
    "Jaka jest pogoda w Krakowie?",
    "İstanbul'da hava nasıl?",
    "Какая сегодня погода?",
    "今天北京天气怎么样？",
    "今日のニュースを教えて",
    "지금 환율이 얼마야?",
    "ما هي حالة الطقس في القاهرة؟",
    "आज मौसम कैसा है?",
    "What year is it?",
    "what day of the week is it",
    "How many days are left until Christmas?",
    "When is the next full moon?",
    "Who won the Lakers game last night?",
    "What happened in Paris yesterday?",
    "How much is 100 euros in dollars?",
    "1 BTC in USD",
    "Wer hat gestern gewonnen?",
    "Wie viele Tage sind es noch bis Weihnachten?",
    "Que s'est-il passé hier ?",
    "Quel jour sommes-nous ?",
    "Combien de jours avant Noël ?",
    "Combien de jours reste-t-il jusqu'à Noël ?",
    "Wie viele Wochen sind es bis Ostern?",
    "¿Cuántos días faltan para Navidad?",
    "Что случилось вчера?",
    "昨天发生了什么？",
    "台北天氣如何？",
    "现任总统是谁？",
    "即時路況",
    "이번 주 날씨",
    "本周有什么新闻？",
    "現在幾點？",
    "今年谁赢了世界杯？",
    "올해 최저임금은 얼마인가요?",
    "ماذا يحدث غدًا في باريس؟",
    "كم سعر الدولار؟",
    "सोने का भाव क्या है?",
    "दिल्ली में आज क्या हो रहा है?",
    "อากาศวันนี้เป็นอย่างไร",
    "ราคาทองเท่าไหร่",
    "ตอนนี้กี่โมงแล้ว",
    "Millainen sää Helsingissä on?",
    "Paljonko kello on?",
    "Mitä tapahtuu tänään Turussa?",
    "Kuka on Suomen nykyinen presidentti?",
    "ŞİMDİ HAVA NASIL?",
    "Dolar kaç lira?",
    "What's the score of the Lakers game?",
    "Is the stock market open?",
    "What is Tesla stock at?",
    "What's Bitcoin worth?",
    "What's the temperature outside?",
    "Who is leading the Premier League?",
    "Any news about the strike?",
    "Wie ist das Wetter?",
    "Wie wird das Wetter morgen?",
    "Wie warm ist es draußen?",
    "Wann fährt der nächste Bus?",
    "Wann ist der nächste Vollmond?",
    "Was kostet Bitcoin?",
    "Hat die Apotheke jetzt offen?",
    "Quel temps fait-il ?",
    "Quel jour est-on ?",
    "Quel est le prix du bitcoin ?",
    "Combien vaut un euro en dollars ?",
    "Quand passe le prochain bus ?",
    "¿Qué tiempo hará mañana?",
    "¿A cuánto está el dólar?",
    "¿Cuándo es el próximo partido?",
    "Como está o tempo em Lisboa?",
    "Qual a cotação do dólar?",
    "Quanto vale un bitcoin?",
    "Che giorno è?",
    "Quando passa il prossimo treno?",
    "Hoe is het weer?",
    "Wat voor weer wordt het morgen?",
    "Wie heeft gisteren gewonnen?",
    "Hoeveel dagen nog tot kerst?",
    "Kto wygrał wczoraj?",
    "Ile dni do świąt?",
    "Dün maçı kim kazandı?",
    "Bitcoin ne kadar?",
    "Сколько стоит биткоин?",
    "Сколько дней до Нового года?",
    "比特币多少钱？",
    "昨日誰が勝った？",
    "어제 누가 이겼어?",
    "크리스마스까지 며칠 남았어?",
    "من فاز أمس؟",
    "कल बारिश होगी क्या?",
    "What's trending on Twitter?",
    "How hot is it outside?",
    "Regnet es in Hamburg?",
    "Wann kommt die nächste S-Bahn?",
    "Quel temps fait-il en France ?",
    "Wanneer komt de volgende trein?",
    "Bitcoin fiyatı kaç?",
    "比特币价格是多少？",
    "晚上会下雨吗？",
    "ビットコインの価格を教えて",
    "비트코인 가격이 얼마야?",
    "كيف الطقس؟",
    "बिटकॉइन की कीमत बताओ",
)
LASTING = (
    "How do I undo my latest commit?",
    "Sort rows by date, newest first",
    "What is weather made of?",
    "Explain now() in PostgreSQL",
    "How long does it take to boil an egg?",
    "What is the time complexity of quicksort?",
    "How do exchange programs work?",
    "What year did the Berlin Wall fall?",
    "Wie koche ich Reis?",
    "Comment faire du pain ?",
    "光合作用是什么？",
    "I made too much rice yesterday. How long does it keep?",
    "In yesterday's meeting Tom presented my work as his. How do I answer?",
    "How long until bread dough has risen?",
    "When do Next.js pages re-render?",
    "When does next() raise StopIteration?",
    "Wie viele Tage dauert es, bis ein Hühnerei ausgebrütet ist?",
    "Combien de jours faut-il avant de sevrer un chaton ?",
    "How many pounds are in a stone?",
    "What comes next in the sequence 2, 4, 8?",
    "Wie lange ist Reis von gestern haltbar?",
    "Mon potage d'hier reste bon jusqu'à quand ?",
    "Сколько стоит построить дом?",
    "भारत की आजादी कब मिली?",
    "मुझे आज़ादी पर निबंध लिखो",
    "ماذا أطبخ على الغداء؟",
    "لماذا نحتاج إلى غداء صحي؟",
    "ร้านนี้เปิดกี่โมง",
    "ทำไมท้องฟ้าถึงเป็นสีฟ้า",
    "Miten keitän riisiä?",
    "Mitä eilen tarkoittaa englanniksi?",
    "Altın neden değerlidir?",
    "什么是时区？",
    "时差是什么？",
    "发现任何错误时怎么办？",
    "如何实现任务队列？",
    "什么是即时编译？",
    "資本週轉率是什麼？",
    "奖金价值怎么算？",
    "이번 주제를 요약해줘",
    "Altın kaç derecede erir?",
    "Euro kaç ülkede kullanılır?",
    "อากาศเป็นพิษคืออะไร",
    "What is Bitcoin?",
    "Was ist Bitcoin?",
    "What is the score needed to pass the TOEFL?",
    "How much does gold cost to mine?",
    "What is stock at rest?",
    "Wie entsteht Wetter?",
    "Wie zeichne ich eine Gerade?",
    "Wann ist der nächste Schritt sinnvoll, wenn eine Mahnung nichts half?",
    "Quel temps utiliser après « si » ?",
    "Quelle est la date de la prise de la Bastille ?",
    "¿Cuánto tiempo se cuece un huevo?",
    "Quanto costa costruire una casa?",
    "Hoe krijg ik mijn shirt weer schoon? Hoe wordt het weer wit?",
    "Ile kosztuje remont łazienki?",
    "Сколько времени варить яйца?",
    "How do I make a post trending on Twitter?",
    "What does a temperature outside the normal range mean?",
    "What was the score in the 1966 World Cup final match?",
    "Warum regnet es in London so viel?",
    "Wie wird das Wetter vorhergesagt?",
    "Wie ist das Wetter im Mai auf Mallorca?",
    "Wann kommt der nächste Wachstumsschub bei Babys?",
    "Welches Datum ist auf Rechnungen Pflicht?",
    "Quel temps fait-il à Lisbonne en mars ?",
    "¿Qué fecha es la Navidad?",
    "Che giorno è San Valentino?",
    "Welke dag is het beste om te vliegen?",
    "Waarom regent het in Bergen zo veel?",
    "Wanneer is de volgende dosis nodig?",
    "Bitcoin fiyatı nasıl belirlenir?",
    "比特币价格由什么决定？",
    "火星会下雨吗？",
    "ビットコインの価格はどう決まる？",
    "비트코인 가격은 어떻게 결정되나요?",
    "엑셀에서 마감일까지 며칠 남았는지 구하는 수식",
    "ما الطقس وما المناخ؟",
    "बिटकॉइन की कीमत कैसे तय होती है?",
)


@pytest.mark.parametrize("text", CHANGING)
def test_what_changes_by_the_day_is_left_to_the_model(text: str) -> None:
    assert Timely().reason(text) == "time-sensitive"


@pytest.mark.parametrize("text", LASTING)
def test_what_lasts_may_be_remembered(text: str) -> None:
    assert Timely().reason(text) == ""


def test_of_a_long_text_the_end_is_looked_at() -> None:
    story = "We had lunch today, and then we talked about pumps. " * 20
    assert len(story) > SHORT
    assert Timely().reason(story + "Summarise the text, and leave nothing out. " * 4) == ""
    assert Timely().reason(story + "What is the weather like in Rome?") == "time-sensitive"


def test_the_operator_s_own_words_are_whole_words_in_any_case() -> None:
    own = Timely(["Stock level", "menu", "C++"], builtin=False)
    assert [own.reason(text) for text in ("the STOCK\n level?", "Menu?", "what of c++ here")] == ["word"] * 3
    assert [own.reason(text) for text in ("menus", "stock levels", "weather today")] == [""] * 3


def test_every_rule_is_found_by_its_words() -> None:
    """A word that the splitting of texts never yields would be a rule that never fires."""
    words = [word for line, _ in RULES for word in line.split()]
    assert all(word.isalnum() and word == word.lower() for word in words)


def test_reasons_come_in_order_and_sampling_can_be_allowed() -> None:
    hot = Question({}, "a question", "sampling")
    assert Bypass().reason(hot, Wishes()) == "sampling"
    assert Bypass(sampled=False).reason(hot, Wishes()) == ""
    assert Bypass(sampled=False).reason(Question({}, "x", "tool-result"), Wishes()) == "tool-result"
    assert Bypass(Timely()).reason(Question({}, "the weather today"), Wishes(no_store=True)) == "no-store"
    assert Bypass(Timely()).reason(Question({}, "the weather today"), Wishes()) == "time-sensitive"
