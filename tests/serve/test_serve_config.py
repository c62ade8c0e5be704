"""A configuration that cannot work is refused, with file, line and what to do."""

import re
from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.serve.config.gate_yaml import Loaded, load_config, parse_config
from tidegate.serve.config.providers import InstalledProvider
from tidegate.serve.config.units import seconds, size
from tidegate.serve.gate import Gate
from tidegate.tests.places import lines_only

WHOLE = """\
version: 1
listen: {host: 127.0.0.1, port: 8787}
providers:
  local:  {kind: llama}
  openai: {kind: openai, base_url: https://api.openai.com/v1, api_key: ${GATE_TEST_KEY}}
routes:
  - when: {model: ["gpt-*"]}
    to: [openai]
    fallback: [local]
  - to: [local]
guardrails:
  files: [rules/*.yaml]
cache:
  mode: semantic
  store: sqlite:.tidegate/cache.db
  ttl: 24h
  share: key
  max_wrong_hits: 0.01
keys: {require: false}
log: {store: sqlite:.tidegate/log.db, content: masked, keep: 30d}
"""


def parse(text: str) -> Loaded:
    return parse_config(text, file="gate.yaml", folder=Path())


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_KEY", "sk-very-secret")


def test_the_whole_contract_is_understood() -> None:
    config = parse(WHOLE).config
    assert config.cache.ttl == 86400
    assert config.log and config.log.keep == 30 * 86400
    openai = config.providers["openai"]
    assert openai.kind == "openai" and openai.api_key and openai.api_key.reveal() == "sk-very-secret"


def test_a_configuration_can_be_shown_without_its_secrets() -> None:
    assert "sk-very-secret" not in repr(parse(WHOLE))
    assert "sk-very-secret" not in str(parse(WHOLE).config.model_dump())


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("ttl: 24h", "tll: 24h", 16, 'unknown key "tll" in cache (did you mean "ttl"?)'),
        ("mode: semantic", "mode: semantik", 14, 'did you mean "semantic"?'),
        ("port: 8787", "port: 99999", 2, "less than or equal to 65535"),
        ("port: 8787", "port: '8787'", 2, "integer"),
        ("kind: llama", "kind: lama", 4, 'no kind of provider "lama" (did you mean "llama"?)'),
        ("    to: [openai]", "    to: [opanai]", 8, 'no provider "opanai" (did you mean "openai"?)'),
        ("fallback: [local]", "fallback: [nobody]", 9, 'no provider "nobody"'),
        ("ttl: 24h", "ttl: soon", 16, "duration"),
        ("ttl: 24h", "ttl: 0", 16, "greater than 0"),
        ("version: 1", "version: 2", 1, "should be 1"),
        ("require: false", "require: true", 19, "no key is known"),
        ("share: key", "share: team", 17, "no key under `keys.known` has a team"),
        ("max_wrong_hits: 0.01", "max_wrong_hits: 1", 18, "less than or equal to 0.5"),
        ("base_url:", "base_ur:", 5, 'did you mean "base_url"?'),
        ("api_key: ${GATE_TEST_KEY}", "api_key: ${GATE_TEST_UNSET}", 5, "GATE_TEST_UNSET is not set"),
        ("api_key: ${GATE_TEST_KEY}", "api_key: ''", 5, "non-empty"),
        ("  - to: [local]", "  - to: [local]\n  - to: [openai]", 11, "never reached"),
        ("store: sqlite:.tidegate/log.db", "store: redis://x", 20, "sqlite:PATH"),
        ("cache:", "cachee:", 13, 'did you mean "cache"?'),
        ("  ttl: 24h", "  ttl: 24h\n  ttl: 1h", 17, "stands here twice"),
        ("host: 127.0.0.1", "host: 'http://0.0.0.0'", 2, "must be an address or a name, such as 0.0.0.0"),
        ("host: 127.0.0.1", "host: '127.0.0.1:80'", 2, "`port` stands beside it"),
        ("log: {", "log: true #", 20, "log: should be a mapping of keys to values"),
        ("host: 127.0.0.1", "host: ''", 2, "at least 1 character"),
        ("store: sqlite:.tidegate/log.db", "store: 'sqlite:'", 20, "sqlite:PATH"),
        ("log: {", "log:\nmax_in_flight: 5 #", 20, "log: {} keeps a log"),
        ("${GATE_TEST_KEY}", '"${GATE_TEST_KEY:-none}"', 5, "only ${NAME} is read"),
        ("${GATE_TEST_KEY}", '"${}"', 5, "only ${NAME} is read"),
        ("${GATE_TEST_KEY}", "$GATE_TEST_KEY", 5, "write ${NAME}"),
        ("{require: false}", "{known: [{name: a, key: $GATE_TEST_KEY_OF_OURS}]}", 19, "write ${NAME}"),
        ("{require: false}", "{known: [{name: a, key: ['${GATE_TEST_KEY:?unset}']}]}", 19, "only ${NAME} is read"),
        ("version: 1", "version: 1\nsecret: $GATE_TEST_KEY", 2, "write ${NAME}"),
        ('{model: ["gpt-*"]}', "{header: {'${GATE_TEST_KEY}': a}}", 7, "only values are read from the environment"),
        ('{model: ["gpt-*"]}', "{header: {'${UNSET:-x}': a}}", 7, "only values are read from the environment"),
        ("guardrails:", "guardrails:\n  vault: {key: header.authorization}", 12, "credentials are taken off first"),
        ("guardrails:", "guardrails:\n  vault: {key: header.cookie}", 12, "credentials are taken off first"),
        ("guardrails:", "compat: litellm\nguardrails:\n  vault: {key: header.x-litellm-api-key}", 13, "x-litellm- are"),
    ],
)
def test_what_cannot_work_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(ConfigError) as refused:
        parse(WHOLE.replace(old, new, 1))
    assert lines_only(refused.value).startswith(f"gate.yaml:{line}: ")
    assert says in str(refused.value)
    assert "sk-very-secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["::1", "0.0.0.0", "localhost", "gate_1.local", "fe80::1%eth0"])
def test_a_host_is_an_address_or_a_name(host: str) -> None:
    assert parse(WHOLE.replace("host: 127.0.0.1", f"host: '{host}'")).config.listen.host == host


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(tmp_path / "none.yaml")


@pytest.mark.parametrize("section", ["guardrails: {files: [%s]}", "log: {store: 'sqlite:%s'}"])
def test_the_home_folder_of_nobody_is_refused(section: str) -> None:
    with pytest.raises(ConfigError, match='"~nobody-of-that-name" is nobody'):
        Gate(parse("version: 1\n" + section % "~nobody-of-that-name/x.yaml"))


def test_memory_may_be_written_without_its_colon() -> None:
    assert parse("version: 1\ncache: {mode: exact, store: memory}").config.cache.store == "memory:"


def test_variables_are_not_looked_for_in_comments() -> None:
    assert parse("version: 1  # ${GATE_TEST_UNSET}\n").config.version == 1


def test_a_credential_from_the_environment_may_look_like_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_KEY", "$GATE_${X:-y}")
    openai = parse(WHOLE).config.providers["openai"]
    assert openai.kind == "openai" and openai.api_key and openai.api_key.reveal() == "$GATE_${X:-y}"


def test_a_number_or_a_boolean_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "9000", "TTL": "90", "SHARE": "0.25", "KEEP": "true", "NAME": "8", "BARE": "7"}.items():
        monkeypatch.setenv(f"GATE_TEST_{name}", value)
    text = (
        "version: 1\nproviders: {a: {kind: acme, settings: {n: ['${GATE_TEST_NAME}']}}}\n"
        "listen: {host: '${GATE_TEST_NAME}', port: '${GATE_TEST_PORT}'}\nmax_in_flight: ${GATE_TEST_BARE}\n"
        "cache: {mode: semantic, ttl: '${GATE_TEST_TTL}', audit: '${GATE_TEST_SHARE}',\n"
        "  fallbacks: '${GATE_TEST_KEEP}'}\ncompat: litellm\n"
    )
    monkeypatch.setattr("tidegate.models.providers.registry.names", lambda: {"acme": None})
    config = parse(text).config
    assert (config.listen.host, config.listen.port, config.max_in_flight) == ("8", 9000, 7)
    assert (config.cache.ttl, config.cache.audit, config.cache.fallbacks) == (90, 0.25, True)
    acme = config.providers["a"]
    assert isinstance(acme, InstalledProvider) and type(acme.settings["n"][0]) is str
    monkeypatch.setenv("GATE_TEST_PORT", "http")
    with pytest.raises(ConfigError, match=r"gate.yaml:3:43: listen.port: should be a valid integer"):
        parse(text)


@pytest.mark.parametrize(("written", "means"), [("500ms", 0.5), ("90s", 90), ("15m", 900), ("24h", 86400), (7, 7)])
def test_durations(written: object, means: float) -> None:
    assert seconds(written) == means


@pytest.mark.parametrize(("written", "means"), [("512KB", 512_000), ("2GiB", 2**31), ("1.5MB", 1_500_000), (7, 7)])
def test_sizes(written: object, means: int) -> None:
    assert size(written) == means


@pytest.mark.parametrize("bad", ["", "h", "1x", "-1s", "1h30m", True, None, "9" * 400, 10**400])
def test_what_is_no_duration_or_size_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="must be a"):
        seconds(bad)
    with pytest.raises(ValueError, match="must be a"):
        size(bad)


@pytest.mark.parametrize(
    ("cache", "says"),
    [
        ("{mode: exact, audit: 0.1}", "`audit` does nothing in mode exact"),
        ("{mode: exact, verifier: words}", "`verifier` does nothing in mode exact"),
        ("{mode: exact, max_wrong_hits: 0.02}", "`max_wrong_hits` does nothing in mode exact"),
        ("{mode: exact, store: 'redis://h:1/0?recall=server'}", "`recall=server` does nothing in mode exact"),
        ("{mode: exact, shared_after: 3}", "`shared_after` does nothing"),
        ("{mode: exact, fallbacks: true}", "`fallbacks` does nothing where no route has a `fallback`"),
    ],
)
def test_a_setting_of_the_cache_without_effect_is_refused(cache: str, says: str, tmp_path: Path) -> None:
    text = f"version: 1\nproviders: {{a: {{kind: openai}}}}\ncache: {cache}\n"
    with pytest.raises(ConfigError, match=rf"gate.yaml:3:\d+: {re.escape(says)}"):
        parse_config(text, file="gate.yaml", folder=tmp_path)
    parse_config(text.replace("mode: exact", "mode: off"), file="gate.yaml", folder=tmp_path)


def test_a_cache_without_a_mode_has_no_settings_but_the_encoder_that_rules_use_too() -> None:
    for setting in ("store: 'sqlite:c.db'", "ttl: 1h", "bypass: {sampling: false}"):
        name = setting.partition(":")[0]
        with pytest.raises(
            ConfigError, match=rf"gate.yaml:2:\d+: `{name}` does nothing without a mode \(mode: exact or"
        ):
            parse(f"version: 1\ncache: {{{setting}}}")
    assert parse("version: 1\ncache: {encoder: another}").config.cache.mode == "off"


@pytest.mark.parametrize("more", ["compat: portkey", "routes: [{to: [a], fallback: {refused: [b]}}]"])
def test_answers_of_fallbacks_may_be_kept_where_there_can_be_any(more: str) -> None:
    providers = "version: 1\nproviders: {a: {kind: openai}, b: {kind: openai}}\n"
    assert parse(f"{providers}cache: {{mode: exact, fallbacks: true}}\n{more}").config.cache.fallbacks


@pytest.mark.parametrize("rule", ["action: redact", "action: mask, mask: {mode: hash}"])
def test_a_vault_that_no_rule_would_fill_is_refused(tmp_path: Path, rule: str) -> None:
    masks = "version: 1\nrules: [{id: a.b, detect: {pii: EMAIL_ADDRESS}, action: mask, mode: shadow}]\n"
    text = "version: 1\nguardrails: {files: [rules.yaml], vault: {key: header.x-session}}\n"
    (tmp_path / "rules.yaml").write_text(masks)
    Gate(parse_config(text, file="gate.yaml", folder=tmp_path))
    (tmp_path / "rules.yaml").write_text(masks.replace("action: mask, mode: shadow", rule))
    with pytest.raises(ConfigError, match=r"gate.yaml:2:\d+: no rule masks reversibly"):
        Gate(parse_config(text, file="gate.yaml", folder=tmp_path))
