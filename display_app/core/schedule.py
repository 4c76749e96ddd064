"""What holds at which time of the day: quiet hours, levels of sound, nights, brightness. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time

SPAN = re.compile(r"^(\d\d:\d\d)-(\d\d:\d\d)(?: +(off|-?\d+))?$")


@dataclass(frozen=True)
class Span:
    """From a time of the day to another one, over midnight where it ends before it starts. `value` None is "off"."""

    start: time
    end: time
    value: int | None

    def holds(self, moment: time) -> bool:
        """Whether a time of the day is in it."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def spans_of(lines: tuple[str, ...], low: int, high: int) -> tuple[Span, ...]:
    """Spans written as "22:00-06:30 -6" or "14:00-16:00 off"; with neither, they are off.

    Args:
        lines: One span each; the first that holds counts.
        low: The least value.
        high: The greatest value.

    Raises:
        ValueError: one is written otherwise, or its value is outside.
    """
    spans = []
    for line in lines:
        found = SPAN.match(line)
        if found is None:
            raise ValueError(f"'{line}' is not written as 22:00-06:30 or 14:00-16:00 {high}")
        start, end, value = found.groups()
        number = None if value in (None, "off") else int(value)
        if number is not None and not low <= number <= high:
            raise ValueError(f"'{line}': {number} is outside {low} to {high}")
        spans.append(Span(time.fromisoformat(start), time.fromisoformat(end), number))
    return tuple(spans)


def span_at(spans: tuple[Span, ...], moment: datetime) -> Span | None:
    """The first span that holds at a local moment."""
    return next((span for span in spans if span.holds(moment.time())), None)
