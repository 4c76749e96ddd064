"""Bookings: the signed code `QB1` in a citizen's QR, the short code for those without, and lists of bookings."""

import base64
import binascii
import csv
import io
import struct
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from officelib.catalogue import Catalogue
from officelib.identity import is_who_hash

PREFIX = "QB1"
PAYLOAD = struct.Struct(">BBHHIB10s")
VERSION = 1
SIGNATURE_BYTES = 64
CODE_LENGTH = len(PREFIX) + 136
"""3 + base32 of 85 bytes without padding: alphanumeric, QR version 6 at level M."""
REF_BYTES = 10
SHORT_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SHORT_LENGTH = 8


MOST_PERSONS = 20
Persons = Annotated[int, msgspec.Meta(ge=1, le=MOST_PERSONS)]
"""How many come with one booking; more are a visit that the office plans by itself."""


class BookingCode(msgspec.Struct, frozen=True):
    """What a `QB1` says. No personal data: `ref` means nothing without the booking system."""

    kid: int
    office: int
    service: int
    slot_ms: int
    window_min: int
    ref: str


class Booking(msgspec.Struct, frozen=True):
    """An appointment made before. `slot_ms` is UTC milliseconds; `ref` is 20 hex digits.

    `stands_ms`: another office has sent the citizen, who keeps that place; 0 for an appointment. `persons` come
    together for the same; `then` are the services of the same visit that follow, in their order. `who` is a hash by
    which a citizen without the code is known, see `officelib.identity`; empty for none. `want` is the event of the
    kiosk that gave it; empty for all others.
    """

    ref: str
    service: str
    slot_ms: int
    short: str
    cancelled: bool = False
    stands_ms: int = 0
    persons: Persons = 1
    then: tuple[str, ...] = ()
    who: str = ""
    want: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A line of an import that did not go in."""

    line: int
    reason: str


class BadCode(ValueError):
    """The text is no booking code of ours, or its signature is wrong."""


def mint(code: BookingCode, key: Ed25519PrivateKey) -> str:
    """The text for the QR.

    Raises:
        ValueError: a field does not fit.
    """
    try:
        payload = PAYLOAD.pack(
            VERSION,
            code.kid,
            code.office,
            code.service,
            code.slot_ms // 60_000,
            code.window_min // 5,
            bytes.fromhex(code.ref),
        )
    except struct.error as error:
        raise ValueError(f"booking code: {error}") from error
    signed = payload + key.sign(_signed_text(payload))
    return PREFIX + base64.b32encode(signed).decode().rstrip("=")


def looks_like_code(text: str) -> bool:
    """Whether a scan is meant as a booking code, right or wrong."""
    return text.startswith(PREFIX)


def verify(text: str, keys: Mapping[int, bytes]) -> BookingCode:
    """Read a `QB1` and check its signature; needs no network.

    Args:
        text: As scanned.
        keys: Raw Ed25519 public keys, 32 bytes, by key id.

    Raises:
        BadCode: not ours, damaged, of an unknown key, or forged.
    """
    if len(text) != CODE_LENGTH or not looks_like_code(text):
        raise BadCode("not a booking code")
    body = text[len(PREFIX) :]
    try:
        signed = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error as error:
        raise BadCode("damaged") from error
    payload, signature = signed[:-SIGNATURE_BYTES], signed[-SIGNATURE_BYTES:]
    version, kid, office, service, slot_min, window, ref = PAYLOAD.unpack(payload)
    if version != VERSION:
        raise BadCode(f"version {version}")
    if kid not in keys:
        raise BadCode(f"unknown key {kid}")
    try:
        Ed25519PublicKey.from_public_bytes(keys[kid]).verify(signature, _signed_text(payload))
    except InvalidSignature as error:
        raise BadCode("forged") from error
    return BookingCode(kid, office, service, slot_min * 60_000, window * 5, ref.hex())


def short_code(ref: str) -> str:
    """Seven characters of the reference and a check character, without letters that look alike."""
    bits = int(ref, 16) >> (len(ref) * 4 - 35)
    digits = [bits >> (5 * place) & 31 for place in reversed(range(SHORT_LENGTH - 1))]
    return "".join(SHORT_ALPHABET[d] for d in [*digits, _check_digit(digits)])


def is_short_code(text: str) -> bool:
    """Whether a text is a short code whose check character fits."""
    if len(text) != SHORT_LENGTH or any(c not in SHORT_ALPHABET for c in text):
        return False
    digits = [SHORT_ALPHABET.index(c) for c in text]
    return _check_digit(digits[:-1]) == digits[-1]


def read_bookings(data: bytes, catalogue: Catalogue) -> tuple[list[Booking], list[Refused]]:
    """Bookings from CSV (with a header line) or from a JSON list of objects.

    Fields: `ref` (20 hex digits), `service` (its id) and `slot` (local time of the office, as 2026-01-07T10:30);
    optional `cancelled` (true or false), `persons` (how many come together) and `then` (the services of the same visit
    that follow, by their ids with spaces between them) and `who` (the hash of `officelib.identity`).

    Returns:
        The bookings that are right, and each wrong line with its number (of the file; in JSON, of the list) and reason.
    """
    good: dict[str, Booking] = {}
    refused = []
    shorts: dict[str, str] = {}
    for line, fields, problem in _rows(data):
        if problem:
            refused.append(Refused(line, problem))
            continue
        try:
            booking = _booking(fields, catalogue)
        except ValueError as error:
            refused.append(Refused(line, str(error)))
            continue
        if booking.ref in good or shorts.get(booking.short, booking.ref) != booking.ref:
            refused.append(Refused(line, f"ref {booking.ref} is there twice"))
            continue
        good[booking.ref] = booking
        shorts[booking.short] = booking.ref
    return list(good.values()), refused


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str], str]]:
    """(line number, fields, problem) of each line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield 1, {}, f"not UTF-8: {error.reason} at byte {error.start}"
        return
    if not text.lstrip().startswith("["):
        reader = csv.DictReader(io.StringIO(text), restkey="surplus")
        try:
            for row in reader:
                surplus = row.pop("surplus", None)
                problem = f"{len(surplus)} field(s) too many" if surplus else ""
                yield reader.line_num, {key: value or "" for key, value in row.items()}, problem
        except csv.Error as error:
            yield reader.line_num, {}, f"not CSV: {error}; nothing after this line was read"
        return
    try:
        items = msgspec.json.decode(text, type=list[object])
    except ValueError as error:
        yield 1, {}, f"not JSON: {error}"
        return
    for number, item in enumerate(items, start=1):
        if isinstance(item, dict):
            yield number, {str(k): str(v).lower() if isinstance(v, bool) else str(v) for k, v in item.items()}, ""
        else:
            yield number, {}, "not an object"


def _booking(fields: Mapping[str, str], catalogue: Catalogue) -> Booking:
    unknown = sorted(set(fields) - {"ref", "service", "slot", "cancelled", "persons", "then", "who"})
    if unknown:
        raise ValueError(f"unknown field '{unknown[0]}' (personal data stays in the booking system)")
    ref = fields.get("ref", "").strip().lower()
    if len(ref) != 2 * REF_BYTES or any(c not in "0123456789abcdef" for c in ref):
        raise ValueError(f"ref '{ref}' is not {2 * REF_BYTES} hex digits")
    service = fields.get("service", "").strip()
    then = tuple(fields.get("then", "").split())
    for one in (service, *then):
        if one not in catalogue.services:
            raise ValueError(f"service '{one}' is not in the catalogue")
    persons = fields.get("persons", "").strip() or "1"
    if not (persons.isascii() and persons.isdigit() and 1 <= int(persons) <= MOST_PERSONS):
        raise ValueError(f"persons '{persons}' is not a number from 1 to {MOST_PERSONS}")
    slot = fields.get("slot", "").strip()
    try:
        moment = datetime.fromisoformat(slot)
    except ValueError:
        raise ValueError(f"slot '{slot}' is not written as 2026-01-07T10:30") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=catalogue.zone)
    cancelled = fields.get("cancelled", "").strip().lower()
    if cancelled not in ("", "true", "false"):
        raise ValueError(f"cancelled '{cancelled}' is neither true nor false")
    who = fields.get("who", "").strip().lower()
    if who and not is_who_hash(who):
        raise ValueError("who is no hash: see 'office-hub hash-who' (personal data stays in the booking system)")
    slot_ms = int(moment.timestamp() * 1000)
    return Booking(ref, service, slot_ms, short_code(ref), cancelled == "true", 0, int(persons), then, who)


def _signed_text(payload: bytes) -> bytes:
    return PREFIX.encode() + b"\0" + payload


def _check_digit(digits: list[int]) -> int:
    """Luhn's sum in base 32: finds every single wrong character and nearly every swap of neighbours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = digit * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return -total % 32
