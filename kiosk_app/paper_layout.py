"""How a ticket's texts stand on paper."""

from hwlib.printer.document import Cut, Document, Feed, Op, Qr, Rule, Text
from kiosk_app.core.paper import PaperText

LEAD_MM = 10.0
"""White at the head of the ticket alone: told by touch which end is up. Source: EN 301 549 V3.2.1, 8.4.3."""


def ticket_document(text: PaperText) -> Document:
    """A ticket as a printer's operations."""
    ops: list[Op] = [Feed(LEAD_MM), Text(text.office, bold=True), Rule(), Feed(3)]
    if text.copy:
        ops.append(Text(text.copy, size=2, bold=True))
    ops += [Text(text.caption), Feed(1), Text(text.label, size=6 if len(text.label) > 5 else 7, bold=True), Feed(3)]
    ops += [Text(text.service, size=2, bold=True), Feed(2)]
    ops += [Text(line) for line in text.lines]
    ops.append(Qr(text.qr))
    if text.printed_at:
        ops.append(Text(text.printed_at))
    ops.append(Cut())
    return tuple(ops)
