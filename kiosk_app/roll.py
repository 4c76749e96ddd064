"""The account of a printer's roll, kept over restarts. An estimate: losing it loses no turn."""

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
