"""Who has no code: a number that people write in many ways is one hash, and another one in each office."""

import hashlib

import pytest

from officelib.booking import read_bookings
from officelib.catalogue import Catalogue
from officelib.identity import is_who_hash, normalised, who_hash


@pytest.mark.parametrize("written", ["12345678z", " 12.345.678-Z\n", "12345678 Z"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert normalised(written) == "12345678Z"
    assert who_hash(written, "o12") == who_hash("12345678Z", "o12")


def test_the_hash_is_the_documented_one() -> None:
    """What a booking system computes by the manual, in whatever language it is written."""
    expected = hashlib.scrypt(b"12345678Z", salt=b"antesala/who/1/o12", n=16384, r=8, p=1, dklen=16).hex()
    assert who_hash("12345678-z", "o12") == expected
    assert is_who_hash(expected)
    assert who_hash("12345678-z", "o13") != expected


@pytest.mark.parametrize("who", ["12345678Z", "ab" * 15, "zz" * 16])
def test_a_number_in_a_list_of_bookings_is_refused(catalogue: Catalogue, who: str) -> None:
    text = f"ref,service,slot,who\n{'ab' * 10},register,2026-01-07T10:30,{who}\n"
    bookings, refused = read_bookings(text.encode(), catalogue)
    assert not bookings
    assert "personal data stays in the booking system" in refused[0].reason
    assert who not in refused[0].reason, "nor is it written into the result"
