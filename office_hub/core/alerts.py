"""What is wrong with an office's devices, before people notice: rules, and which of them matters most now.

An alert's weight is its severity times the citizens whom it touches at this moment. What has one cause is one alert.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from officelib.health import OK, Health

SILENT_MS = 180_000
"""A device says every minute that it is there; three words may be lost."""
TOGETHER_MS = 60_000
"""What goes away within a minute went away for one reason."""
OUTBOX_MANY, OUTBOX_TOO_MANY = 50, 500
CLOCK_ERR_MS = 2_000
DISK_FREE_MB = 200
HOT_C = 80.0
"""A Raspberry Pi slows down from 80 degrees on. Source: Raspberry Pi documentation, "Frequency management"."""
LOW_PAPER = re.compile("(ready|printing|confirming), paper is low")
"""A printer that prints, as a kiosk says it."""
WORN_PERCENT = 80
STARTS_MANY = 3
"""Within an hour: somebody restarts it once or twice; what hangs is started again each time."""
PAPER_HOURS, PAPER_LEAST = 1.0, 15
CERTIFICATE_MS = 30 * 24 * 3_600_000
"""Renewal begins months before: what is as late as this does not renew."""
STOPS, SOON, LATER = 3, 2, 1
"""Severity: nobody can be served by it; soon nobody can; it is to be looked at."""


@dataclass(frozen=True, kw_only=True)
class DeviceFacts:
    """A device as its hub knows it. `heard_ms`: its last word, 0 for none; `certificate_ends_ms`: 0: it has none."""

    device: str
    on_line: bool
    heard_ms: int
    health: Health | None
    certificate_ends_ms: int = 0

    def is_away(self, now_ms: int) -> bool:
        """Off line, or silent for too long."""
        return not self.on_line or now_ms - self.heard_ms > SILENT_MS

    @property
    def is_kiosk(self) -> bool:
        return self.device.startswith("k")


@dataclass(frozen=True)
class Load:
    """Who is in the office now: how many wait, and how many came to each kiosk within the last hour."""

    waiting: int
    came: Mapping[str, int]

    def touched_by(self, facts: DeviceFacts) -> int:
        """How many citizens feel what is wrong with a device: who comes to a kiosk, who waits before a display."""
        return max(1, self.came.get(facts.device, 0) if facts.is_kiosk else self.waiting)


@dataclass(frozen=True)
class Alert:
    """Something that is wrong, with one device or, for one reason, with several.

    Attributes:
        rule: Which; the console's texts "alert_..." and "mend_..." are named by it.
        devices: Whose, in the order of their names.
        severity: 3 stops service, 2 will, 1 is to be looked at.
        touched: Citizens who feel it now.
        detail: A figure, or a part's own words, for who looks closer.
    """

    rule: str
    devices: tuple[str, ...]
    severity: int
    touched: int
    detail: str = ""

    @property
    def weight(self) -> int:
        """What orders them: severity times impact."""
        return self.severity * self.touched


Rule = Callable[[DeviceFacts, Load], tuple[int, str] | None]
"""Severity and detail where a device that is there has that fault."""


def _app_gone(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    return (STOPS, "") if facts.health is not None and facts.health.app is None else None


def _part(facts: DeviceFacts, load: Load) -> tuple[int, str] | None:
    app = facts.health.app if facts.health else None
    wrong = {name: said for name, said in (app.parts if app else {}).items() if said != OK}
    if not wrong:
        return None
    is_low = all(LOW_PAPER.match(said) for said in wrong.values())
    if is_low and _paper(facts, load):
        return None  # the same roll
    return (SOON if is_low or not facts.is_kiosk else STOPS), "; ".join(
        f"{name}: {said}" for name, said in wrong.items()
    )


def _paper(facts: DeviceFacts, load: Load) -> tuple[int, str] | None:
    app = facts.health.app if facts.health else None
    left = app.figures.get("tickets_left") if app else None
    an_hour = load.came.get(facts.device, 0)
    if left is None or (left > PAPER_LEAST and left > an_hour * PAPER_HOURS):
        return None
    return SOON, f"{left:.0f}, {an_hour}/h"


def _outbox(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    count = facts.health.outbox if facts.health else 0
    return (SOON if count < OUTBOX_TOO_MANY else STOPS, str(count)) if count > OUTBOX_MANY else None


def _disk(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    free = facts.health.disk_free_mb if facts.health else DISK_FREE_MB
    return (SOON, f"{free} MB") if free < DISK_FREE_MB else None


def _clock(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    error = facts.health.clock_err_ms if facts.health else 0
    return (LATER, "?" if error < 0 else f"{error} ms") if error < 0 or error > CLOCK_ERR_MS else None


def _hot(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    warmth = facts.health.temperature_c if facts.health else None
    return (LATER, f"{warmth:.0f} °C") if warmth is not None and warmth >= HOT_C else None


def _worn(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    worn = facts.health.disk_worn_percent if facts.health else None
    return (LATER, f"{worn} %") if worn is not None and worn >= WORN_PERCENT else None


def _restarts(facts: DeviceFacts, _load: Load) -> tuple[int, str] | None:
    starts = facts.health.app_starts if facts.health else 0
    return (SOON, str(starts)) if starts > STARTS_MANY else None


RULES: Mapping[str, Rule] = {
    "app_gone": _app_gone,
    "part": _part,
    "paper": _paper,
    "outbox": _outbox,
    "disk": _disk,
    "clock": _clock,
    "hot": _hot,
    "worn": _worn,
    "restarts": _restarts,
}


def alerts_of(devices: Sequence[DeviceFacts], load: Load, now_ms: int, *, broker_on: bool = True) -> list[Alert]:
    """All that is wrong now, the weightiest first.

    Args:
        devices: Every device that was ever let in and not revoked.
        load: Who is in the office.
        now_ms: Hub time.
        broker_on: Whether the hub hears its broker: else it knows nothing of devices, and that is the one alert.
    """
    found = _certificates(devices, load, now_ms)
    if not broker_on:
        found.append(Alert("broker", tuple(one.device for one in devices), STOPS, _touched(devices, load)))
    else:
        found += _away([one for one in devices if one.is_away(now_ms)], load)
        there = [one for one in devices if not one.is_away(now_ms)]
        for name, rule in RULES.items():
            found += _grouped(name, [(one, said) for one in there if (said := rule(one, load))], load)
    return sorted(found, key=lambda alert: (-alert.weight, -alert.severity, alert.rule, alert.devices))


def _grouped(rule: str, ill: Sequence[tuple[DeviceFacts, tuple[int, str]]], load: Load) -> list[Alert]:
    """What devices of one kind have in common is one alert; a part's fault is each device's own."""
    if rule in ("part", "paper"):
        return [Alert(rule, (one.device,), *_weighed(said, [one], load)) for one, said in ill]
    found = []
    for severity in (STOPS, SOON, LATER):
        some = [(one, said) for one, said in ill if said[0] == severity]
        if some:
            details = ", ".join(dict.fromkeys(said[1] for _, said in some if said[1]))
            found.append(_alert(rule, severity, [one for one, _ in some], load, details))
    return found


def _weighed(said: tuple[int, str], devices: Sequence[DeviceFacts], load: Load) -> tuple[int, int, str]:
    return said[0], _touched(devices, load), said[1]


def _away(devices: Sequence[DeviceFacts], load: Load) -> list[Alert]:
    """Devices that went away within a minute of each other: one broken switch is one alert."""
    groups: list[list[DeviceFacts]] = []
    ordered = sorted(devices, key=lambda one: one.heard_ms)
    for before, one in pairwise([None, *ordered]):
        assert one is not None  # noqa: S101 (only the first is None)
        if before is None or one.heard_ms - before.heard_ms > TOGETHER_MS:
            groups.append([])
        groups[-1].append(one)
    return [_alert("away" if len(group) == 1 else "away_together", STOPS, group, load) for group in groups]


def _certificates(devices: Sequence[DeviceFacts], load: Load, now_ms: int) -> list[Alert]:
    ending = [one for one in devices if one.certificate_ends_ms and one.certificate_ends_ms - now_ms < CERTIFICATE_MS]
    return [_alert("certificate", LATER, ending, load)] if ending else []


def _alert(rule: str, severity: int, devices: Sequence[DeviceFacts], load: Load, detail: str = "") -> Alert:
    return Alert(rule, tuple(sorted(one.device for one in devices)), severity, _touched(devices, load), detail)


def _touched(devices: Iterable[DeviceFacts], load: Load) -> int:
    """Who comes to any of these kiosks, or waits before a display of them; nobody twice."""
    listed = list(devices)
    kiosks = sum(load.touched_by(one) for one in listed if one.is_kiosk)
    return max(1, kiosks + (load.waiting if any(not one.is_kiosk for one in listed) else 0))
