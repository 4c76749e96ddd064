"""Booking codes and lists."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from officelib.booking import (
    CODE_LENGTH,
    SHORT_ALPHABET,
    BadCode,
    BookingCode,
    is_short_code,
    mint,
    read_bookings,
    short_code,
    verify,
)
from officelib.catalogue import Catalogue

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key().public_bytes_raw()}
CODE = BookingCode(1, 12, 101, 1_767_772_800_000, 15, "0123456789abcdef0123")

refs = st.binary(min_size=10, max_size=10).map(bytes.hex)


def test_a_code_is_139_characters_that_a_qr_holds_as_alphanumeric() -> None:
    text = mint(CODE, KEY)
    assert len(text) == CODE_LENGTH == 139
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567QB1")


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 255), refs)
def test_what_was_minted_is_verified(office: int, service: int, slot_min: int, window: int, ref: str) -> None:
    code = BookingCode(1, office, service, slot_min * 60_000, window * 5, ref)
    assert verify(mint(code, KEY), KEYS) == code


@given(st.integers(3, CODE_LENGTH - 2), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_changed_character_is_never_accepted(at: int, char: str) -> None:
    text = mint(CODE, KEY)
    if text[at] != char:
        with pytest.raises(BadCode):
            verify(text[:at] + char + text[at + 1 :], KEYS)


@given(st.text(max_size=200))
def test_anything_else_is_refused_and_nothing_breaks(text: str) -> None:
    with pytest.raises(BadCode):
        verify(text, KEYS)
    with pytest.raises(BadCode):
        verify("QB1" + text, KEYS)


def test_a_code_of_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(BadCode, match="forged"):
        verify(mint(CODE, other), KEYS)
    with pytest.raises(BadCode, match="unknown key"):
        verify(mint(CODE, KEY), {})


def test_a_field_that_does_not_fit_is_said() -> None:
    with pytest.raises(ValueError, match="booking code"):
        mint(BookingCode(1, 70_000, 1, 0, 0, "00" * 10), KEY)


@given(refs, st.integers(0, 7), st.sampled_from(SHORT_ALPHABET))
def test_a_short_code_shows_every_wrong_character(ref: str, at: int, char: str) -> None:
    code = short_code(ref)
    assert is_short_code(code)
    if code[at] != char:
        assert not is_short_code(code[:at] + char + code[at + 1 :])


def test_the_good_lines_go_in_and_the_bad_ones_are_named(catalogue: Catalogue) -> None:
    data = (
        "ref,service,slot,cancelled\n"
        "00000000000000000001,register,2026-01-07T10:30,\n"
        "xyz,register,2026-01-07T10:30,\n"
        "00000000000000000002,massage,2026-01-07T10:30,\n"
        "00000000000000000003,taxes,tomorrow,\n"
        "00000000000000000001,register,2026-01-07T10:45,\n"
        "00000000000000000004,taxes,2026-01-07T10:30,maybe\n"
        "00000000000000000105,taxes,2026-01-07T11:00,true,extra\n"
        "10000000000000000006,taxes,2026-01-07T11:00+01:00,true\n"
    )
    good, refused = read_bookings(data.encode(), catalogue)
    assert [(b.ref[-1], b.service, b.cancelled) for b in good] == [("1", "register", False), ("6", "taxes", True)]
    assert [(r.line, r.reason.split("'")[0]) for r in refused] == [
        (3, "ref "),
        (4, "service "),
        (5, "slot "),
        (6, "ref 00000000000000000001 is there twice"),
        (7, "cancelled "),
        (8, "1 field(s) too many"),
    ]
    assert catalogue.local(good[0].slot_ms).isoformat() == "2026-01-07T10:30:00+01:00"


def test_personal_data_is_refused_at_the_door(catalogue: Catalogue) -> None:
    rows = [{"ref": "00" * 10, "service": "taxes", "slot": "2026-01-07T10:30", "name": "Ana"}, 7]
    good, refused = read_bookings(json.dumps(rows).encode(), catalogue)
    assert not good
    assert "personal data" in refused[0].reason
    assert refused[1].reason == "not an object"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[{", b"", b"ref,service,slot\n"])
def test_a_broken_file_gives_reasons_and_no_bookings(data: bytes, catalogue: Catalogue) -> None:
    good, refused = read_bookings(data, catalogue)
    assert not good
    assert all(r.reason for r in refused)


@given(st.binary(max_size=300))
def test_no_file_breaks_the_import(data: bytes) -> None:
    from officelib.assets import asset
    from officelib.catalogue_file import read_catalogue

    good, _ = read_bookings(data, read_catalogue(asset("demo", "office.toml")))
    assert not good
