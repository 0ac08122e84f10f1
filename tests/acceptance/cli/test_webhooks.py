"""`oms webhook …`: whom the shop tells what happens, and what they answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.cli.calling import Caller
from tests.faults.house import configure
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def shop(oms: Caller) -> Caller:
    """One that may call loopback."""
    configure(oms.folder, r"inside = \[\]", 'inside = ["127.0.0.1"]')
    return oms


def test_an_endpoint_is_added_pinged_told_again_and_removed(shop: Caller, receiver: Receiver) -> None:
    assert shop("webhook", "list").out == "Nobody is told.\n"
    head, secret = shop("webhook", "add", receiver.url, "--of", "order.moved").out.splitlines()
    assert head == "Endpoint 1 is told of order.moved in main. Its secret, shown this once:"
    assert shop("webhook", "ping", "1").out == "Endpoint 1 has heard it: 204.\n"
    assert receiver.calls[0].is_signed_by(secret)

    receiver.answers = [410]
    shop.place()
    shop("work", "--once")
    (endpoint,) = shop("webhook", "list", "--json").data
    assert (endpoint["disabled_why"], "secret" in endpoint) == ("it answered 410 Gone", False)
    refused = shop("webhook", "ping", "1")
    assert (refused.code, "First: oms webhook enable 1." in refused.err) == (1, True)

    shop("webhook", "enable", "1")
    missed = [each["message"] for each in shop("webhook", "show", "1", "--failed", "--json").data["deliveries"]]
    assert shop("webhook", "resend", "1", "--since", "2d").out == f"Endpoint 1 is told again of {len(missed)} messages.\n"
    shop("work", "--once")
    assert {call.id for call in receiver.calls[1:]} == set(missed)
    assert "answered" not in shop("webhook", "show", "1", "--failed").out
    assert shop("webhook", "resend", "1", missed[0]).code == 0

    new = shop("webhook", "rotate", "1", "--overlap", "0").out.splitlines()[1]
    assert shop("webhook", "ping", "1").code == 0
    assert (receiver.calls[-1].is_signed_by(new), receiver.calls[-1].is_signed_by(secret)) == (True, False)
    shop("webhook", "remove", "1")
    assert (shop("webhook", "show", "1").code, shop("webhook", "list").out) == (1, "Nobody is told.\n")


def test_who_does_not_hear_a_ping_is_told_of_with_the_answer(shop: Caller, receiver: Receiver) -> None:
    shop("webhook", "add", receiver.url)
    receiver.answers = [500]
    said = shop("webhook", "ping", "1")
    assert (said.code, said.out) == (1, "Endpoint 1 has not heard it: answered 500: no, thank you [31m\n")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "https://10.0.0.1/"), 1, "10.0.0.1 is an address inside the network"),
        (("add", "https://x.example/", "--of", "order.lost"), 1, '"order.lost" is no type. There are: order.moved'),
        (("show", "7"), 1, "There is no endpoint 7. `oms webhook list` shows what there is."),
        (("resend", "7"), 2, "say which: a MESSAGE, or --since TIME."),
        (("resend", "7", "--since", "yesterday"), 2, "'yesterday' is no duration"),
        (("resend", "7", "--since", "2026-11-25T09:00"), 2, "write the time with its zone"),
        (("rotate", "7", "--overlap", "8d"), 1, "both secrets may sign for at most 7 days."),
    ],
)
def test_what_can_not_be_is_told_in_a_sentence(shop: Caller, words: tuple[str, ...], code: int, sentence: str) -> None:
    said = shop("webhook", *words)
    assert sentence in " ".join(said.err.replace("│", " ").split())
    assert said.code == code
