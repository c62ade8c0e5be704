"""Where masked values are kept over the turns of a conversation, as `guardrails.vault` says."""

from collections.abc import Callable, Sequence

from ..guardrails.conversations import Conversations
from ..guardrails.rules.ruleset import Rule
from ..guardrails.vaultfile import VaultFile
from .config.gate_yaml import Loaded


def make_conversations(loaded: Loaded, rules: Sequence[Rule], key: Callable[[], bytes]) -> Conversations | None:
    """None without that section: then every request has a vault of its own.

    Raises ConfigError where no rule would put anything into it, be it one that is still in shadow mode.
    """
    section = loaded.config.guardrails.vault
    if section is None:
        return None
    if not any(rule.action == "mask" and rule.mask.mode == "reversible" for rule in rules):
        raise loaded.error(
            "no rule masks reversibly, so there is nothing to keep",
            ("guardrails", "vault"),
            hint="leave it out, or give a rule action: mask",
        )
    file: VaultFile | None = None
    if section.store != "memory:":
        path = loaded.path(section.store.removeprefix("sqlite:"))
        file = VaultFile(path, section.max_conversations, section.max_bytes, key, section.ttl)
    return Conversations(section.key, section.ttl, section.max_conversations, section.max_bytes, key, file)
