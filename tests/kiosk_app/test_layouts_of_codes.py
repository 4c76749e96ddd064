"""Booking codes typed by scanners in 20 keyboard layouts: none is read wrongly, none is in doubt."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlib.scanner.keys import KeyAssembler
from hwlib.scanner.layouts import LayoutFinder
from kiosk_app.core.check_in import is_checked_code, is_signed_code
from officelib.booking import BookingCode, mint, short_code
from tests.hwlib.typist import typed

TWENTY = (
    "us", "gb", "es", "latam", "pt", "br", "fr", "be", "ch", "ch(fr)", "de", "it", "nl", "dk", "no", "se", "pl", "cz",
    "hu", "tr",
)  # fmt: skip


@pytest.fixture(scope="module")
def codes() -> tuple[list[str], dict[int, bytes]]:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    minted = [mint(BookingCode(1, 12, 3, 60_000 * n, 15, f"{n:020x}"), key) for n in range(1, 1_001)]
    return minted, {1: public}


@pytest.mark.parametrize("layout", TWENTY)
def test_a_thousand_codes(layout: str, codes: tuple[list[str], dict[int, bytes]]) -> None:
    minted, keys = codes
    finder, assembler = LayoutFinder(lambda text: is_signed_code(text, keys)), KeyAssembler()
    for number, code in enumerate(minted):
        if number < 20:
            finder.learned = ""  # as on the first day
        (burst,) = [burst for event in typed(code, layout=layout) for burst in assembler.event(*event)]
        assert finder.text_of(burst.keys).text.upper() == code


@pytest.mark.parametrize("layout", TWENTY)
def test_short_codes_are_never_read_wrongly(layout: str) -> None:
    """One check character: in doubt it is scanned again, until the layout is known."""
    finder, doubts = LayoutFinder(lambda _text: False, is_checked_code), 0
    assembler = KeyAssembler()
    for number in range(300):
        code = short_code(f"{number * 7_919_113 + 5:020x}"[-20:].rjust(20, "7"))
        (burst,) = [burst for event in typed(code, layout=layout) for burst in assembler.event(*event)]
        found = finder.text_of(burst.keys)
        assert found.problem or found.text.upper() == code
        doubts += bool(found.problem)
    assert doubts <= 15
