"""The gate's own key: as configured, or kept beside what must outlive the process."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from ..engine.errors import ConfigError
from .config.gate_yaml import Loaded

SECRET_FILE = ".tidegate/secret"


def gate_key(loaded: Loaded) -> bytes:
    """The key of callers' digests and of stored answers' signatures: as configured, or a random one.

    The random one is kept beside a store that outlives the process. Raises ConfigError when it cannot be.
    """
    if loaded.config.secret is not None:
        return loaded.config.secret.reveal().encode()
    vault = loaded.config.guardrails.vault
    stores = (loaded.config.cache.store, vault.store if vault else "memory:")
    lasting = loaded.config.log is not None or any(store != "memory:" for store in stores)
    return _kept_key(loaded.folder / SECRET_FILE) if lasting else secrets.token_bytes(32)


def _kept_key(path: Path) -> bytes:
    """Made on first use; readable by its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(made, secrets.token_bytes(32))
            os.close(made)
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the secret cannot be kept: {error.strerror}", file=str(path)) from None
    if len(key) < 32:
        raise ConfigError("the secret is damaged", file=str(path), hint="remove it; callers' stored answers are lost")
    return key
