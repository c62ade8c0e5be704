"""What `tidegate models` shows and does."""

from collections.abc import Callable
from pathlib import Path

from ...models.embedding import find
from ...models.embedding.prepare import prepare as prepare_model


def listed() -> list[dict[str, str]]:
    """Prepared models, and the default one if it is not prepared yet."""
    found = [
        {
            "name": meta.name,
            "state": "prepared",
            "dim": str(meta.dim),
            "size": _size(find.folder_of(meta.name)),
            "where": str(find.folder_of(meta.name)),
        }
        for meta in find.prepared()
    ]
    if find.DEFAULT not in {entry["name"] for entry in found}:
        found.append({"name": find.DEFAULT, "state": "not prepared", "dim": "", "size": "", "where": ""})
    return found


def prepare(model: str, progress: Callable[[str], None]) -> str:
    """Prepare a model, unless it is; the folder it is in. Raises ConfigError."""
    return str(prepare_model(model, None, progress))


def _size(folder: Path) -> str:
    return f"{sum(file.stat().st_size for file in folder.glob('*') if file.is_file()) / 1e6:.0f} MB"
