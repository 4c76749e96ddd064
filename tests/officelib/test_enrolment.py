"""Tokens and certificates: what is proved, what is not, and that no clock needs to be right."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from officelib import authority as offices
from officelib.authority import LIFE_MS, Authority, ends_ms, fits, new_key, request_of
from officelib.enrolment import BadToken, is_proved, new_token, prove, read_token, secret_of, write_token
from tests.conftest import NINE_MS

KEY = b"k" * 32
HUBS = ("http://10.0.0.5:8420", "http://10.0.0.6:8420")


@pytest.fixture(scope="module")
def office() -> Authority:
    return Authority(offices.begin())


def test_a_token_is_read_as_it_was_written_however_it_was_typed() -> None:
    token = new_token(KEY, "k2", 2, NINE_MS, HUBS)
    text = write_token(token)
    assert read_token(f" {text.lower()}\r\n") == token
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), "an alphanumeric QR, one for all layouts"
    assert token.secret == secret_of(KEY, token.invitation)


def test_no_two_tokens_are_the_same() -> None:
    assert new_token(KEY, "k2", 2, NINE_MS, HUBS) != new_token(KEY, "k2", 2, NINE_MS, HUBS)


@given(st.text(max_size=300) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=300).map("QE1".__add__))
def test_what_is_no_token_is_told_as_such(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text)


def test_a_token_that_was_changed_has_another_secret() -> None:
    token = new_token(KEY, "k2", 2, NINE_MS, HUBS)
    changed = token.invitation.__class__("k1", 2, token.invitation.expires_ms, token.invitation.nonce)
    assert secret_of(KEY, changed) != token.secret


def test_an_answer_is_no_proof_of_a_question() -> None:
    assert is_proved(KEY, "ask", b"x", prove(KEY, "ask", b"x"))
    assert not is_proved(KEY, "admission", b"x", prove(KEY, "ask", b"x"))
    assert not is_proved(KEY, "ask", b"y", prove(KEY, "ask", b"x"))
    assert not is_proved(b"other", "ask", b"x", prove(KEY, "ask", b"x"))


def test_certificates_begin_before_any_clock_and_a_devices_ends_after_a_year(office: Authority) -> None:
    key = new_key()
    given_away = office.certify(request_of(key, "whoever it says it is"), "k2", NINE_MS)
    certificate = x509.load_pem_x509_certificate(given_away.pem.encode())
    assert certificate.not_valid_before_utc == datetime(1970, 1, 1, tzinfo=UTC)
    assert ends_ms(given_away.pem) == NINE_MS + LIFE_MS
    assert certificate.subject.rfc4514_string() == "CN=k2", "the name is the token's, not the request's"
    assert fits(given_away.pem, key, office.certificate)
    assert not fits(given_away.pem, new_key(), office.certificate)
    assert not fits(given_away.pem, key, Authority(offices.begin()).certificate)


def test_the_list_of_revoked_is_newer_with_each_and_never_over(office: Authority) -> None:
    lists = [x509.load_pem_x509_crl(office.revoked(serials).encode()) for serials in ((), ("a1",), ("a1", "b2"))]
    assert [len(one) for one in lists] == [0, 1, 2]
    dates = [one.last_update_utc for one in lists]
    assert dates == sorted(set(dates))
    assert dates[-1].year == 1970
    assert all(one.next_update_utc is not None and one.next_update_utc.year == 9999 for one in lists)


@pytest.mark.parametrize("request_text", ["", "no request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END"])
def test_no_request_gets_no_certificate(office: Authority, request_text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        office.certify(request_text, "k2", NINE_MS)
