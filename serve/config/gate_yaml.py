"""`gate.yaml`: every setting, its meaning and its default. Unknown or impossible settings are errors at start."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.mistakes import together
from ...engine.validate import validate
from ...engine.yamlfile import Located, shorten
from .cache import Cache, check_cache
from .callers import Keys, check_keys
from .models import Model, ModelName, check_models
from .providers import Provider
from .route_checks import check_routes, taken_off
from .routes import Breaker, Route
from .section import Hidden, Name, Section
from .units import Bytes, Seconds
from .variables import load_expanded, with_references


def checked_host(host: str) -> str:
    """An address, or a name for one, and nothing else. Raises ValueError."""
    try:
        ip_address(host)
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", host):
            raise ValueError("must be an address or a name, such as 0.0.0.0 or ::1; `port` stands beside it") from None
    return host


class Listen(Section):
    host: Annotated[str, AfterValidator(checked_host)] = Field(
        default="127.0.0.1", min_length=1, description="Address to listen on. Beyond loopback, put TLS in front."
    )
    port: int = Field(default=8787, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    grace: Seconds = Field(
        default=20.0,
        ge=1,
        le=3600,
        description="How long what is under way may take once the gate is told to stop; then it is cut.",
    )


class Vault(Section):
    key: str = Field(
        pattern=r"^(header\.[a-z0-9-]{1,64}|metadata\.[A-Za-z0-9_.-]{1,64})$",
        description="What names a conversation: header.NAME, or metadata.FIELD of the JSON object in the header "
        "x-tidegate-metadata; no credential. A request without it has a vault of its own, and so has a caller without "
        "a credential.",
    )
    ttl: Seconds = Field(default=3600.0, gt=0, description="A duration: how long after its last turn.")
    store: str = Field(
        default="memory:", pattern="^(memory:|sqlite:.+)$", description="memory:, or sqlite:PATH, sealed with AES-GCM."
    )
    max_conversations: int = Field(default=10_000, ge=1, description="The least recently used leave first.")
    max_bytes: Bytes = Field(default=64_000_000, ge=1024, description="A size, of all values together.")


class Guardrails(Section):
    files: list[str] = Field(default=[], description="Rule files: paths or globs beside gate.yaml, or pack:NAME.")
    reload: Literal["changes", "signal", "off"] = Field(
        default="changes", description="When rules are read again: when a file changes and on SIGHUP, on SIGHUP, never."
    )
    vault: Vault | None = Field(
        default=None, description="Keep masked values over the turns of a conversation. Left out, for one request."
    )


class Log(Section):
    store: str = Field(default="sqlite:.tidegate/log.db", description="sqlite:PATH")
    content: Literal["masked", "none"] = Field(
        default="masked", description="Texts as the provider saw them, or no texts."
    )
    keep: Seconds = Field(
        default=2592000.0,
        gt=0,
        description="How long a request is remembered; ten minutes later at most its row has left the file.",
    )


def _several(value: object) -> object:
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list) and len(cast("list[object]", names)) > len(set(map(str, cast("list[object]", names)))):
        raise ValueError("names a gateway twice")
    return cast(object, names)


_Gateway = Literal["portkey", "litellm", "bifrost"]
_GATEWAY = {"type": "string", "enum": [*get_args(_Gateway)]}
Gateways = Annotated[
    list[_Gateway],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [_GATEWAY, {"type": "array", "items": _GATEWAY, "uniqueItems": True}]}),
]


class Config(Section):
    """The whole file."""

    version: Literal[1]
    listen: Listen = Listen()
    providers: dict[Name, Provider] = Field(default={}, description="Who answers, by a name of your choosing.")
    routes: list[Route] = Field(
        default=[], description="First match wins. None: everything goes to the first provider."
    )
    breaker: Breaker = Breaker()
    models: dict[ModelName, Model] = Field(default={}, description="What is known of models, by their names.")
    aliases: dict[ModelName, ModelName] = Field(
        default={}, description="Names for models, such as fast: gpt-4o-mini; an alias may lead to another."
    )
    guardrails: Guardrails = Guardrails()
    cache: Cache = Cache()
    keys: Keys = Keys()
    compat: Gateways = Field(
        default=[], description="One or more of portkey, litellm, bifrost: their clients' headers and fields are read."
    )
    log: Log | SkipJsonSchema[None] = Field(default=None, description="Left out, no request log is kept.")
    max_in_flight: int = Field(
        default=1024, ge=1, description="Requests under way at once, in each process; more get a 503."
    )
    secret: Hidden | None = Field(
        default=None,
        description="Key of the callers' digests and of stored answers' signatures, as ${ENV}; nodes that share a "
        "store need the same.",
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked configuration, with the folder that its paths are relative to."""

    config: Config
    tree: Located = field(repr=False)  # it holds secrets as they were written
    folder: Path

    def error(self, message: str, path: Address, *, hint: str = "") -> ConfigError:
        return self.tree.error(message, path, hint=hint)

    def path(self, written: str, at: Address = ()) -> Path:
        """A path as it is written in the file. Raises ConfigError for the home folder of nobody."""
        return beside(self.folder, written, self.tree, at)


def beside(folder: Path, written: str, tree: Located, at: Address) -> Path:
    """A path that is relative to the file's folder. Raises ConfigError for the home folder of nobody."""
    try:
        return folder / Path(written).expanduser()
    except RuntimeError:
        raise tree.error(f'"{shorten(Path(written).parts[0])}" is nobody\'s home folder here', at) from None


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read, for all processes of a gate: it may change while they run, and a pipe is read once."""

    text: str = field(repr=False)  # it may hold secrets
    file: str
    folder: Path

    def load(self) -> Loaded:
        """Raises ConfigError with file and line."""
        return parse_config(self.text, file=self.file, folder=self.folder)


def read_config(path: Path) -> Source:
    """Read a file. What a pipe says is relative to the working folder. Raises ConfigError."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file", file=str(path), hint="" if path.is_absolute() else f"looked for in {Path.cwd()}"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8", file=str(path)) from None
    return Source(text, str(path), path.resolve().parent if path.is_file() else Path.cwd())


def load_config(path: Path) -> Loaded:
    """Read and check a file. Raises ConfigError with file and line."""
    return read_config(path).load()


def parse_config(text: str, *, file: str, folder: Path) -> Loaded:
    """The same for text that is already here."""
    tree = load_expanded(text, file)
    loaded = Loaded(validate(Config, tree), tree, folder)
    config = loaded.config
    with together(None) as mistakes:
        with mistakes.gather():
            check_routes(config.routes, list(config.providers), config.compat, tree)
        with mistakes.gather():
            check_models(loaded)
        with mistakes.gather():
            check_keys(config.keys, tree)
        with mistakes.gather():
            _check_unavailable(loaded)
    return loaded


def _check_unavailable(loaded: Loaded) -> None:
    """Settings that would do nothing are refused."""
    config = loaded.config
    if config.breaker.longest < config.breaker.rest:
        raise loaded.error("the longest rest is shorter than the first", ("breaker",), hint="raise longest")
    if config.cache.mode != "off" and config.cache.share == "team" and not config.keys.teams:
        raise loaded.error(
            "no key under `keys.known` has a team",
            ("cache", "share"),
            hint="give some a team, or use key (each caller alone) or all",
        )
    check_cache(loaded)
    vault = config.guardrails.vault
    kind, _, name = (vault.key if vault else "").partition(".")
    if kind == "header" and (why := taken_off(name, config.compat)):
        hint = "a header of the conversation's own, such as header.x-session-id"
        raise loaded.error(why, ("guardrails", "vault", "key"), hint=hint)
    for index, name in enumerate(config.guardrails.files):
        loaded.path(name, ("guardrails", "files", index))
    if "log" in config.model_fields_set and config.log is None:
        raise loaded.error("the section is empty", ("log",), hint="log: {} keeps a log as by default; or leave it out")
    if config.log is not None:
        check_log(config.log, loaded.tree)


def check_log(log: Log, tree: Located) -> None:
    """Raises ConfigError for a store that a log is not kept in."""
    if not re.fullmatch("sqlite:.+", log.store):
        raise tree.error("the log is kept in sqlite:PATH", ("log", "store"))


def schema() -> dict[str, Any]:
    """The JSON Schema of `gate.yaml`, for editors."""
    return with_references(Config.model_json_schema())
