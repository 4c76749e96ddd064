"""What a scanned code means here and now, decided without a network."""

from collections.abc import Mapping

from kiosk_app.core.states import Problem, ShowingProblem
from officelib.booking import BadCode, is_short_code, looks_like_code, short_code, verify
from officelib.catalogue import Catalogue
from officelib.events import BookingClaim, Claim
from officelib.referral import ref_of
from officelib.ticket_code import BadTicketCode, TicketCode, read_code


def claim_of_code(
    text: str, language: str, catalogue: Catalogue, keys: Mapping[int, bytes], hub_ms: int | None
) -> Claim | ShowingProblem:
    """The claim of a booking code, or why it gives none.

    Args:
        text: As scanned or typed.
        language: The citizen's.
        catalogue: The office's.
        keys: Public keys by key id.
        hub_ms: Hub time; without it no booking is refused for its time, and the hub dates it later.
    """
    code = text.strip().upper()
    if not looks_like_code(code):
        if is_short_code(code):
            return Claim("", language, BookingClaim(short=code))
        return ShowingProblem(Problem.INVALID_CODE)
    try:
        booking = verify(code, keys)
    except BadCode:
        return ShowingProblem(Problem.INVALID_CODE)
    if booking.office != catalogue.office.code:
        return ShowingProblem(Problem.OTHER_OFFICE)
    service = catalogue.services_by_code.get(booking.service)
    if service is None:
        return ShowingProblem(Problem.INVALID_CODE)
    claim = Claim(service.id, language, BookingClaim(booking.ref, booking.slot_ms))
    if hub_ms is None:
        return claim
    slot, now = catalogue.local(booking.slot_ms), catalogue.local(hub_ms)
    if slot.date() != now.date():
        return ShowingProblem(Problem.OTHER_DAY, booking.slot_ms)
    opens_ms = booking.slot_ms - catalogue.order.early_min * 60_000
    if hub_ms < opens_ms:
        return ShowingProblem(Problem.TOO_EARLY, opens_ms)
    return claim


def is_signed_code(text: str, keys: Mapping[int, bytes]) -> bool:
    """Whether a text is a booking code with a right signature."""
    code = text.strip().upper()
    try:
        verify(code, keys)
    except BadCode:
        return False
    return True


def is_checked_code(text: str) -> bool:
    """Whether a text is a short code with a right check character."""
    return is_short_code(text.strip().upper())


def claim_of_paper(text: str, language: str, office: int) -> Claim | TicketCode | ShowingProblem:
    """What a ticket's paper comes to.

    One of this office is that ticket. One of another office is a claim, which the hub alone can judge: perhaps that
    office has sent the citizen here.

    Args:
        text: As scanned.
        language: The citizen's.
        office: This office's code.
    """
    try:
        code = read_code(text)
    except BadTicketCode:
        return ShowingProblem(Problem.INVALID_CODE)
    if code.office == office:
        return code
    return Claim("", language, BookingClaim(short=short_code(ref_of(code.office, str(code.ticket)))))
