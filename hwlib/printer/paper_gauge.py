"""How much paper is left: the sensor's word, trusted when it lasts, and the millimetres that went through. Pure."""

from dataclasses import dataclass, replace

ROLL_MM = 80_000
"""A roll of 80 mm diameter."""
SETTLE_S = 5.0
"""A sensor at the edge of its range flickers while the roll turns: it is believed when it has said the same so long."""
LOW_MM = 3_000
"""Below this the roll is low even where no sensor says so: some 30 tickets."""


@dataclass(frozen=True)
class PaperGauge:
    """A roll's account.

    Attributes:
        roll_mm: Length of a new roll.
        used_mm: What went through since it was put in.
        tickets: How many tickets that was.
        near_end: What is believed of the sensor.
        doubted_since_s: Since when the sensor says otherwise; None when it does not.
        was_out: Whether the last roll ended.
    """

    roll_mm: int = ROLL_MM
    used_mm: float = 0.0
    tickets: int = 0
    near_end: bool = False
    doubted_since_s: float | None = None
    was_out: bool = False

    @property
    def remaining_mm(self) -> int:
        """Paper left, by the account alone."""
        return max(0, round(self.roll_mm - self.used_mm))

    @property
    def is_low(self) -> bool:
        """Whether a person should bring a roll."""
        return self.near_end or self.remaining_mm < LOW_MM

    def tickets_left(self) -> int | None:
        """How many more tickets the roll gives, by those that it gave; None before the first."""
        return int(self.remaining_mm / (self.used_mm / self.tickets)) if self.tickets and self.used_mm else None


def after_ticket(gauge: PaperGauge, length_mm: float) -> PaperGauge:
    """A ticket went through."""
    return replace(gauge, used_mm=gauge.used_mm + length_mm, tickets=gauge.tickets + 1)


def after_word(gauge: PaperGauge, *, near_end: bool | None, out: bool, now_s: float) -> PaperGauge:
    """What the sensors say now. A roll that was out and is there again is a new one."""
    if out:
        return replace(gauge, was_out=True)
    if gauge.was_out:
        return PaperGauge(roll_mm=gauge.roll_mm)
    if near_end is None or near_end is gauge.near_end:
        return replace(gauge, doubted_since_s=None)
    if gauge.doubted_since_s is None:
        return replace(gauge, doubted_since_s=now_s)
    if now_s - gauge.doubted_since_s < SETTLE_S:
        return gauge
    return replace(gauge, near_end=near_end, doubted_since_s=None)
