"""Ordinary texts, made here with a fixed seed, and how many of them the rules stop with and without views.

Code comes from Python's own library, images are random bytes with the head of their format, sentences in twelve scripts
are ours and drawn together anew. None is an attack, so whatever is stopped is a false alarm.
"""

import base64
import json
import random
import struct
import sysconfig
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...guardrails.rules.compile import load_ruleset
from ...guardrails.rules.ruleset import Group, Ruleset
from ...guardrails.scan import scan
from ..rule_models import hand_models
from .stats import share

PACKS = ("pack:injection", "pack:jailbreak", "pack:exfiltration", "pack:toxicity-lite")
TEXTS = 5_000

SENTENCES = {
    "Latin": "The bus was late again today.|We moved the meeting to Thursday.|Could you check the second column?|My "
    "sister bakes bread on Sundays.|Der Zug hatte zehn Minuten Verspätung.|La reunión empieza a las nueve.",
    "Cyrillic": "Автобус сегодня снова опоздал.|Мы перенесли встречу на четверг.|Проверь, пожалуйста, второй столбец.|"
    "Моя сестра печёт хлеб по воскресеньям.|На улице идёт дождь.",
    "Greek": "Το λεωφορείο άργησε πάλι σήμερα.|Μεταφέραμε τη συνάντηση στην Πέμπτη.|Έλεγξε τη δεύτερη στήλη.|Η αδελφή "
    "μου φτιάχνει ψωμί.",
    "Arabic": "تأخرت الحافلة مرة أخرى اليوم.|نقلنا الاجتماع إلى يوم الخميس.|هل يمكنك مراجعة العمود الثاني؟|أختي تخبز "
    "الخبز يوم الأحد.",
    "Hebrew": "האוטובוס איחר שוב היום.|העברנו את הפגישה ליום חמישי.|"
    "אפשר לבדוק את העמודה השנייה?|אחותי אופה לחם בימי ראשון.",
    "Devanagari": "आज बस फिर देर से आई।|हमने बैठक गुरुवार को कर दी है।|"
    "क्या आप दूसरा कॉलम देख सकते हैं?|मेरी बहन रविवार को रोटी बनाती है।",
    "Bengali": "আজ বাস আবার দেরি করেছে।|আমরা বৈঠকটি বৃহস্পতিবারে নিয়েছি।|দ্বিতীয় কলামটি দেখবেন?|আমার বোন রবিবারে রুটি বানায়।",
    "Thai": "วันนี้รถเมล์มาสายอีกแล้ว|เราเลื่อนประชุมไปวันพฤหัสบดี|ช่วยดูคอลัมน์ที่สองหน่อยได้ไหม|น้องสาวฉันอบขนมปังทุกวันอาทิตย์",
    "Han": "今天公交车又晚点了。|我们把会议改到星期四。|请看一下第二列。|我妹妹星期天烤面包。",
    "Japanese": "今日もバスが遅れました。|会議を木曜日に移しました。|"
    "二列目を見てもらえますか。|妹は日曜日にパンを焼きます。",
    "Hangul": "오늘도 버스가 늦었어요.|회의를 목요일로 옮겼습니다.|"
    "두 번째 열을 확인해 주세요.|동생은 일요일마다 빵을 구워요.",
    "Armenian": "Ավտոբուսն այսօր նորից ուշացավ։|Հանդիպումը տեղափոխեցինք հինգշաբթի։|"
    "Ստուգիր երկրորդ սյունակը։|Քույրս կիրակի հաց է թխում։",
}
EMOJI = "😀 🎉 👩🏽‍💻 🇩🇪 🏳️‍🌈 ❤️ 👍🏿 🍞 🚌 ☔ 1️⃣ 👨‍👩‍👧 🤷‍♀️ ✅ 🐕‍🦺 🇯🇵 ✨ 🔢".split()
_WORDS = "id name total price when status note items from user page ok error next size color".split()


def measure(count: int = TEXTS, *, reads: bool = True) -> dict[str, Any]:
    """False alarms with views and without, by kind of text, and what the views alone add.

    `reads` hands out the reader.
    """
    ruleset = load_ruleset(list(PACKS))
    if reads:
        hand_models(ruleset)
    plain = _without_views(ruleset)
    by_kind: dict[str, Counter[str]] = {}
    by_rule: Counter[str] = Counter()
    for kind, text in texts(count):
        counts = by_kind.setdefault(kind, Counter())
        counts["of"] += 1
        found = scan(ruleset, text)
        counts["with"] += found.text is None
        if found.text is None:
            by_rule.update({find.rule for find in found.findings})
        counts["without"] += scan(plain, text).text is None
    total = sum(by_kind.values(), Counter[str]())
    return {
        "with views": share(total["with"], total["of"]),
        "without": share(total["without"], total["of"]),
        "points added": round(100 * (total["with"] - total["without"]) / max(1, total["of"]), 3),
        "by rule": dict(by_rule.most_common()),
        "by kind": {kind: dict(counts) for kind, counts in sorted(by_kind.items())},
    }


def _without_views(ruleset: Ruleset) -> Ruleset:
    rules = tuple(replace(rule, views="none") for rule in ruleset.rules)
    groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in ruleset.groups}
    return replace(ruleset, rules=rules, groups=groups)


def texts(count: int, seed: int = 7) -> list[tuple[str, str]]:
    """So many (kind, text), equal for equal seeds on one release of Python."""
    rng = random.Random(seed)
    sources = _sources(rng)
    makers: list[tuple[str, Callable[[], str]]] = [
        ("code", lambda: _slice(rng, sources)),
        ("code, base64", lambda: base64.b64encode(_slice(rng, sources)[:400].encode()).decode()),
        ("image", lambda: _image(rng)),
        ("emoji", lambda: _emoji(rng)),
        ("records", lambda: _records(rng)),
        *((f"script, {name}", lambda name=name: _prose(rng, name)) for name in SENTENCES),
    ]
    # Half is prose in twelve scripts, half the rest.
    weights = [2.4] * 5 + [1.0] * len(SENTENCES)
    return [(kind, make()) for kind, make in rng.choices(makers, weights, k=count)]


def _sources(rng: random.Random) -> Sequence[str]:
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return [path.read_text("utf-8", errors="replace") for path in rng.sample(paths, min(60, len(paths)))]


def _slice(rng: random.Random, sources: Sequence[str]) -> str:
    text = rng.choice(sources)
    at = rng.randrange(max(1, len(text) - 1_500))
    return text[at : at + rng.randint(200, 1_500)]


def _image(rng: random.Random) -> str:
    width = rng.randint(8, 24)
    raw = zlib.compress(rng.randbytes(width * (3 * width + 1)))
    head = struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in ((b"IHDR", head), (b"IDAT", raw), (b"IEND", b"")))
    data = base64.b64encode(png).decode()
    return rng.choice(("", "data:image/png;base64,", "![chart](data:image/png;base64,")) + data


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _emoji(rng: random.Random) -> str:
    return _prose(rng, "Latin") + " " + "".join(rng.choices(EMOJI, k=rng.randint(3, 60)))


def _records(rng: random.Random) -> str:
    rows = [
        {
            rng.choice(_WORDS): rng.choice((rng.random(), rng.randint(0, 10**9), rng.randbytes(12).hex())),
            "ref": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "url": f"https://shop.example/p?{rng.choice(_WORDS)}={rng.randint(1, 999)}%20{rng.choice(_WORDS)}",
        }
        for _ in range(rng.randint(1, 8))
    ]
    if rng.random() < 0.5:
        return json.dumps(rows)
    return "\n".join(" ".join(f"{key}={value}" for key, value in row.items()) for row in rows)


def _prose(rng: random.Random, script: str) -> str:
    return " ".join(rng.choices(SENTENCES[script].split("|"), k=rng.randint(2, 20)))
