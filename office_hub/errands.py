"""What IT has devices do: written down, signed, sent until it is done or too late.

In a thread and a file of its own, as the alerts: nothing here can keep the office from deciding.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from office_hub.core.rollout import Wellness, standing, step
from office_hub.fleet_store import open_fleet
from officelib import errand as errands
from officelib.errand import Errand, Kind, Outcome, Paper
from officelib.journal.database import transaction

log = logging.getLogger(__name__)

Stage = Literal["waiting", "sent", "taken", "done", "failed", "expired"]
"""Not sent yet; sent and not heard of; the device is at it; over, in three ways."""
OPEN: tuple[Stage, ...] = ("waiting", "sent", "taken")
LOOK_S = 5.0
AGAIN_MS = 60_000
"""An errand of which nothing was heard is sent again; the device does it once."""
MINUTE_MS = 60_000
DAY_MS = 86_400_000
VALID_MS: dict[Kind, int] = {
    **dict.fromkeys(get_args(Kind), DAY_MS),
    **dict.fromkeys(("identify", "picture", "test_print"), 10 * MINUTE_MS),
}
"""Who wants to see a screen now is not helped tomorrow; the rest waits a day for a device that is away."""
KEPT_MS = 400 * DAY_MS
PICTURES_KEPT_MS = DAY_MS
"""What stood on a screen may be of a citizen: nobody keeps it."""


@dataclass(frozen=True)
class Sent:
    """An errand as it stands. `told_ms`: when it was heard of last; None while it was not."""

    id: int
    device: str
    kind: Kind
    source: str
    sha256: str
    asked_by: str
    until_ms: int
    state: Stage
    sent_ms: int | None
    told_ms: int | None
    text: str
    has_picture: bool


@dataclass(frozen=True)
class Rollout:
    """An update for many devices. `ill`: at which it stopped; `ended_by`: who stopped it."""

    id: int
    source: str
    sha256: str
    asked_by: str
    began_ms: int
    devices: tuple[str, ...]
    at_once: bool
    ended_ms: int | None
    ended_by: str
    ill: tuple[str, ...]
    errands: dict[str, Sent]


COLUMNS = (
    "id, device, kind, source, sha256, asked_by, until_ms, state, sent_ms, told_ms, text, picture IS NOT NULL AS has"
)


class Errands:
    """Asks devices, and hears what came of it. Its methods may be called in any thread."""

    def __init__(
        self,
        database: Path,
        office: str,
        sign: Callable[[bytes], bytes],
        publish: Callable[[str, Paper], None],
        now_ms: Callable[[], int],
        on_line: Callable[[], Collection[str]],
        wellness: Callable[[], Mapping[str, Wellness] | None],
    ) -> None:
        """Args:
        database: The hub's; the fleet's lies beside it.
        office: The office's id.
        sign: The authority's signature.
        publish: Sends an errand to a device.
        now_ms: Hub time.
        on_line: The devices that are there.
        wellness: Of devices with something that stops service, or soon will; None while nothing is known of any.
        """
        self._office, self._sign, self._publish = office, sign, publish
        self._now_ms, self._on_line, self._wellness = now_ms, on_line, wellness
        self._lock = threading.Lock()
        self._store = open_fleet(database)
        self._told: queue.SimpleQueue[tuple[str, Outcome] | None] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self._ended = True
        self._told.put(None)
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            self._store.close()

    def ask(
        self,
        devices: Sequence[str],
        kind: Kind,
        by: str,
        *,
        source: str = "",
        sha256: str = "",
        rollout: int | None = None,
    ) -> list[int]:
        """Have devices do something; those that are away do it when they come back, if that is soon enough.

        Args:
            devices: Who.
            kind: What.
            by: Who wants it.
            source: Of an update, where it is fetched.
            sha256: Of an update.
            rollout: What it is a part of.

        Returns:
            The errands' ids, in the order of the devices; none where the rollout is over.
        """
        now_ms = self._now_ms()
        with self._lock, transaction(self._store):
            ended = "SELECT 1 FROM rollout WHERE id = ? AND ended_ms IS NOT NULL"
            if rollout is not None and self._store.execute(ended, (rollout,)).fetchone():
                return []
            (last,) = self._store.execute("SELECT coalesce(max(id), 0) FROM errand").fetchone()
            first = max(now_ms, last + 1)
            ids = list(range(first, first + len(devices)))
            self._store.executemany(
                "INSERT INTO errand(id, device, kind, source, sha256, asked_by, until_ms, rollout)"
                " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (one, device, kind, source, sha256, by, now_ms + VALID_MS[kind], rollout)
                    for one, device in zip(ids, devices, strict=True)
                ],
            )
        log.warning("%s has %s do: %s", by, ", ".join(devices), kind)
        self._told.put(None)
        return ids

    def told(self, device: str, outcome: Outcome) -> None:
        """A device says how an errand stands."""
        self._told.put((device, outcome))

    def of_device(self, device: str, limit: int = 30) -> list[Sent]:
        """A device's errands, the latest first."""
        return self._select("WHERE device = ? ORDER BY id DESC LIMIT ?", device, limit)

    def of_rollout(self, rollout: int) -> list[Sent]:
        """The errands of a rollout, the earliest first."""
        return self._select("WHERE rollout = ? ORDER BY id", rollout)

    def picture(self, errand: int) -> bytes | None:
        """A JPEG that an errand brought; None where there is none."""
        with self._lock:
            row = self._store.execute("SELECT picture FROM errand WHERE id = ?", (errand,)).fetchone()
        return row[0] if row else None

    def begin_rollout(self, devices: Sequence[str], source: str, sha256: str, by: str, *, at_once: bool) -> int:
        """Begin to update devices, in stages or all at once; returns the rollout's number.

        Another rollout that goes on is ended: a device has one update at a time.
        """
        for other in self.rollouts():
            if other.ended_ms is None:
                self._end_rollout(other.id, by, ())
        with self._lock, transaction(self._store):
            number = self._store.execute(
                "INSERT INTO rollout(source, sha256, asked_by, began_ms, devices, at_once) VALUES(?, ?, ?, ?, ?, ?)",
                (source, sha256, by, self._now_ms(), " ".join(devices), at_once),
            ).lastrowid
        log.warning("%s begins to update %d devices with %s", by, len(devices), source)
        self._told.put(None)
        return int(number or 0)

    def stop_rollout(self, number: int, by: str) -> None:
        """Ask no more devices. Those that have not begun do not begin."""
        self._end_rollout(number, by, ())

    def rollouts(self, limit: int = 10) -> list[Rollout]:
        """Those that go on, then the latest, with their errands."""
        with self._lock:
            rows = self._store.execute(
                "SELECT id, source, sha256, asked_by, began_ms, devices, at_once, ended_ms, ended_by, ill FROM rollout"
                " ORDER BY ended_ms IS NOT NULL, id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        found = []
        for number, source, sha256, by, began_ms, devices, at_once, ended_ms, ended_by, ill in rows:
            errands = {one.device: one for one in self.of_rollout(number)}
            what, order = (number, source, sha256, by, began_ms), tuple(devices.split())
            found.append(Rollout(*what, order, bool(at_once), ended_ms, ended_by, tuple(ill.split()), errands))
        return found

    def _go_on(self, rollout: Rollout) -> None:
        """A rollout's next step."""
        now_ms, there, wellness = self._now_ms(), set(self._on_line()), self._wellness()
        if wellness is None:
            return
        standings = {}
        for device in rollout.devices:
            sent = rollout.errands.get(device)
            state, told_ms = (sent.state, sent.told_ms) if sent else ("", None)
            standings[device] = standing(
                state, told_ms, now_ms, is_there=device in there, wellness=wellness.get(device, "well")
            )
        next_step = step(standings, now_ms - rollout.began_ms, at_once=rollout.at_once)
        if next_step.ask:
            self.ask(
                next_step.ask,
                "install",
                rollout.asked_by,
                source=rollout.source,
                sha256=rollout.sha256,
                rollout=rollout.id,
            )
        elif next_step.is_over:
            self._end_rollout(rollout.id, "", next_step.ill)

    def _end_rollout(self, number: int, by: str, ill: Sequence[str]) -> None:
        with self._lock, transaction(self._store):
            self._store.execute(
                "UPDATE rollout SET ended_ms = ?, ended_by = ?, ill = ? WHERE id = ? AND ended_ms IS NULL",
                (self._now_ms(), by, " ".join(ill), number),
            )
            self._store.execute(
                "UPDATE errand SET state = 'expired', text = 'the update was ended' WHERE rollout = ?"
                " AND state IN ('waiting', 'sent') AND told_ms IS NULL",
                (number,),
            )
        log.warning("update %d is over%s", number, f": not well are {', '.join(ill)}" if ill else "")

    def round(self) -> None:
        """Send what is due, and end what is too late."""
        for rollout in self.rollouts():
            if rollout.ended_ms is None:
                self._go_on(rollout)
        now_ms, there = self._now_ms(), set(self._on_line())
        with self._lock, transaction(self._store):
            self._store.execute(
                "UPDATE errand SET state = 'expired' WHERE state IN ('waiting', 'sent', 'taken') AND until_ms < ?",
                (now_ms,),
            )
            self._store.execute("DELETE FROM errand WHERE id < ?", (now_ms - KEPT_MS,))
            self._store.execute(
                "UPDATE errand SET picture = NULL WHERE picture IS NOT NULL AND id < ?", (now_ms - PICTURES_KEPT_MS,)
            )
        due = [
            one
            for one in self._select("WHERE state IN ('waiting', 'sent', 'taken') ORDER BY id")
            if one.device in there and (one.sent_ms is None or now_ms - one.sent_ms >= AGAIN_MS)
        ]
        for one in due:
            errand = Errand(
                id=one.id,
                office=self._office,
                device=one.device,
                kind=one.kind,
                until_ms=one.until_ms,
                source=one.source,
                sha256=one.sha256,
            )
            self._publish(one.device, errands.sign(errand, self._sign))
        with self._lock, transaction(self._store):
            self._store.executemany(
                "UPDATE errand SET sent_ms = ?, state = iif(state = 'waiting', 'sent', state) WHERE id = ?",
                [(now_ms, one.id) for one in due],
            )

    def _run(self) -> None:
        while not self._ended:
            try:
                told = self._told.get(timeout=LOOK_S)
            except queue.Empty:
                told = None
            try:
                if told is None:
                    self.round()
                else:
                    self.note(*told)
            except sqlite3.Error as error:
                log.error("errands cannot be written down: %s; check the hub's disk", error)
            except Exception:
                log.exception("an errand went wrong")

    def note(self, device: str, outcome: Outcome) -> None:
        """Write down what a device said; what is over stays as it is."""
        with self._lock, transaction(self._store):
            changed = self._store.execute(
                "UPDATE errand SET state = ?, told_ms = ?, text = ?, picture = ? WHERE id = ? AND device = ?"
                " AND state IN ('waiting', 'sent', 'taken')",
                (outcome.state, self._now_ms(), outcome.text, outcome.picture or None, outcome.errand, device),
            ).rowcount
        if changed and outcome.state != "taken":
            log.warning("%s: errand %d is %s %s", device, outcome.errand, outcome.state, outcome.text[:200])

    def _select(self, rest: str, *values: object) -> list[Sent]:
        with self._lock:
            rows = self._store.execute(f"SELECT {COLUMNS} FROM errand {rest}", values).fetchall()  # noqa: S608
        return [Sent(*row) for row in rows]
