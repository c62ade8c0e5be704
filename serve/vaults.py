"""Where masked values are kept over the turns of a conversation, as `guardrails.vault` says."""

from collections.abc import Callable

from ..guardrails.conversations import Conversations
from ..guardrails.vaultfile import VaultFile
from .config import Loaded


def make_conversations(loaded: Loaded, key: Callable[[], bytes]) -> Conversations | None:
    """None without that section: then every request has a vault of its own."""
    section = loaded.config.guardrails.vault
    if section is None:
        return None
    file: VaultFile | None = None
    if section.store != "memory:":
        path = loaded.path(section.store.removeprefix("sqlite:"))
        file = VaultFile(path, section.max_conversations, section.max_bytes, key)
    return Conversations(section.key, section.ttl, section.max_conversations, section.max_bytes, key, file)
