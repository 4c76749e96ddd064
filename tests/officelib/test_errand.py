"""Errands: only the office's authority gives them, only to the device that is meant."""

import msgspec
import pytest

from officelib.authority import Authority, begin
from officelib.errand import BadErrand, Errand, Paper, read, sign

OFFICE = Authority(begin())
ERRAND = Errand(id=7, office="o12", device="k1", kind="reboot", until_ms=99)
PAPER = sign(ERRAND, OFFICE.sign)


def test_what_was_signed_is_read() -> None:
    assert read(PAPER, "o12", "k1", OFFICE.certificate) == ERRAND


@pytest.mark.parametrize(
    "paper",
    [
        Paper(PAPER.text.replace("reboot", "log"), PAPER.signature),
        Paper(PAPER.text, PAPER.signature[:-2]),
        Paper(PAPER.text, "x" * 128),
        Paper(PAPER.text, ""),
        sign(ERRAND, Authority(begin()).sign),
        Paper(PAPER.text, OFFICE.sign(PAPER.text.encode()).hex()),  # signed, but not as an errand
        Paper(t := '{"id":1,"kind":"dance"}', OFFICE.sign(b"antesala errand 1\n" + t.encode()).hex()),
    ],
)
def test_anything_else_is_refused(paper: Paper) -> None:
    with pytest.raises(BadErrand):
        read(paper, "o12", "k1", OFFICE.certificate)


@pytest.mark.parametrize(("office", "device"), [("o12", "k2"), ("o13", "k1")])
def test_it_is_nobody_elses(office: str, device: str) -> None:
    with pytest.raises(BadErrand, match="for k1 of office o12"):
        read(PAPER, office, device, OFFICE.certificate)


def test_fields_of_a_later_release_are_left_out() -> None:
    text = msgspec.json.encode({**msgspec.to_builtins(ERRAND), "colour": "red"}).decode()
    paper = Paper(text, OFFICE.sign(b"antesala errand 1\n" + text.encode()).hex())
    assert read(paper, "o12", "k1", OFFICE.certificate) == ERRAND
