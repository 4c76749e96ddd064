"""The QR on a ticket's paper, QT1: the ticket itself, signed by the kiosk that gave it.

Where phones reach the hub it stands at the end of a page's address: the same paper opens the ticket's page on a phone.

A kiosk that is cut off prints tickets that nobody else knows. Shown at another kiosk or at a counter, the paper carries
them to the hub. No personal data: a booking's reference means nothing outside the booking system.
"""

import base64
from collections.abc import Iterable

import msgspec

from officelib.ids import DEVICE, LABEL, EventId
from officelib.signature import SIGNATURE_BYTES, Sign, is_signed

PREFIX = "QT1"
"""Nowhere else in a code: base32 has no 1."""
PAGE_PATH = "/T/"
LATEST_MS = 253_402_300_800_000
"""The year 10000: what no clock says, and calendars cannot show."""


class TicketCode(msgspec.Struct, frozen=True, array_like=True):
    """What the paper says to machines.

    Attributes:
        office: The code of the office.
        device: The kiosk.
        inc: The incarnation of its journal.
        seq: The event that the ticket stands on: its want, or its lane event.
        label: The number on the paper.
        service: The service's number in the catalogue.
        language: The citizen's.
        arrived_ms: Hub time; 0 when the kiosk did not know it.
        err_ms: How far that may be off; -1 when it is not known.
        ref: The booking's reference, raw; empty for a walk-in.
        slot_ms: The booking's time; 0 for a walk-in.
    """

    office: int
    device: str
    inc: int
    seq: int
    label: str
    service: int
    language: str
    arrived_ms: int
    err_ms: int
    ref: bytes = b""
    slot_ms: int = 0

    @property
    def ticket(self) -> EventId:
        """The event that is the ticket's id."""
        return EventId(self.device, self.inc, self.seq)


class BadTicketCode(ValueError):
    """The text is no ticket's code."""


def write_code(ticket: TicketCode, sign: Sign) -> str:
    """The code's text: capitals and digits, which every scanner and keyboard layout reads the same."""
    body = msgspec.msgpack.encode(ticket)
    return PREFIX + base64.b32encode(body + sign(body)).decode().rstrip("=")


def page_url(page: str, code: str) -> str:
    """The address of a ticket's page, in capitals, which make the smaller QR; the code alone where there is none."""
    return f"{page.rstrip('/').upper()}{PAGE_PATH}{code}" if page else code


def looks_like_ticket(text: str) -> bool:
    """Whether a scanned text means to be a ticket's code, or the address of its page."""
    return bool(bare_code(text))


def bare_code(text: str) -> str:
    """The code in a scanned text; empty for none. What stands before it a foreign keyboard may have changed."""
    found = text.strip().upper()
    at = found.rfind(PREFIX)
    is_alone = at == 0 or (at > 0 and not found[at - 1].isalnum())
    return found[at:] if is_alone else ""


def read_code(text: str) -> TicketCode:
    """What a code says; nobody has looked at its signature.

    Raises:
        BadTicketCode: it is none.
    """
    body, _ = _parts(text)
    try:
        code = msgspec.msgpack.decode(body, type=TicketCode)
    except ValueError as error:
        raise BadTicketCode(str(error)) from error
    if not (DEVICE.match(code.device) and LABEL.match(code.label)):
        raise BadTicketCode("it names no kiosk, or no number")
    if not (0 <= code.arrived_ms < LATEST_MS and 0 <= code.slot_ms < LATEST_MS):
        raise BadTicketCode("its times are none")
    return code


def is_genuine(text: str, certificates: Iterable[str]) -> bool:
    """Whether one of these certificates' keys (PEM) signed the code."""
    return is_signed(*_parts(text), certificates)


def _parts(text: str) -> tuple[bytes, bytes]:
    body = bare_code(text).removeprefix(PREFIX)
    if not body:
        raise BadTicketCode(f"a ticket's code begins with {PREFIX}")
    try:
        packed = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError as error:
        raise BadTicketCode("the code is not whole") from error
    return packed[:-SIGNATURE_BYTES], packed[-SIGNATURE_BYTES:]
