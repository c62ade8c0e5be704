"""Make any sentence-transformers model ready to run without torch: ONNX, tokenizer, static table, and a check.

What comes out is compared with what went in before it is put in place: a model that does not agree with its source is
never used.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.errors import ConfigError
from ...engine.ports import Vector
from . import find, static
from .export import BLOCK, OPSET, export
from .find import MODEL, TOKENIZER, Meta, digest, file_sha256, folder_of, read_meta, source_of
from .onnx import OnnxEmbedder
from .sentence_transformers import load_model

RECIPE = f"1 opset {OPSET} block {BLOCK}"
"""Changes whenever the same source would give other files."""
LEAST_COSINE = 0.99
_SENTENCES = (
    "",
    "How do I undo my last commit but keep the changes?",
    "Wie spät ist es in Tokio, wenn es in Berlin 15:30 Uhr ist?",
    "Écris un courriel poli pour décliner une invitation.",
    "¿Cuál es la capital de Australia?",
    "请用三句话解释光合作用。",
    "def f(x): return x ** 2  # what does this do?",
    "The quick brown fox jumps over the lazy dog. " * 60,
)


def prepare(model: str = find.DEFAULT, out: Path | None = None, progress: Callable[[str], None] | None = None) -> Path:
    """Prepare `model` (see `find.source_of`) and return the folder it is in: `out`, or its place below `find.home()`.

    Does nothing when the same source was prepared already. Raises ConfigError when a package is missing, the model has
    a part that is not supported, or the result does not agree with the source to 0.01 cosine.
    """
    say = progress or _say_nothing
    name, source = source_of(model)
    target = out or folder_of(name)
    stamp = digest(source, (RECIPE, name, static.available()))
    if _is_done(target, stamp):
        say(f"{name} is prepared already")
        return target
    say(f"loading {name}")
    encoder = load_model(model)
    pooling, prompt = pooling_of(encoder), prompt_of(encoder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        folder = Path(temporary) / target.name
        folder.mkdir()
        say("exporting to ONNX and quantising to 8 bits")
        reference = _reference(encoder)
        _write_tokenizer(encoder, folder)
        kind = static.write(folder, encoder)
        export(encoder, folder / MODEL)
        tokens = int(encoder.max_seq_length or 512)
        meta = Meta(name, reference.shape[1], pooling, tokens, prompt, file_sha256(folder / MODEL), stamp, kind)
        meta.write(folder)
        say("comparing with the source")
        _compare(folder, reference)
        _put(folder, target, Path(temporary))
    say(f"{name} is ready")
    return target


def pooling_of(encoder: Any) -> str:
    """mean or cls. Raises ConfigError when the model has parts that OnnxEmbedder would leave out."""
    kinds = [type(module).__name__ for module in encoder]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        raise ConfigError(
            f"This model consists of {', '.join(kinds)}.",
            hint="only Transformer, Pooling and Normalize are supported; run it through sentence-transformers itself",
        )
    config = encoder[1].get_config_dict()
    mode = config.get("pooling_mode")
    if mode is None:  # before version 5 of the library
        on = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
        mode = (
            {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}.get(on[0]) if len(on) == 1 else None
        )
    if mode not in ("mean", "cls"):
        raise ConfigError("This model pools its token vectors in a way that is not supported.", hint="mean or cls are")
    return str(mode)


def prompt_of(encoder: Any) -> str:
    """The text that the model wants before every other; empty for most."""
    prompts: dict[str, str] = encoder.prompts or {}
    prompt = prompts.get(encoder.default_prompt_name or "", "")
    if prompt and not encoder[1].get_config_dict().get("include_prompt", True):
        raise ConfigError("This model leaves its prompt out of the mean, which is not supported.")
    return prompt


def _say_nothing(_: str) -> None: ...


def _reference(encoder: Any) -> Vector:
    return np.asarray(encoder.encode(list(_SENTENCES), normalize_embeddings=True, show_progress_bar=False), np.float32)


def _write_tokenizer(encoder: Any, folder: Path) -> None:
    fast = getattr(encoder.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ConfigError("This model has no tokenizer of the fast kind.", hint="it needs a tokenizer.json")
    (folder / TOKENIZER).write_text(fast.to_str(), encoding="utf-8")


def _compare(folder: Path, reference: Vector) -> None:
    ours = OnnxEmbedder(folder).embed(_SENTENCES)
    worst = float((ours * reference).sum(axis=1).min())
    if not worst >= LEAST_COSINE:
        raise ConfigError(
            f"The exported model does not agree with its source: cosine {worst:.3f} at worst, {LEAST_COSINE} needed."
        )


def _is_done(target: Path, stamp: str) -> bool:
    try:
        meta = read_meta(target)
        return meta.source == stamp and file_sha256(target / MODEL) == meta.sha256 and (target / find.STATIC).is_file()
    except ConfigError:
        return False


def _put(folder: Path, target: Path, temporary: Path) -> None:
    """Put the finished folder in place of an older one. What already runs has its files loaded."""
    if target.exists():
        target.replace(temporary / "old")
    folder.replace(target)
