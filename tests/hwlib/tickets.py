"""Tickets and decoding that several tests share."""

from hwlib.printer.document import Columns, Cut, Document, Feed, Qr, Rule, Text
from hwlib.printer.profile import Profile
from hwlib.sim.escpos_decoder import EscPosDecoder
from hwlib.sim.paper import Paper, Ticket
from hwlib.sim.star_decoder import StarDecoder

CODE = "QT1" + "AM5KRXTQ2LVGZB7N" * 11
"""As long as a ticket's signed code."""
TICKET: Document = (
    Feed(10),
    Text("Oficina de Atención Ciudadana", bold=True),
    Rule(),
    Text("A042", size=7, bold=True),
    Text("القادم", size=2),
    Columns("Cita", "10:15"),
    Qr(CODE),
    Cut(),
)


def decoded(data: bytes, profile: Profile) -> tuple[list[Ticket], bytes, Paper]:
    """The tickets that a printer of a profile makes of bytes, its answers, and the paper that is not cut yet."""
    tickets: list[Ticket] = []
    replies = bytearray()
    paper = Paper(profile.media.dots)

    def cut() -> None:
        if (ticket := paper.cut()) is not None:
            tickets.append(ticket)

    if profile.language == "starprnt":
        decoder: EscPosDecoder | StarDecoder = StarDecoder(paper, replies.extend, cut, lambda *_: None)
        decoder.take(data)
    else:
        decoder = EscPosDecoder(paper, replies.extend, cut, dpi=profile.media.dpi)
        decoder.head_to_cutter_dots = profile.dots_of(profile.cut.head_to_cutter_mm)
        decoder.take(data)
    while decoder.step():
        pass
    return tickets, bytes(replies), paper
