"""The QR on a ticket's paper: what it carries, who signed it, and how large it is."""

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st

from officelib import authority as offices
from officelib.authority import Authority, new_key, request_of
from officelib.signature import signer, unsigned
from officelib.ticket_code import BadTicketCode, TicketCode, is_genuine, looks_like_ticket, read_code, write_code
from tests.conftest import NINE_MS

KEY = new_key()
PEM = Authority(offices.begin()).certify(request_of(KEY, "k2"), "k2", NINE_MS).pem
CODE = TicketCode(12, "k2", 3, 4321, "A2-007", 12, "es", NINE_MS, 1_050, bytes(range(10)), NINE_MS + 900_000)


def test_a_paper_says_what_its_kiosk_wrote() -> None:
    text = write_code(CODE, signer(KEY))
    assert looks_like_ticket(f" {text.lower()} ")
    assert read_code(text.lower()) == CODE
    assert is_genuine(text, [PEM])
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def test_it_fits_a_ticket_of_58_mm() -> None:
    """Version 9 has 53 modules, 61 with its quiet zone: 30.5 mm at 4 dots of 203 dpi, half a millimetre a module."""
    picture = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    picture.add_data(write_code(CODE, signer(KEY)))
    picture.make()
    assert picture.version <= 9


def test_another_signature_is_none() -> None:
    other = Authority(offices.begin())
    stranger = other.certify(request_of(new_key(), "k2"), "k2", NINE_MS).pem
    text = write_code(CODE, signer(KEY))
    assert not is_genuine(text, [stranger])
    assert is_genuine(text, [stranger, PEM]), "an older certificate of the device counts too"
    assert not is_genuine(text, [])
    assert not is_genuine(write_code(CODE, unsigned), [PEM])


@given(st.integers(3, 150), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_letter_that_was_changed_makes_it_nobodys(place: int, letter: str) -> None:
    text = write_code(CODE, signer(KEY))
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        return
    try:
        assert not is_genuine(changed, [PEM])
    except BadTicketCode:
        pass


@given(st.text(max_size=200) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=300).map("QT1".__add__))
def test_what_is_no_paper_is_told_as_such(text: str) -> None:
    with pytest.raises(BadTicketCode):
        read_code(text)
