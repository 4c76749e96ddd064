"""A place for a whole system on the disk. There are two: while one runs, an update is written to the other."""

from dataclasses import dataclass

SLOTS = ("a", "b")


@dataclass(frozen=True)
class Slot:
    """What the boot loader knows of a slot. `tries` is None where it is good; the later `version` is preferred."""

    name: str
    tries: int | None
    version: int


def primary(slots: dict[str, Slot]) -> str:
    """The slot that starts next: of those with tries left the latest; "" where there is none at all."""
    return max(slots.values(), key=lambda slot: (slot.tries != 0, slot.version)).name if slots else ""
