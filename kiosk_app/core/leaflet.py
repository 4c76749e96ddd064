"""Papers that are no tickets: what to bring for a service, and a booking to come back with. Pure."""

from collections.abc import Iterator

from hwlib.printer.document import Cut, Document, Feed, Op, Qr, Rule, Text
from kiosk_app.core.states import Slip
from kiosk_app.core.waits import when_text
from officelib.catalogue import Catalogue, Service, lines_in, text_in
from officelib.texts import Texts

WHITE_MM = 10
"""The white end, told by touch. Source: the project's accessibility rules, KP8."""


def leaflet(service: Service, catalogue: Catalogue, language: str, texts: Texts) -> Document:
    """The document.

    Args:
        service: What it is about.
        catalogue: The office's.
        language: The citizen's.
        texts: Of the kind "ticket" in that language.
    """
    ops: list[Op] = [
        Feed(WHITE_MM),
        Text(text_in(catalogue.office.name, language), bold=True),
        Rule(),
        Text(text_in(service.name, language), size=2, bold=True),
        Feed(3),
    ]
    return (*ops, *_needs(service, language, texts), Cut())


def booking_slip(slip: Slip, catalogue: Catalogue, texts: Texts) -> Document:
    """A booking's paper: when to come, the code to come with, and what to bring.

    Args:
        slip: The booking.
        catalogue: The office's.
        texts: Of the kind "ticket" in the slip's language.
    """
    service = catalogue.services[slip.service]
    return (
        Feed(WHITE_MM),
        Text(text_in(catalogue.office.name, slip.language), bold=True),
        Rule(),
        Text(texts.get("slip_title"), bold=True),
        Feed(2),
        Text(when_text(catalogue, slip.slot_ms, texts), size=2, bold=True),
        Feed(2),
        Text(text_in(service.name, slip.language), size=2, bold=True),
        Feed(2),
        Qr(slip.code),
        Text(texts.get("slip_code", code=slip.short)),
        Text(texts.get("slip_use")),
        Feed(3),
        *_needs(service, slip.language, texts),
        Cut(),
    )


def _needs(service: Service, language: str, texts: Texts) -> Iterator[Op]:
    lines = lines_in(service.bring, language)
    if lines:
        yield Text(texts.get("bring_title"), bold=True, align="left")
        yield from (Text(f"- {line}", align="left") for line in lines)
        yield Feed(3)
    if service.fee:
        yield Text(texts.get("fee", fee=text_in(service.fee, language)), align="left")
    yield Text(texts.get("takes_about", n=max(1, round(service.minutes))), align="left")
