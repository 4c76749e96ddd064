"""Looks after an office's devices: what is wrong, since when, who took it.

In a thread and a file of its own: nothing here can keep the office from deciding.
"""

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from office_hub.core.alerts import SOON, Alert, DeviceFacts, Load, alerts_of
from office_hub.core.rollout import Wellness
from office_hub.fleet_store import open_fleet
from officelib.authority import ends_ms
from officelib.health import Health
from officelib.journal.database import open_reader, transaction
from officelib.journal.registry import Registry
from officelib.office import Office, State

log = logging.getLogger(__name__)

LOOK_S = 5.0
HOUR_MS = 3_600_000
KEPT_MS = 400 * 24 * HOUR_MS
"""Alerts that are over stay for a year and a bit: "the same month last year"."""
LASTING_MS = 180_000
"""What is wrong for so long is no flicker of the network, and no program that is just started."""
WAITING = (State.NUMBERED, State.WAITING)

NOBODY = Load(0, {})


@dataclass(frozen=True)
class Kept:
    """What people and time add to an alert of one device."""

    rule: str
    device: str
    began_ms: int
    ended_ms: int | None
    detail: str
    severity: int
    taken_by: str
    note: str
    quiet_until_ms: int


@dataclass(frozen=True)
class Shown:
    """An alert as IT sees it. `began_ms`: of its first device; `is_quiet`: somebody wants quiet until a time."""

    alert: Alert
    began_ms: int
    taken_by: str
    note: str
    is_quiet: bool


@dataclass(frozen=True)
class FleetView:
    """The office's devices at one moment."""

    at_ms: int
    devices: tuple[DeviceFacts, ...] = ()
    load: Load = NOBODY
    shown: tuple[Shown, ...] = ()

    @property
    def wellness(self) -> dict[str, Wellness]:
        """Of devices with something that stops service, or soon will: for a moment, or for minutes."""
        found: dict[str, Wellness] = {}
        for one in self.shown:
            how: Wellness = "ill" if self.at_ms - one.began_ms >= LASTING_MS else "alerted"
            for device in one.alert.devices if one.alert.severity >= SOON else ():
                found[device] = "ill" if found.get(device) == "ill" else how
        return found


class Fleet:
    """Looks every few seconds. `view` is the latest; it is replaced, never changed."""

    def __init__(
        self,
        database: Path,
        office: Callable[[], Office],
        now_ms: Callable[[], int],
        broker_on: Callable[[], bool],
    ) -> None:
        """Args:
        database: The hub's, which is read; the fleet's lies beside it.
        office: The office, which is read as it stands.
        now_ms: Hub time.
        broker_on: Whether the hub hears its broker.
        """
        self._database, self._office, self._now_ms, self._broker_on = database, office, now_ms, broker_on
        self._lock = threading.Lock()
        self._store = open_fleet(database)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._certificates: dict[str, int] = {}
        self.view = FleetView(now_ms())
        self._has_looked = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, after the look that is under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            self._store.close()

    def look(self) -> FleetView:
        """See how the devices are, write down what began and what ended."""
        now_ms = self._now_ms()
        devices, load = self._devices(), load_of(self._office(), now_ms)
        found = alerts_of(devices, load, now_ms, broker_on=self._broker_on())
        with self._lock:
            kept = self._keep(found, now_ms)
        self._has_looked = True
        self.view = FleetView(now_ms, tuple(devices), load, _ordered([_shown(one, kept, now_ms) for one in found]))
        return self.view

    def wellness(self) -> dict[str, Wellness] | None:
        """As the latest view has it; None while nothing is known: before the first look, and without the broker."""
        return self.view.wellness if self._has_looked and self._broker_on() else None

    def take(self, rule: str, devices: Sequence[str], by: str, note: str, quiet_until_ms: int) -> None:
        """Somebody takes alerts that last, notes something, or wants quiet until a time; empty texts take it back."""
        with self._lock, transaction(self._store):
            self._store.executemany(
                "UPDATE alert SET taken_by = ?, note = ?, quiet_until_ms = ?"
                " WHERE rule = ? AND device = ? AND ended_ms IS NULL",
                [(by, note, quiet_until_ms, rule, device) for device in devices],
            )
        self.look()

    def since(self, at_ms: int) -> list[Kept]:
        """Alerts that lasted at `at_ms` or began later, the newest first."""
        with self._lock:
            rows = self._store.execute(
                "SELECT rule, device, began_ms, ended_ms, detail, severity, taken_by, note, quiet_until_ms FROM alert"
                " WHERE ended_ms IS NULL OR ended_ms >= ? ORDER BY began_ms DESC, id DESC",
                (at_ms,),
            ).fetchall()
        return [Kept(*row) for row in rows]

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                self.look()
            except sqlite3.Error as error:
                log.error("the devices could not be looked at: %s; check the hub's disk", error)
            except Exception:
                log.exception("the devices could not be looked at")

    def _devices(self) -> list[DeviceFacts]:
        """Every device that was let in and is not out, the name's letter and number in order."""
        reader = open_reader(self._database)
        try:
            rows = reader.execute("SELECT device, on_line, at_ms, health FROM device_health").fetchall()
            valid = reader.execute(
                "SELECT device, serial, pem FROM certificate WHERE revoked_n IS NULL ORDER BY n"
            ).fetchall()
            out = {device for device, *_ in rows if Registry(reader).is_out(device)}
        finally:
            reader.close()
        heard = {row[0]: row[1:] for row in rows}
        ends = {device: self._ends_ms(serial, pem) for device, serial, pem in valid}
        found = []
        for device in sorted({*heard, *ends} - out, key=lambda name: (name[:1], len(name), name)):
            on_line, at_ms, health = heard.get(device, (0, 0, None))
            told = msgspec.json.decode(health, type=Health) if health else None
            found.append(
                DeviceFacts(
                    device=device,
                    on_line=bool(on_line),
                    heard_ms=at_ms,
                    health=told,
                    certificate_ends_ms=ends.get(device, 0),
                )
            )
        return found

    def _ends_ms(self, serial: str, pem: str) -> int:
        if serial not in self._certificates:
            self._certificates[serial] = ends_ms(pem)
        return self._certificates[serial]

    def _keep(self, found: Sequence[Alert], now_ms: int) -> dict[tuple[str, str], Kept]:
        """What began is written down, and what ended; returns all that last."""
        now = {(alert.rule, device): alert for alert in found for device in alert.devices}
        rows = self._store.execute("SELECT rule, device FROM alert WHERE ended_ms IS NULL").fetchall()
        over, began = [row for row in rows if row not in now], [pair for pair in now if pair not in set(rows)]
        if over or began:
            with transaction(self._store):
                self._store.executemany(
                    "UPDATE alert SET ended_ms = ? WHERE rule = ? AND device = ? AND ended_ms IS NULL",
                    [(now_ms, *pair) for pair in over],
                )
                self._store.executemany(
                    "INSERT INTO alert(rule, device, began_ms, detail, severity) VALUES(?, ?, ?, ?, ?)",
                    [(*pair, now_ms, now[pair].detail, now[pair].severity) for pair in began],
                )
                self._store.execute("DELETE FROM alert WHERE ended_ms < ?", (now_ms - KEPT_MS,))
            for rule, device in began:
                log.warning("%s: %s %s", device, rule, now[rule, device].detail)
        kept = self._store.execute(
            "SELECT rule, device, began_ms, ended_ms, detail, severity, taken_by, note, quiet_until_ms FROM alert"
            " WHERE ended_ms IS NULL"
        ).fetchall()
        return {(row[0], row[1]): Kept(*row) for row in kept}


def load_of(office: Office, now_ms: int) -> Load:
    """Who is in the office, by the tickets of the day; the fold goes on meanwhile, so its tickets are listed first."""
    tickets = list(office.tickets.values())
    came = Counter(one.stands.device for one in tickets if now_ms - one.arrived_ms < HOUR_MS)
    return Load(sum(one.state in WAITING for one in tickets), came)


def _shown(alert: Alert, kept: dict[tuple[str, str], Kept], now_ms: int) -> Shown:
    own = [kept[alert.rule, device] for device in alert.devices]
    taken, notes = {one.taken_by for one in own}, {one.note for one in own}
    return Shown(
        alert,
        min((one.began_ms for one in own), default=now_ms),
        taken.pop() if len(taken) == 1 else "",
        notes.pop() if len(notes) == 1 else "",
        bool(own) and all(one.quiet_until_ms > now_ms for one in own),
    )


def _ordered(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    """As they came, by weight; those that are to be quiet at the end."""
    return tuple(sorted(shown, key=lambda one: one.is_quiet))
