"""What stands on a ticket's paper. Pure; knows the office, not the printer."""

from kiosk_app.core.states import TicketFacts
from kiosk_app.core.waits import wait_text
from officelib.catalogue import Catalogue, text_in
from officelib.texts import Texts
from officelib.ticket_code import page_url

FIELDS = (
    "office",
    "label",
    "service",
    "your_number",
    "copy",
    "booked_at",
    "party",
    "then",
    "people_ahead",
    "wait_about",
    "where_to_wait",
    "watch_screen",
    "follow",
    "printed_at",
    "code",
)
"""The fields of a ticket's template. `code` is what its QR code says; `copy` is empty on the first print, and `follow`
where phones do not reach the hub."""
LABEL_MM = 8.0
"""How high a label must stand at least. Source: the project's accessibility rules, CI5."""


def paper_fields(ticket: TicketFacts, catalogue: Catalogue, texts: Texts) -> dict[str, str]:
    """What each of `FIELDS` says on a ticket, in its citizen's language.

    Args:
        ticket: Its facts.
        catalogue: The office's.
        texts: Of the kind "ticket" in the ticket's language.
    """
    language, page = ticket.language, catalogue.office.page
    service = catalogue.services.get(ticket.service)
    said = {
        "office": text_in(catalogue.office.name, language),
        "label": ticket.label,
        "service": text_in(service.name, language) if service else "",
        "your_number": texts.get("your_number"),
        "copy": texts.get("copy", n=ticket.copies) if ticket.copies else "",
        "booked_at": texts.get("booked_at", time=f"{catalogue.local(ticket.slot_ms):%H:%M}") if ticket.slot_ms else "",
        "party": texts.get("party", n=ticket.persons) if ticket.persons > 1 else "",
        "then": then_text(ticket.then, catalogue, language, texts),
        "people_ahead": "" if ticket.ahead is None else texts.get("people_ahead", n=ticket.ahead),
        "wait_about": wait_text(ticket.wait_min, ticket.spread_min, texts),
        "where_to_wait": texts.get("where_to_wait", place=text_in(catalogue.office.waiting_area, language)),
        "watch_screen": texts.get("watch_screen"),
        "printed_at": f"{catalogue.local(ticket.issued_ms):%d/%m/%Y %H:%M}" if ticket.issued_ms else "",
        "follow": texts.get("follow") if page and ticket.code else "",
        "code": page_url(page, ticket.code) if ticket.code else ticket.label,
    }
    return {name: said[name] for name in FIELDS}


def then_text(then: tuple[str, ...], catalogue: Catalogue, language: str, texts: Texts) -> str:
    """What follows in the same visit; empty for nothing."""
    names = [text_in(catalogue.services[one].name, language) for one in then if one in catalogue.services]
    return texts.get("then", services=", ".join(names)) if names else ""
