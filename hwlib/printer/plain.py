"""A document as plain text: for logs, for tests, for whoever reads with ears or fingers."""

import textwrap

from hwlib.printer.document import Columns, Cut, Document, Feed, Logo, Qr, Rule, Text
from hwlib.printer.profile import Profile
from hwlib.printer.typeface import clean

QR = "[QR: {data}]"
LOGO = "[{name}]"


def plain(document: Document, profile: Profile) -> str:
    """A ticket's text, line by line, as wide as the printer's small font."""
    columns = profile.text.columns
    lines: list[str] = []
    for op in document:
        match op:
            case Text():
                wrapped = textwrap.wrap(clean(op.text), columns) or [""]
                place = {"left": str.ljust, "center": str.center, "right": str.rjust}[op.align]
                lines += [place(line, columns).rstrip() for line in wrapped]
            case Columns():
                room = max(1, columns - len(op.left) - len(op.right))
                lines.append(f"{clean(op.left)}{' ' * room}{clean(op.right)}")
            case Rule():
                lines.append("-" * columns)
            case Qr():
                said = textwrap.wrap(QR.format(data=clean(op.data)), columns)
                lines += [line.center(columns).rstrip() for line in said]
            case Logo():
                lines.append(LOGO.format(name=op.file.stem).center(columns).rstrip())
            case Feed():
                lines += [""] if op.mm >= 3 else []
            case Cut():
                lines.append("")
    return "\n".join(lines)
