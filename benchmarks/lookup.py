"""What a lookup costs: python -m benchmarks.lookup [--entries 10000,100000] [--runs N] [--json].

Inside the process: the cache stage with its memory store, index and verifier, one scope and frame for all entries.
Stored are prompts of training/data/semcache and, beyond their number, those with other words in them.

Asked are: prompts about other things (a miss that the static gate ends), prompts near a stored one (mostly a miss after
the verifier), stored prompts of about 40 tokens in other words (a semantic hit), stored prompts (an exact hit).
`cpu` is processor time of all threads: what is left of a figure on a busy machine. Beside it, where they are installed,
GPTCache (sqlite and FAISS) and RedisVL (a Redis with search), with the same encoder through sentence-transformers, as
many entries, and the thresholds that they ship with.
"""

import argparse
import asyncio
import importlib.util
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tidegate.cache.answer import VERSION, Answer, Piece
from tidegate.cache.judged import JudgedVerifier
from tidegate.cache.key import place
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores.memory import MemoryStore
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.ports import Entry
from tidegate.engine.sse import Event
from tidegate.models.embedding.onnx import load as load_encoder
from tidegate.models.embedding.static import load_static
from tidegate.models.judge import Judge
from tidegate.models.words import words

PAIRS = Path(__file__).parents[1] / "training" / "data" / "semcache"
DIALECT = OpenAIChat()
ANSWER = DIALECT.canned({"model": "m"}, "An answer.")
CUT = {**ANSWER, "choices": [{**ANSWER["choices"][0], "finish_reason": "length"}]}
"""What the model says to a miss: it is not kept, so that the next run finds the same."""
THINGS = (
    "kettle violin harbour glacier saddle lantern orchard compass anvil meadow turbine quilt beacon ferry loom".split()
)

CHANGED = "copper walnut invoice senate tulip vaccine prism chess tariff mosaic tenant soprano quasar yeast".split()
"""Words that make more entries of those that there are."""


def exchange(text: str) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return Exchange(DIALECT, DIALECT.path, {}, body, "m", False)


async def model(asked: Exchange) -> Reply:
    return Reply.whole(200, json.dumps(CUT).encode(), [("content-type", "application/json")])


class Texts:
    """What is stored and what is asked, always the same."""

    def __init__(self, entries: int) -> None:
        rng = random.Random(5)
        rows = [json.loads(line) for path in sorted(PAIRS.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
        same = [(row["a"], row["b"]) for row in rows if row["same"] and row["a"] != row["b"]]
        self.reworded = [pair for pair in same if all(35 <= len(words().ids(text)) <= 45 for text in pair)]
        real = list(dict.fromkeys(text for row in rows for text in (row["a"], row["b"]) if len(text) < 600))
        asked = {b for _, b in self.reworded}
        rng.shuffle(real)
        real = [text for text in real if text not in asked]
        self.near, real = real[:200], real[200:]
        self.stored = list(dict.fromkeys([a for a, _ in self.reworded] + real))[:entries]
        known = set(self.stored)
        while len(self.stored) < entries:
            mixed = rng.choice(real).split()
            for at in rng.sample(range(len(mixed)), min(len(mixed), 3)):
                mixed[at] = f"{rng.choice(CHANGED)}{rng.randrange(1000)}"
            if (text := " ".join(mixed)) not in known:
                known.add(text)
                self.stored.append(text)
        self.other = [
            f"Why would a {rng.choice(THINGS)} hum beside the {one} number {n}?" for n, one in enumerate(THINGS * 14)
        ]


class Ours:
    """The stage as a gate builds it, its entries in place."""

    name = "tidegate"

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.store = MemoryStore(10**6, 1 << 34)
        verifier = JudgedVerifier(Judge(), 0.01)
        self.stage = CacheStage(
            *(self.store, verifier, lambda _: "rules", None),
            embedder=load_encoder(),
            static=load_static(),
            share="key",
            max_vectors=10**6,
        )  # type: ignore[arg-type]

    async def fill(self) -> None:
        raw = json.dumps(ANSWER).encode()
        now = time.time()
        for text in self.texts.stored:
            asked = exchange(text)
            where = place(asked, DIALECT.question(asked.body), "key")
            kept = Answer(
                VERSION,
                where.partition,
                text,
                False,
                b"",
                [Piece.of(Event.whole(raw))],
                "application/json",
                "m",
                "rules",
            )
            await self.store.put(Entry(where.key, where.partition, kept.encode(), now, now + 1e6))
        await self.stage.start()
        semantic = self.stage.semantic
        assert semantic is not None and not semantic.off, semantic
        while len(semantic) < len(self.texts.stored):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        semantic._index.settle()

    async def ask(self, text: str) -> tuple[float, float, str]:
        """Milliseconds, those of the processor, and what came of it."""
        asked = exchange(text)
        began, used = time.perf_counter(), time.process_time()
        reply = await self.stage(asked, model)
        await reply.read()
        took, used = (time.perf_counter() - began) * 1e3, (time.process_time() - used) * 1e3
        await reply.aclose()
        await self.stage.background.drain()
        return took, used, asked.cache.detail if asked.cache.status == "hit" else asked.cache.status

    def turned_away(self) -> float:
        return self.stage.semantic.counts["gated"] if self.stage.semantic is not None else 0


async def ours(entries: int, runs: int) -> dict[str, Any]:
    texts = Texts(entries)
    gate = Ours(texts)
    await gate.fill()
    found: dict[str, Any] = {"who": "tidegate", "entries": entries}
    kinds: tuple[tuple[str, list[str], str], ...] = (
        ("miss", texts.other, "miss"),
        ("miss near a stored one", texts.near, "miss"),
        ("semantic hit", [b for _, b in texts.reworded], "semantic"),
        ("exact hit", texts.stored[: 10 * runs], "exact"),
    )
    for name, asked, wanted in kinds:
        before, took, used = gate.turned_away(), list[float](), list[float]()
        tried = 0
        for text in asked:
            ms, cpu, what = await gate.ask(text)
            tried += 1
            if what == wanted:
                took.append(ms)
                used.append(cpu)
            if len(took) >= runs:
                break
        found[name] = figures(took, used) | {"of": tried, "ended_by_the_gate": round(gate.turned_away() - before)}
    await gate.stage.aclose()
    return found


def figures(took: list[float], used: list[float]) -> dict[str, Any]:
    if not took:
        return {"count": 0, "p50_ms": None, "p95_ms": None, "cpu_p50_ms": None}
    return {
        "count": len(took),
        "cpu_p50_ms": round(float(np.percentile(used, 50)), 3),
        "p50_ms": round(float(np.percentile(took, 50)), 3),
        "p95_ms": round(float(np.percentile(took, 95)), 3),
    }


def timed(ask: Callable[[str], bool], asked: list[str], wanted: bool, runs: int) -> dict[str, Any]:
    took: list[float] = []
    used: list[float] = []
    tried = 0
    for text in asked[: 4 * runs]:
        tried += 1
        began, cpu = time.perf_counter(), time.process_time()
        hit = ask(text)
        if hit == wanted:
            took.append((time.perf_counter() - began) * 1e3)
            used.append((time.process_time() - cpu) * 1e3)
        if len(took) >= runs:
            break
    return figures(took, used) | {"of": tried}


def beside(name: str, ask: Callable[[str], bool], texts: Texts, entries: int, runs: int) -> dict[str, Any]:
    """The same questions to another cache: whether it has an answer."""
    return {
        "who": name,
        "entries": entries,
        "miss": timed(ask, texts.other, False, runs),
        "semantic hit": timed(ask, [b for _, b in texts.reworded], True, runs),
        "exact hit": timed(ask, texts.stored[:runs], True, runs),
    }


def gptcache(entries: int, runs: int) -> dict[str, Any]:
    from gptcache import Cache  # pyright: ignore
    from gptcache.adapter.api import get  # pyright: ignore
    from gptcache.manager import CacheBase, VectorBase, get_data_manager  # pyright: ignore
    from gptcache.processor.pre import get_prompt  # pyright: ignore
    from gptcache.similarity_evaluation.distance import SearchDistanceEvaluation  # pyright: ignore

    texts, encode = Texts(entries), sentence_transformer()
    with tempfile.TemporaryDirectory() as folder:
        manager: Any = get_data_manager(
            CacheBase("sqlite", sql_url=f"sqlite:///{folder}/cache.db"),
            VectorBase("faiss", dimension=384, index_path=f"{folder}/faiss.index"),
            max_size=2 * entries,
        )
        cache: Any = Cache()
        cache.init(
            pre_embedding_func=get_prompt,
            embedding_func=lambda text, **_: encode([text])[0],
            data_manager=manager,
            similarity_evaluation=SearchDistanceEvaluation(),
        )
        vectors = stored_vectors(texts, encode)
        manager.import_data(texts.stored, ["An answer."] * len(texts.stored), list(vectors), [None] * len(texts.stored))
        return beside("GPTCache", lambda text: get(text, cache_obj=cache) is not None, texts, entries, runs)


def redisvl(entries: int, runs: int) -> dict[str, Any]:
    from redisvl.extensions.cache.llm import SemanticCache  # pyright: ignore
    from redisvl.utils.vectorize import CustomTextVectorizer  # pyright: ignore

    from .servers import Server

    texts, encode = Texts(entries), sentence_transformer()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "stack")
        try:
            vectorizer: Any = CustomTextVectorizer(embed=lambda text: encode([text])[0].tolist())
            cache: Any = SemanticCache(redis_url=server.url, distance_threshold=0.1, vectorizer=vectorizer)
            for text, vector in zip(texts.stored, stored_vectors(texts, encode), strict=True):
                cache.store(text, "An answer.", vector=vector.tolist())
            return beside("RedisVL", lambda text: bool(cache.check(prompt=text)), texts, entries, runs)
        finally:
            server.kill()


def stored_vectors(texts: Texts, encode: Callable[[list[str]], Any]) -> Any:
    """True ones for what is asked for again; for the rest, what costs nothing to make."""
    again = list(dict.fromkeys([a for a, _ in texts.reworded] + texts.stored[:200]))
    known = dict(zip(again, encode(again), strict=True))
    filler = np.random.default_rng(3).normal(size=(len(texts.stored), 384)).astype(np.float32)
    filler /= np.linalg.norm(filler, axis=1, keepdims=True)
    return np.stack([known.get(text, row) for text, row in zip(texts.stored, filler, strict=True)])


def sentence_transformer() -> Callable[[list[str]], Any]:
    from tidegate.models.embedding.sentence_transformers import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder("all-MiniLM-L6-v2").embed


OTHERS: dict[str, Callable[[int, int], dict[str, Any]]] = {"gptcache": gptcache, "redisvl": redisvl}


def other(name: str, entries: int, runs: int) -> dict[str, Any]:
    if importlib.util.find_spec(name) is None:
        return {"who": name, "not_run": f"not installed: pip install {name}"}
    try:
        return OTHERS[name](entries, runs)
    except Exception as error:
        return {"who": name, "not_run": f"{type(error).__name__}: {error}"[:200]}


def show(found: dict[str, Any]) -> None:
    """Print what was found: of each kind how many questions were tried for those that came to it, and are measured."""
    if "not_run" in found:
        print(f"{found['who']}: not run ({found['not_run']})")
        return
    print(f"{found['who']}, {found['entries']:,} entries")
    for name, one in found.items():
        if isinstance(one, dict):
            gated = f", {one['ended_by_the_gate']} ended by the gate" if "ended_by_the_gate" in one else ""
            times = f"p50 {one['p50_ms']} ms, p95 {one['p95_ms']} ms, cpu {one['cpu_p50_ms']} ms"
            print(f"  {name:<24} {times} ({one['count']} measured of {one['of']} asked{gated})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", default="10000", help="one or more sizes, with commas")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--no-others", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = [int(size) for size in options.entries.split(",")]
    found: list[dict[str, Any]] = []
    for size in sizes:
        found.append(asyncio.run(ours(size, options.runs)))
        if not options.json:
            show(found[-1])
    for name in () if options.no_others else OTHERS:
        found.append(other(name, sizes[0], options.runs))
        if not options.json:
            show(found[-1])
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
