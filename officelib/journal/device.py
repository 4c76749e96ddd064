"""A device's journal: its own events, what the hub has of them, and what the device must remember over a power cut."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from officelib.arrival import Anchor, better
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.events import Abandon, Book, Booked, DeviceEvent, Lane, Print, Want
from officelib.ids import check_device
from officelib.journal import chain
from officelib.journal.database import Damaged, open_writer, set_aside, transaction
from officelib.numbering import next_lane_number

JobState = Literal["queued", "sending", "ended"]
KEPT_MS = 48 * 3_600_000
"""So long a device keeps what hub and standby have acknowledged: a hub that lost its disk asks for it again."""
MARK_EVERY_MS = 3_600_000
TAIL_ROWS = 1000
"""Rows of the chain that are checked at start-up."""

migrations = Migrations("device")


@migrations()
def s1_events(db: Database) -> None:
    """The journal itself, and what the hub has acknowledged."""
    for statement in (
        "CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID",
        "CREATE TABLE boot(boot TEXT PRIMARY KEY, anchor TEXT) STRICT, WITHOUT ROWID",
        "CREATE TABLE event(seq INTEGER PRIMARY KEY, boot TEXT NOT NULL, mono_ms INTEGER NOT NULL,"
        " body TEXT NOT NULL, link BLOB NOT NULL CHECK(length(link) = 8)) STRICT",
        "CREATE TABLE lane(series TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE print_job(ticket INTEGER PRIMARY KEY, facts TEXT NOT NULL, boot TEXT NOT NULL,"
        " mono_ms INTEGER NOT NULL, state TEXT NOT NULL, copies INTEGER NOT NULL DEFAULT 0) STRICT",
        "CREATE TABLE booking_seen(ref TEXT PRIMARY KEY, ticket INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE announced(call TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE projection(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.conn.execute(statement)


class JournalFull(KnownError):
    """The disk takes no more: nothing may be promised to a citizen."""


@dataclass(frozen=True)
class Identity:
    """Who writes a journal. `inc` is 0 until the hub has granted an incarnation; `slot` is the lane's digit."""

    device: str
    journal: str
    inc: int
    slot: int


@dataclass(frozen=True)
class PrintJob:
    """Paper that a ticket is owed. `ticket` is the seq of its want or lane event; `facts` are what it says."""

    ticket: int
    facts: bytes
    boot: str
    mono_ms: int
    state: JobState
    copies: int


class DeviceJournal:
    """The one writer of a device's journal. One thread uses it."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self.is_closing = False
        self._known: dict[str, Any] = dict(connection.execute("SELECT k, v FROM meta").fetchall())
        head = connection.execute("SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        self._head: int = head[0] if head else self._meta("floor", 0)
        self._link: bytes = head[1] if head else self._meta("floor_link", chain.GENESIS)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One action of a user: all of it, durable, or nothing.

        Raises:
            JournalFull: the disk takes no more; nothing was written.
        """
        head, last_link, known = self._head, self._link, dict(self._known)
        try:
            with transaction(self._connection):
                yield
        except BaseException as error:
            self._head, self._link, self._known = head, last_link, known
            if isinstance(error, sqlite3.OperationalError):
                raise JournalFull(str(error), where="the journal", mend="Free the disk; see the log.") from error
            raise

    # --- identity

    @property
    def identity(self) -> Identity:
        return Identity(
            device=self._meta("device", ""),
            journal=self._meta("journal", ""),
            inc=self._meta("inc", 0),
            slot=self._meta("slot", 0),
        )

    @property
    def epoch(self) -> int:
        """The highest hub epoch that this device has seen; lower ones are dead."""
        epoch: int = self._meta("epoch", 0)
        return epoch

    def grant(self, inc: int, slot: int) -> None:
        """The hub has granted an incarnation and a lane."""
        self._set_meta("inc", inc)
        self._set_meta("slot", slot)

    # --- events

    @property
    def head(self) -> int:
        """The seq of the newest event, 0 when there is none."""
        return self._head

    def append(self, event: DeviceEvent) -> int:
        """Write an event inside a transaction.

        Returns:
            Its seq.
        Raises:
            KnownError: the hub has not granted this journal an incarnation yet.
            JournalFull: there is room only to end what was begun.
        """
        if self.is_closing and (isinstance(event, Want | Book) or (isinstance(event, Lane) and not event.want)):
            raise JournalFull("no room for a new ticket", where="the journal", mend="Free the disk; see the log.")
        if not self.identity.inc:
            raise KnownError("no incarnation yet", where="the journal", mend="Connect the device to its hub once.")
        body = msgspec.json.encode(event)
        seq, boot, mono_ms = self._head + 1, self._clock.boot, self._clock.mono_ms()
        link = chain.link(self._link, seq, boot, mono_ms, body)
        self._connection.execute(
            "INSERT INTO event(seq, boot, mono_ms, body, link) VALUES(?, ?, ?, ?, ?)",
            (seq, boot, mono_ms, body.decode(), link),
        )
        self._head, self._link = seq, link
        return seq

    def acknowledge(self, epoch: int, acked: int, stable: int, boot: str, anchor: Anchor | None) -> None:
        """The hub has committed all events up to `acked`; the anchor dates those of `boot`.

        A hub of a higher epoch may have fewer of them than the one before.
        """
        if epoch > self.epoch:
            self._set_meta("epoch", epoch)
        else:
            acked = max(acked, self._meta("acked", 0))
        self._set_meta("acked", acked)
        self._set_meta("stable", min(stable, acked))
        if anchor is not None:
            row = self._connection.execute("SELECT anchor FROM boot WHERE boot = ?", (boot,)).fetchone()
            best = better(msgspec.json.decode(row[0], type=Anchor) if row else None, anchor)
            self._connection.execute(
                "INSERT INTO boot(boot, anchor) VALUES(?, ?) ON CONFLICT(boot) DO UPDATE SET anchor = excluded.anchor",
                (boot, msgspec.json.encode(best).decode()),
            )

    def wipe(self) -> None:
        """Drop all but what happened, and who wrote it: the events stay, for whoever exports them."""
        for table in ("projection", "booking_seen", "print_job", "announced"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 (names of our own)

    def forget(self, now_ms: int) -> int:
        """Delete events that the hub and its standby have had for long, and what stood by them.

        The chain goes on: the link of the newest deleted one is kept.

        Args:
            now_ms: Hub time; how old an acknowledgement is, is counted in it.
        Returns:
            How many events went.
        """
        marks = [m for m in self._stable_marks() if m[0] <= now_ms]
        if not marks or now_ms - marks[-1][0] >= MARK_EVERY_MS:
            marks.append((now_ms, self._meta("stable", 0)))
        old = [m for m in marks if now_ms - m[0] >= KEPT_MS]
        self._set_meta("stable_marks", msgspec.json.encode(marks[max(0, len(old) - 1) :]).decode())
        row = (
            old
            and self._connection.execute(
                "SELECT seq, link FROM event WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (old[-1][1],)
            ).fetchone()
        )
        if not row:
            return 0
        seq, link = row
        self._set_meta("floor", seq)
        self._set_meta("floor_link", link)
        self._connection.execute("DELETE FROM print_job WHERE ticket <= ? AND state = 'ended'", (seq,))
        self._connection.execute(
            "DELETE FROM booking_seen WHERE ticket <= ? AND ticket NOT IN (SELECT ticket FROM print_job)", (seq,)
        )
        gone = self._connection.execute("DELETE FROM event WHERE seq <= ?", (seq,)).rowcount
        self._connection.execute(
            "DELETE FROM boot WHERE boot NOT IN (SELECT boot FROM event) AND boot != ?", (self._clock.boot,)
        )
        return gone

    def _stable_marks(self) -> list[tuple[int, int]]:
        """(hub time, newest stable event then), the oldest first."""
        return msgspec.json.decode(self._meta("stable_marks", "[]"), type=list[tuple[int, int]])

    @property
    def stable(self) -> int:
        """The newest event that hub and standby have committed."""
        stable: int = self._meta("stable", 0)
        return stable

    @property
    def acked(self) -> int:
        """The newest event that the hub has committed."""
        acked: int = self._meta("acked", 0)
        return acked

    def anchor(self) -> Anchor | None:
        """The best anchor of this boot."""
        row = self._connection.execute("SELECT anchor FROM boot WHERE boot = ?", (self._clock.boot,)).fetchone()
        return msgspec.json.decode(row[0], type=Anchor) if row and row[0] else None

    def open_wants(self) -> set[int]:
        """Wants, and bookings asked for, of which nothing came yet: a crash stood between them and their citizen."""
        wants: set[int] = set()
        rows = self._connection.execute("SELECT seq, body FROM event WHERE seq > ?", (self._head - TAIL_ROWS,))
        for seq, body in rows:
            event = msgspec.json.decode(body, type=DeviceEvent)
            if isinstance(event, Want | Book):
                wants.add(seq)
            elif isinstance(event, Print | Lane | Abandon | Booked):
                wants.discard(event.want)
        return wants

    # --- what a kiosk remembers

    def next_lane(self, series: str) -> int:
        """Take the next number of this kiosk's lane in a series."""
        row = self._connection.execute("SELECT last FROM lane WHERE series = ?", (series,)).fetchone()
        number = next_lane_number(row[0] if row else 0)
        self._connection.execute(
            "INSERT INTO lane(series, last) VALUES(?, ?) ON CONFLICT(series) DO UPDATE SET last = excluded.last",
            (series, number),
        )
        return number

    def queue_print(self, ticket: int, facts: bytes) -> None:
        """A ticket is owed its paper."""
        self._connection.execute(
            "INSERT INTO print_job(ticket, facts, boot, mono_ms, state) VALUES(?, ?, ?, ?, 'queued')",
            (ticket, facts.decode(), self._clock.boot, self._clock.mono_ms()),
        )

    def mark_print(self, ticket: int, state: JobState, *, copies: int = 0) -> None:
        """How far the paper of a ticket is; `copies` counts reprints."""
        self._connection.execute(
            "UPDATE print_job SET state = ?, copies = copies + ? WHERE ticket = ?", (state, copies, ticket)
        )

    def print_job(self, ticket: int) -> PrintJob | None:
        """The paper of a ticket."""
        return next(self._jobs("WHERE ticket = ?", (ticket,)), None)

    def open_print_jobs(self) -> list[PrintJob]:
        """Paper whose end is not known: a crash stood between."""
        return list(self._jobs("WHERE state != 'ended' ORDER BY ticket", ()))

    def _jobs(self, where: str, values: tuple[Any, ...]) -> Iterator[PrintJob]:
        rows = self._connection.execute(
            f"SELECT ticket, facts, boot, mono_ms, state, copies FROM print_job {where}",  # noqa: S608 (ours)
            values,
        )
        return (PrintJob(row[0], row[1].encode(), *row[2:]) for row in rows)

    def see_booking(self, ref: str, ticket: int) -> None:
        """This kiosk has given a booking its ticket."""
        self._connection.execute("INSERT OR REPLACE INTO booking_seen(ref, ticket) VALUES(?, ?)", (ref, ticket))

    def forget_booking(self, ref: str) -> None:
        """Its citizen left the queue: who comes with it again comes anew."""
        self._connection.execute("DELETE FROM booking_seen WHERE ref = ?", (ref,))

    def ticket_of_booking(self, ref: str) -> PrintJob | None:
        """The ticket that this kiosk gave a booking."""
        row = self._connection.execute("SELECT ticket FROM booking_seen WHERE ref = ?", (ref,)).fetchone()
        return self.print_job(row[0]) if row else None

    # --- what a display remembers

    def announce(self, call: str, at_ms: int) -> bool:
        """Claim a call for announcing; False when it was announced before."""
        cursor = self._connection.execute("INSERT OR IGNORE INTO announced(call, at_ms) VALUES(?, ?)", (call, at_ms))
        self._connection.execute("DELETE FROM announced WHERE at_ms < ?", (at_ms - 2 * 86_400_000,))
        return cursor.rowcount == 1

    # --- what the hub told

    def keep(self, name: str, value: bytes) -> None:
        """Keep what the hub told, for the time when it is away."""
        self._connection.execute(
            "INSERT INTO projection(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (name, value.decode()),
        )

    def kept(self, name: str) -> bytes | None:
        """What the hub told last under a name."""
        row = self._connection.execute("SELECT value FROM projection WHERE name = ?", (name,)).fetchone()
        return row[0].encode() if row else None

    def close(self) -> None:
        self._connection.close()

    def _meta(self, key: str, default: Any) -> Any:
        return self._known.get(key, default)

    def _set_meta(self, key: str, value: str | int | bytes) -> None:
        if self._known.get(key) == value:
            return
        self._known[key] = value
        self._connection.execute(
            "INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v", (key, value)
        )


def open_journal(path: Path, device: str, clock: Clock) -> tuple[DeviceJournal, Path | None]:
    """Open a device's journal, or begin a new one.

    Returns:
        The journal, and where a damaged one was set aside (None when all is well). A new journal has no incarnation
        until the hub grants one.
    Raises:
        KnownError: the disk refuses, or the journal belongs to another device.
    """
    check_device(device)
    aside = None
    try:
        journal = _checked(path, clock)
    except Damaged:
        aside = set_aside(path)
        journal = _checked(path, clock)
    owner = journal.identity.device
    if owner and owner != device:
        journal.close()
        raise KnownError(
            f"this is the journal of {owner}, not of {device}", where=str(path), mend="Give each device its own folder."
        )
    if not owner:
        with journal.transaction():
            journal._set_meta("device", device)  # noqa: SLF001
            journal._set_meta("journal", uuid.uuid4().hex)  # noqa: SLF001
    return journal, aside


def _checked(path: Path, clock: Clock) -> DeviceJournal:
    connection = open_writer(path, migrations)
    first = connection.execute("SELECT max(1, coalesce(max(seq), 0) - ?) FROM event", (TAIL_ROWS,)).fetchone()[0]
    before = connection.execute(
        "SELECT coalesce((SELECT link FROM event WHERE seq = ?), (SELECT v FROM meta WHERE k = 'floor_link'))",
        (first - 1,),
    ).fetchone()[0]
    rows = connection.execute("SELECT seq, boot, mono_ms, body, link FROM event WHERE seq >= ? ORDER BY seq", (first,))
    broken = chain.first_break(
        before or chain.GENESIS,
        ((seq, link, (seq, boot, mono_ms, body.encode())) for seq, boot, mono_ms, body, link in rows),
    )
    if broken is not None:
        connection.close()
        raise Damaged(f"{path}: event {broken} does not follow from the one before")
    return DeviceJournal(connection, clock)
