"""What stands on a ticket's paper. Pure; knows the office, not the printer."""

from dataclasses import dataclass

from kiosk_app.core.states import TicketFacts
from officelib.catalogue import Catalogue, text_in
from officelib.texts import Texts


@dataclass(frozen=True)
class PaperText:
    """A ticket's texts, in the order in which they stand.

    Attributes:
        copy: That it is a copy; empty on the first print.
        lines: Small lines under the number.
        qr: What its code says.
    """

    office: str
    copy: str
    caption: str
    label: str
    service: str
    lines: tuple[str, ...]
    printed_at: str
    qr: str


def paper_text(ticket: TicketFacts, catalogue: Catalogue, texts: Texts, device: str) -> PaperText:
    """The texts of a ticket in its citizen's language.

    Args:
        ticket: Its facts.
        catalogue: The office's.
        texts: Of the kind "ticket" in the ticket's language.
        device: The kiosk, which with the ticket's seq names the ticket.
    """
    language = ticket.language
    service = catalogue.services.get(ticket.service)
    lines = []
    if ticket.slot_ms:
        lines.append(texts.get("booked_at", time=f"{catalogue.local(ticket.slot_ms):%H:%M}"))
    if ticket.ahead is not None:
        lines.append(texts.get("people_ahead", n=ticket.ahead))
    if ticket.wait_min is not None:
        lines.append(texts.get("wait_about", n=ticket.wait_min))
    lines.append(texts.get("where_to_wait", place=text_in(catalogue.office.waiting_area, language)))
    lines.append(texts.get("watch_screen"))
    return PaperText(
        office=text_in(catalogue.office.name, language),
        copy=texts.get("copy", n=ticket.copies) if ticket.copies else "",
        caption=texts.get("your_number"),
        label=ticket.label,
        service=text_in(service.name, language) if service else "",
        lines=tuple(lines),
        printed_at=f"{catalogue.local(ticket.issued_ms):%d/%m/%Y %H:%M}" if ticket.issued_ms else "",
        qr=f"QT1:{catalogue.office.id}:{ticket.label}:{device}:{ticket.seq}",
    )
