"""What is remembered of devices over restarts. Estimates and habits: losing them loses no turn."""

import logging
from dataclasses import replace
from pathlib import Path

import msgspec

from hwlib.printer.paper_gauge import PaperGauge

log = logging.getLogger(__name__)


def read_roll(file: Path, roll_mm: int) -> PaperGauge:
    """The account as it was left; a new roll of `roll_mm` when there is none."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=PaperGauge)
    except (OSError, msgspec.MsgspecError):
        return PaperGauge(roll_mm=roll_mm)
    return replace(kept, roll_mm=roll_mm, doubted_since_s=None)


def write_roll(file: Path, gauge: PaperGauge) -> None:
    """Keep the account."""
    aside = file.with_suffix(".part")
    try:
        aside.write_bytes(msgspec.json.encode(gauge))
        aside.replace(file)
    except OSError as error:
        log.warning("the roll's account could not be kept: %s", error)


def read_layout(file: Path) -> str:
    """The keyboard layout that was learned of the scanner; empty for none."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def write_layout(file: Path, layout: str) -> None:
    """Remember the layout. Not being able to costs a little time at each scan, nothing else."""
    log.info("the scanner types in the keyboard layout '%s'", layout)
    try:
        file.write_text(layout)
    except OSError as error:
        log.warning("the layout could not be kept: %s", error)
