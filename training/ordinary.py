"""Harmless texts of kinds that no hand wrote: records of machines, running text in many scripts, emoji.

    python -m training.ordinary --out build/ordinary.jsonl [--count 60]

The words are those of Faker (MIT; pip install faker), drawn together anew; the records are ours. Without such texts the
injection detector learns that a script or an identifier is an attack, because only attacks had it.
"""

import argparse
import base64
import json
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCALES = (
    "he_IL ar_AA fa_IR bn_BD hi_IN th_TH ja_JP ko_KR zh_CN zh_TW el_GR hy_AM ka_GE ru_RU uk_UA bg_BG vi_VN tr_TR pl_PL "
    "cs_CZ sk_SK hu_HU ro_RO nl_NL de_DE fr_FR it_IT es_ES pt_BR sv_SE fi_FI da_DK id_ID en_US la ta_IN ne_NP"
).split()
_SERVICES = "auth billing search mailer gateway worker scheduler importer cache index".split()
_SETTINGS = (
    "AWS_ACCESS_KEY_ID API_KEY GITHUB_TOKEN SESSION_ID DB_PASSWORD TRACE_ID SLACK_BOT_TOKEN SECRET_KEY AccessToken "
    "error_code client_secret REDIS_URL build_id nextPageToken BUILD_NUMBER webhook_secret license-key SMTP_PASS etag"
).split()
_SAID = (
    'export {name}={value}|{name}={value}|{name}: {value}|{name}: "{value}"|set {name} to {value} in the .env file|'
    "my key is {value}|my key {value} and {name}@example.com|use {value} as the {name} please|"
    "I rotated {value} yesterday|-e {name}={value} -p 8080:80|why do I get 401 with {value}?|"
    "the build is {value}, is that right?|"
    "write {value} to {name}@example.org|$env:{name} = '{value}'|ENV {name} {value}|setx {name} {value}|"
    'curl -H "Authorization: Bearer {value}" https://api.example.com/v1/{name}|git checkout {value}|'
    "mein Schlüssel ist {value}|ma clé est {value}, elle marche ?|mi clave es {value}|la chiave {value} non funziona|"
    "warum kommt mit {value} ein 401?|мой ключ {value}|密钥是 {value}|キーは {value} です|"
    "minha chave é {value}|mój klucz to {value}"
).split("|")
_VERBS = "started stopped accepted refused retried timed out connected closed wrote read skipped indexed".split()


def record(rng: random.Random) -> str:
    """A line of a log."""
    stamp = (
        f"2025-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}T{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    )
    ident = rng.choice(
        [str(uuid.UUID(int=rng.getrandbits(128))), f"{rng.getrandbits(64):016x}", str(rng.getrandbits(31))]
    )
    level, service = rng.choice(("INFO", "WARN", "ERROR", "DEBUG")), rng.choice(_SERVICES)
    verb, size = rng.choice(_VERBS), rng.randrange(10**6)
    host = f"{rng.randrange(255)}.{rng.randrange(255)}.0.{rng.randrange(255)}"
    where = f"{service}[{rng.randrange(9999)}]"
    return rng.choice(
        (
            f"{stamp}:{rng.randrange(60):02d}Z {level} {where}: {verb} request_id={ident} bytes={size}",
            f'{{"ts": "{stamp}", "level": "{level}", "svc": "{service}", "trace": "{ident}", "ms": {size % 977}}}',
            f'{host} - - [{stamp}] "GET /{service}/{ident} HTTP/1.1" 200 {size}',
            f"[{level}] {service}: {verb} {ident} after {size % 977} ms (attempt {rng.randrange(1, 5)})",
        )
    )


def table(rng: random.Random) -> str:
    """Rows of a table, separated by commas or bars."""
    bar = rng.choice([",", " | ", "\t", ";"])
    rows = [["id", "name", "amount", "state"]]
    for at in range(rng.randrange(3, 12)):
        ident = str(uuid.UUID(int=rng.getrandbits(128))) if rng.random() < 0.5 else str(at)
        rows.append([ident, rng.choice(_SERVICES), f"{rng.random() * 1000:.2f}", rng.choice(_VERBS)])
    return "\n".join(bar.join(row) for row in rows)


def bytes_of(rng: random.Random) -> str:
    """Random bytes as people paste them: base64, hex, a data URL."""
    raw = rng.randbytes(rng.randrange(40, 600))
    coded = base64.b64encode(raw).decode()
    return rng.choice([coded, raw.hex(), f"data:image/png;base64,{coded}", raw.hex(" ", 2)])


def setting(rng: random.Random) -> str:
    """One to three settings, commands or sentences with a value drawn at random: what is drawn so is no order."""

    def value() -> str:
        raw = rng.randbytes(rng.randrange(6, 36))
        capitals = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))
        return rng.choice(
            (raw.hex(), base64.urlsafe_b64encode(raw).decode(), base64.b32encode(raw).decode().strip("="), capitals)
        )

    return "\n".join(
        rng.choice(_SAID).format(name=rng.choice(_SETTINGS), value=value()) for _ in range(rng.choice((1, 1, 1, 2, 3)))
    )


def emoji(rng: random.Random) -> str:
    """Emoji as people put them behind a sentence, also with skin tones, joined, flags and keycaps."""

    def one() -> str:
        kind = rng.random()
        plain = chr(rng.choice((*range(0x1F600, 0x1F645), *range(0x1F300, 0x1F321), *range(0x1F400, 0x1F43F), 0x2764)))
        if kind < 0.6:
            return plain + rng.choice(("", "", "\ufe0f"))
        person = chr(rng.choice((0x1F468, 0x1F469, 0x1F9D1, 0x1F44B, 0x1F44D))) + chr(rng.randrange(0x1F3FB, 0x1F400))
        if kind < 0.8:
            return person + rng.choice(("", "\u200d" + chr(rng.choice((0x1F4BB, 0x1F373, 0x1F3A8, 0x1F692)))))
        if kind < 0.9:
            return "".join(chr(rng.randrange(0x1F1E6, 0x1F200)) for _ in range(2))
        return f"{rng.randrange(10)}\ufe0f\u20e3"

    return rng.choice(("", " ")).join(one() for _ in range(rng.randrange(1, 60)))


def texts(count: int, seed: int) -> list[dict[str, Any]]:
    """Rows as the trainers read them: `count` of each language, six times as many of each kind of record."""
    from faker import Faker  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    rng, rows = random.Random(seed), list[dict[str, Any]]()
    for locale in LOCALES:
        fake: Any = Faker(locale)
        fake.seed_instance(seed)
        for _ in range(count):
            text = fake.paragraph(rng.randrange(1, 6)) if rng.random() < 0.6 else fake.sentence(rng.randrange(4, 16))
            rows.append({"text": text, "lang": locale[:2], "kind": "everyday"})
            if rng.random() < 0.3:
                rows.append({"text": f"{text} {emoji(rng)}", "lang": locale[:2], "kind": "everyday"})
    makers: dict[str, Callable[[random.Random], str]] = {
        "sysadmin": lambda rng: "\n".join(record(rng) for _ in range(rng.randrange(1, 12))),
        "table_data": table,
        "encoded_data": bytes_of,
        "settings": setting,
    }
    for kind, make in makers.items():
        rows += [{"text": make(rng), "lang": "en", "kind": kind} for _ in range(6 * count)]
    return [{**row, "label": 0, "source": "own_ordinary"} for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--kind", help="write the rows of this kind alone")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = (row for row in texts(options.count, options.seed) if options.kind in (None, row["kind"]))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    options.out.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
