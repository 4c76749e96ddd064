"""Names of things: devices, events, tickets and the labels that people read."""

import re
from typing import NamedTuple

DEVICE = re.compile(r"^(?P<kind>[ksh])(?P<number>[0-9]{1,4})$")
LABEL = re.compile(r"^(?P<series>[A-Z])(?:(?P<slot>[1-9])-)?(?P<number>[0-9]{3,4})$")
HIGHEST_NUMBER = 9999


class EventId(NamedTuple):
    """Where an event stands: the device, its journal's incarnation, and its place in that journal from 1."""

    device: str
    inc: int
    seq: int

    def __str__(self) -> str:
        return f"{self.device}.{self.inc}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> "EventId":
        """Read an id as `str` wrote it.

        Raises:
            ValueError: it is none.
        """
        device, inc, seq = text.split(".")
        return cls(device, int(inc), int(seq))


class Label(NamedTuple):
    """What a citizen reads on a ticket. `slot` is None for the hub's numbers, 1-9 for a kiosk's lane."""

    series: str
    slot: int | None
    number: int

    def __str__(self) -> str:
        if self.slot is None:
            return f"{self.series}{self.number:03d}"
        return f"{self.series}{self.slot}-{self.number:03d}"


def check_device(device: str) -> str:
    """Return the device's name.

    Raises:
        ValueError: it is not a letter k (kiosk), s (screen) or h (hub) with a number.
    """
    if not DEVICE.match(device):
        raise ValueError(f"device '{device}': write k, s or h and a number, as in k2")
    return device


def main_label(series: str, number: int) -> str:
    """The hub's label: A042; four digits from 1000 on.

    Raises:
        ValueError: the number is outside 1-9999 or the series is not one capital letter.
    """
    return str(_checked(Label(series, None, number)))


def lane_label(series: str, slot: int, number: int) -> str:
    """A kiosk's own label: A2-007. The slot digit keeps the lanes of two kiosks apart.

    Raises:
        ValueError: slot outside 1-9, number outside 1-9999, or the series is not one capital letter.
    """
    if not 1 <= slot <= 9:
        raise ValueError(f"slot {slot}: a kiosk's slot is a digit from 1 to 9")
    return str(_checked(Label(series, slot, number)))


def parse_label(text: str) -> Label:
    """The parts of a label.

    Raises:
        ValueError: the text is no label.
    """
    found = LABEL.match(text.strip().upper())
    if found is None:
        raise ValueError(f"'{text}' is no label: expected one as A042 or A2-007")
    slot = found["slot"]
    return Label(found["series"], int(slot) if slot else None, int(found["number"]))


def _checked(label: Label) -> Label:
    if not re.fullmatch("[A-Z]", label.series):
        raise ValueError(f"series '{label.series}': expected one capital letter")
    if not 1 <= label.number <= HIGHEST_NUMBER:
        raise ValueError(f"number {label.number}: labels run from 1 to {HIGHEST_NUMBER}")
    return label
