"""What a person checks with a tape measure when a kiosk is put up: `kiosk-app --commission`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from hwlib.screen.panel import cap_height_mm, panel
from kiosk_app.config import KioskConfig
from officelib.assets import asset

READING_MM = 600
LEAST_LARGE_MM = 7.5
HIGHEST_REACH_MM = 1_220
"""Above the floor. Source: EN 301 549 V3.2.1, 8.3.2."""


@dataclass(frozen=True)
class Requirement:
    """A row of assets/accessibility/requirements.toml."""

    id: str
    must: bool
    text: str
    source: str
    by: str
    figure: str = ""
    check: str = ""


def requirements(path: Path | None = None) -> list[Requirement]:
    """All rows.

    Args:
        path: The file; that of the release when it is None.
    """
    table = tomllib.loads((path or asset("accessibility", "requirements.toml")).read_text(encoding="utf-8"))
    return [Requirement(**row) for row in table["row"]]


def sheet(config: KioskConfig) -> str:
    """The commissioning sheet of one kiosk, to be printed and signed."""
    where = panel(config.width_px, config.height_px, config.diagonal_in)
    top_mm = config.screen_bottom_mm + where.height_mm
    reach = (
        "all of it within reach" if top_mm <= HIGHEST_REACH_MM else "its top is out of reach: a button lowers the page"
    )
    lines = [
        "Commissioning of a kiosk",
        "",
        f"Panel {config.diagonal_in:g} inch, {where.height_mm:.0f} mm high, from {config.screen_bottom_mm} to"
        f" {top_mm:.0f} mm above the floor: {reach}.",
        f"Large text: capitals of {LEAST_LARGE_MM} mm; 0.7 degrees at {READING_MM} mm ask for"
        f" {cap_height_mm(READING_MM):.2f} mm. Measure a capital H with a ruler: ______ mm.",
        f"Loudness at full scale: {config.full_scale_db:g} dB(A); noise of the room: {config.ambient_db:g} dB(A).",
        "",
    ]
    for row in requirements():
        if row.by in ("person", "both", "bench"):
            lines += [
                f"[ ] {row.id}  {row.check}",
                f"         {row.text} ({row.source})",
                "         ____________________",
                "",
            ]
    return "\n".join([*lines, "Place, date, name: ____________________________________________", ""])
