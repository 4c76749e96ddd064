"""A citizen who is sent on to another office: known there by the paper from here, or by its short code."""

import hashlib
from typing import Annotated

import msgspec

from officelib.arrival import Ms
from officelib.booking import REF_BYTES, Booking, Persons, short_code


class Referral(msgspec.Struct, frozen=True):
    """What the other office is told. No personal data.

    Attributes:
        ref: Stands for the ticket, as a booking's reference does; 20 hex digits.
        service: An id of the other office's catalogue.
        stands_ms: The place in time that the citizen had here, hub time.
        persons: So many come together. What else they came for here is not sent on.
    """

    ref: Annotated[str, msgspec.Meta(pattern=f"^[0-9a-f]{{{2 * REF_BYTES}}}$")]
    service: str
    stands_ms: Ms
    persons: Persons = 1

    def as_booking(self, now_ms: int) -> Booking:
        """How the other office keeps it until the citizen comes. A place in its future counts as now."""
        stands_ms = max(1, min(self.stands_ms, now_ms))
        short = short_code(self.ref)
        return Booking(self.ref, self.service, stands_ms, short, stands_ms=stands_ms, persons=self.persons)


def ref_of(office: int, ticket: str) -> str:
    """The reference of a ticket that another office may hear of: whoever reads its paper finds the same.

    Args:
        office: The code of the office that gave the ticket.
        ticket: Its id.
    """
    return hashlib.sha256(f"{office}/{ticket}".encode()).digest()[:REF_BYTES].hex()
