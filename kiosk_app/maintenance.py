"""What a technician sees behind the door: the device's state, its last words, and a page to try the printer."""

import json
import logging
import platform
from collections import deque
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import qrcode

from hwlib.printer.document import Cut, Document, Feed, Qr, Rule, Text
from kiosk_app.core.states import Kiosk
from officelib.health import addresses, vitals_of
from officelib.texts import Texts

LINES = 40


class LogTail(logging.Handler):
    """Keeps the last lines of the log in memory."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[str] = deque(maxlen=LINES)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def facts_of(
    kiosk: Kiosk, device: str, parts: Mapping[str, str], journal: Path, hub_ms: Callable[[], int | None]
) -> dict[str, str]:
    """The device's state, by the key of its name in the texts of the kind "maintenance"; parts by their own names."""
    vitals = vitals_of(journal)()
    catalogue, now_ms = kiosk.catalogue, hub_ms()
    return {
        "device": device or "-",
        "office": catalogue.office.id if catalogue else "-",
        "software": f"{version('antesala')}, Python {platform.python_version()}, Qt {version('PySide6-Essentials')}",
        "hub": "+" if kiosk.link_up else "-",
        "enrolled": "+" if kiosk.enrolled else "-",
        "lane": "+" if kiosk.has_lane else "-",
        "time": f"{catalogue.local(now_ms):%d/%m/%Y %H:%M:%S}" if catalogue and now_ms is not None else "-",
        "addresses": ", ".join(addresses()) or "-",
        "disk": f"{vitals.disk_free_mb} MB",
        "temperature": "-" if vitals.temperature_c is None else f"{vitals.temperature_c:.0f} \u00b0C",
        **parts,
    }


def qr_rows(facts: Mapping[str, str]) -> list[str]:
    """The facts as a QR code: rows of 0 and 1, with the quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=4)
    code.add_data(json.dumps(dict(facts), ensure_ascii=False, separators=(",", ":")))
    code.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]


def page_of(facts: Mapping[str, str], texts: Texts) -> Document:
    """A page that shows whether the printer prints: sizes, a line, a code, the device's own facts."""
    lines = [Text(f"{key}: {value}", align="left") for key, value in facts.items()]
    title = Text(texts.get("test_page"), size=2, bold=True)
    return (Feed(10), title, Rule(), Text("A042", size=7, bold=True), Qr(facts["device"]), *lines, Cut())
