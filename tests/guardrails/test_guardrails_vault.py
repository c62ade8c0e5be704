"""Masked values come back to the caller, and to nobody else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.exchange import Exchange, Reply, Scope, Segment
from tidegate.engine.stream import apply
from tidegate.guardrails.actions import fit
from tidegate.guardrails.vault import VALUES, Restore, Vault
from tidegate.tests.guardrails.guarded import exchange, rules, run, said, whole


def restored(vault: Vault, text: str) -> str:
    return apply(text, vault.restored(text))


def test_equal_values_share_a_placeholder_and_numbers_follow_appearance() -> None:
    vault = Vault()
    assert vault.mask("EMAIL_ADDRESS", "a@b.example") == "<EMAIL_ADDRESS_1>"
    assert vault.mask("EMAIL_ADDRESS", "c@d.example") == "<EMAIL_ADDRESS_2>"
    assert vault.mask("EMAIL_ADDRESS", "a@b.example") == "<EMAIL_ADDRESS_1>"
    assert vault.mask("PERSON", "a@b.example") == "<PERSON_1>"
    assert "a@b" not in repr(vault) + str(vault)


@pytest.mark.parametrize(
    "form",
    [
        "<EMAIL_ADDRESS_1>",
        "<email_address_1>",
        "< EMAIL_ADDRESS_1 >",
        "<EMAIL ADDRESS 1>",
        r"<EMAIL\_ADDRESS\_1>",
        "&lt;EMAIL_ADDRESS_1&gt;",
        "EMAIL_ADDRESS_1",
        "**<Email_Address_1>**",
        "<EMAIL_ADDRESS_１>",
    ],
)
def test_a_models_variations_are_found(form: str) -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    assert "a@b.example" in restored(vault, f"write to {form}.")


@pytest.mark.parametrize("form", ["<EMAIL_ADDRESS_2>", "<PHONE_1>", "MY_EMAIL_ADDRESS_1", "EMAIL_ADDRESS_12", "a < b"])
def test_what_is_no_placeholder_of_this_vault_stays(form: str) -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    assert restored(vault, form) == form


def test_a_lookalike_that_the_caller_typed_comes_back_as_typed() -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    text = "what does <EMAIL_ADDRESS_1> mean, and <LITERAL_1>, and <email_address_7>, and <INT_3>?"
    masked = apply(text, vault.lookalikes(text, {"EMAIL_ADDRESS"}))
    assert masked == "what does <LITERAL_1> mean, and <LITERAL_2>, and <LITERAL_3>, and <INT_3>?"
    assert restored(vault, masked) == text


def test_a_form_without_brackets_is_left_alone_once_the_caller_used_one() -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    assert not list(vault.lookalikes("set EMAIL_ADDRESS_1 in the environment", {"EMAIL_ADDRESS"}))
    assert restored(vault, "EMAIL_ADDRESS_1 and <EMAIL_ADDRESS_1>") == "EMAIL_ADDRESS_1 and a@b.example"


def test_a_value_that_the_model_made_up_is_masked_and_not_put_back() -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    assert vault.mask_reply("EMAIL_ADDRESS", "a@b.example") == "<EMAIL_ADDRESS_1>"
    assert vault.mask_reply("EMAIL_ADDRESS", "x@y.example") == "<EMAIL_ADDRESS_2>"
    assert restored(vault, "<EMAIL_ADDRESS_1> <EMAIL_ADDRESS_2>") == "a@b.example <EMAIL_ADDRESS_2>"


def test_a_vault_is_bounded_and_what_is_beyond_is_redacted() -> None:
    vault = Vault()
    for number in range(VALUES):
        vault.mask("N", str(number))
    assert vault.mask("N", "one more") == "[N]"
    assert vault.mask("N", "0") == "<N_1>"
    assert len(vault) == VALUES


SEGMENT = Segment((), "", Scope.OUTPUT)
PIECES = [
    "<EMAIL_ADDRESS_1>",
    "<email_address_2>",
    "EMAIL_ADDRESS_1",
    "<",
    "EMAIL",
    "_1",
    ">",
    " ",
    "&lt;",
    "&gt;",
    "&lt;EMAIL_ADDRESS_1&gt;",
    "a",
    "<b>",
    "12",
]


@given(text=st.lists(st.sampled_from(PIECES), max_size=8).map("".join), cuts=st.lists(st.integers(0, 120), max_size=10))
async def test_restoring_a_stream_gives_what_restoring_the_whole_gives(text: str, cuts: list[int]) -> None:
    vault = Vault()
    for value in ("a@b.example", "c@d.example"):
        vault.mask("EMAIL_ADDRESS", value)
    screen, at, edits = Restore(vault), 0, list[Any]()
    for end in [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]:
        look = await screen.look(SEGMENT, text[:end], at, end == len(text))
        edits += look.edits
        at = look.safe
    assert apply(text, edits) == restored(vault, text)


@pytest.mark.parametrize("form", ["<EMAIL_ADDRESS_１>", "EMAIL_ADDRESS_١"])
async def test_digits_of_other_scripts_are_waited_for_as_well(form: str) -> None:
    vault = Vault()
    vault.mask("EMAIL_ADDRESS", "a@b.example")
    screen, at, edits = Restore(vault), 0, list[Any]()
    for end in range(1, len(form) + 1):
        look = await screen.look(SEGMENT, form[:end], at, end == len(form))
        edits += look.edits
        at = look.safe
    assert apply(form, edits) == restored(vault, form) == "a@b.example"


@pytest.mark.parametrize("label", ["2fa.code", "a" * 47 + ".code", "a" * 60, "_x_", "é", "7"])
def test_whatever_a_rule_is_called_its_placeholder_is_put_back(label: str) -> None:
    vault = Vault()
    masked = vault.mask(fit(label), "the value")
    assert restored(vault, f"it is {masked}.") == "it is the value."


def test_numbers_of_placeholders_in_a_signed_text_are_not_given_again() -> None:
    vault = Vault()
    assert vault.mask("EMAIL", "a@x") == "<EMAIL_1>"
    vault.leave_out("They met <EMAIL_1> and <EMAIL_4>, not <OTHER_7>.", {"EMAIL"})
    assert [vault.mask("EMAIL", "b@x"), vault.mask("OTHER", "c"), vault.mask("EMAIL", "a@x")] == [
        "<EMAIL_5>",
        "<OTHER_1>",
        "<EMAIL_1>",
    ]
    assert vault.restored("<EMAIL_4>") == []


def test_a_signed_text_leaves_numbers_to_give() -> None:
    vault = Vault()
    vault.leave_out("<EMAIL_99999> EMAIL_10000", {"EMAIL"})
    assert restored(vault, vault.mask("EMAIL", "a@x")) == "a@x"


async def test_what_looks_like_a_placeholder_is_the_callers_own_however_its_rule_is_made() -> None:
    parts = "{all: [{any: [{regex: {pattern: 'TCK-[0-9]+', label: ticket no}}]}]}, {pii: [EMAIL_ADDRESS]}"
    ruleset = rules(f"version: 1\nrules:\n  - {{id: a, detect: {{any: [{parts}]}}, action: mask}}\n")
    assert ruleset.labels >= {"TICKET_NO", "EMAIL_ADDRESS"}
    sent: list[str] = []

    def answer(asked: Exchange) -> Reply:
        sent.append(asked.body["messages"][0]["content"])
        return whole(sent[-1])

    text = "is <TICKET_NO_1> or <EMAIL_ADDRESS_1> a name?"
    assert await said(await run(ruleset, exchange(text), answer)) == text
    assert sent == ["is <LITERAL_1> or <LITERAL_2> a name?"]


async def test_a_lookalike_within_a_masked_value_takes_no_number() -> None:
    ruleset = rules("version: 1\nrules:\n  - {id: out, detect: {regex: 'BEGIN.*?END'}, action: mask}\n")
    sent: list[str] = []

    def answer(asked: Exchange) -> Reply:
        sent.append(asked.body["messages"][0]["content"])
        return whole(sent[-1])

    for value in ("BEGIN <OUT_7> OUT_1 END", "BEGIN plain END"):
        text = f"{value} is not <OUT_3>"
        assert await said(await run(ruleset, exchange(text), answer)) == text
    assert sent == ["<OUT_1> is not <LITERAL_1>"] * 2
