"""The bookings that a hub knows: a table beside the log, in the order of their last changes."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from officelib.booking import Booking, short_code
from officelib.events import BookingMade, BookingUndone
from officelib.journal.database import transaction

COLUMNS = "ref, service, slot_ms, short, cancelled, stands_ms, persons, then_ids, who, want"
"""The fields of a booking, in their order; `then_ids` with spaces between them."""
KEPT_MS = 30 * 86_400_000
KNOWN_MS = 86_400_000
"""After its time somebody is known by a booking no longer than that."""


class Bookings:
    """Written by the log's one writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, bookings: Iterable[Booking], rev: int | None = None) -> list[str]:
        """Add bookings, or change those that are there.

        Args:
            bookings: The oldest change first.
            rev: The revision of the last one, where another hub has counted.
        Returns:
            The refs that did not go in: their short codes are those of other bookings.
        """
        collided = []
        with transaction(self._connection):
            count = self.rev()
            for one in bookings:
                count = count + 1 if rev is None else rev
                try:
                    self._upsert(one, count)
                except sqlite3.IntegrityError:
                    collided.append(one.ref)
            self._keep_rev(count)
        return collided

    def _upsert(self, booking: Booking, rev: int) -> None:
        self._connection.execute(
            f"INSERT INTO booking({COLUMNS}, rev) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(ref) DO UPDATE SET service = excluded.service, slot_ms = excluded.slot_ms,"
            " cancelled = excluded.cancelled, stands_ms = excluded.stands_ms, persons = excluded.persons,"
            " then_ids = excluded.then_ids, who = excluded.who,"
            " want = CASE excluded.want WHEN '' THEN want ELSE excluded.want END, rev = excluded.rev",
            (*msgspec.structs.astuple(booking)[:-3], " ".join(booking.then), booking.who, booking.want, rev),
        )

    def _keep_rev(self, rev: int) -> None:
        self._connection.execute(
            "INSERT INTO meta(k, v) VALUES('booking_rev', ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v", (rev,)
        )

    def keep(self, body: BookingMade | BookingUndone, *, counts: bool) -> None:
        """Write a kiosk's booking, inside the transaction of its entry in the log.

        `counts`: this hub counts the changes; a standby has the count from its leader.

        Raises:
            sqlite3.IntegrityError: its short code is that of another booking.
        """
        known = self.find(ref=body.ref)
        if isinstance(body, BookingMade):
            changed = (
                booking_of(body) if known is None else None
            )  # what is known already is newer: it came with the leader's list
        else:
            changed = known and msgspec.structs.replace(known, cancelled=True)
        if changed is not None:
            rev = self.rev() + counts
            self._upsert(changed, rev)
            self._keep_rev(rev)

    def given_for(self, want: str) -> Booking | None:
        """The booking that a kiosk gave for its event; None for one that was taken back."""
        rows = self._select("WHERE want = ? AND want <> '' AND NOT cancelled", (want,))
        return _booking(rows[0][:-1]) if rows else None

    def taken(self, start_ms: int, end_ms: int) -> list[Booking]:
        """Appointments of a time, the cancelled ones left out."""
        rows = self._select("WHERE slot_ms BETWEEN ? AND ? AND NOT cancelled AND NOT stands_ms", (start_ms, end_ms))
        return [_booking(row[:-1]) for row in rows]

    def rev(self) -> int:
        """Counts the changes of bookings."""
        row = self._connection.execute("SELECT v FROM meta WHERE k = 'booking_rev'").fetchone()
        return row[0] if row else 0

    def after(self, rev: int, most: int) -> tuple[list[Booking], int]:
        """(bookings, revision): what changed after a revision, the oldest change first, `most` at most."""
        if rev == self.rev():
            return [], rev
        rows = self._select("WHERE rev > ? ORDER BY rev LIMIT ?", (rev, most))
        return [_booking(row[:-1]) for row in rows], rows[-1][-1] if rows else rev

    def find(self, *, ref: str = "", short: str = "") -> Booking | None:
        """A booking by its reference or by its short code."""
        rows = self._select("WHERE ref = ? OR short = ?", (ref, short))
        return _booking(rows[0][:-1]) if rows else None

    def of(self, who: str) -> list[Booking]:
        """The bookings of whoever has that hash, the earliest first; the cancelled ones left out."""
        rows = self._select("WHERE who = ? AND who <> '' AND NOT cancelled ORDER BY slot_ms", (who,))
        return [_booking(row[:-1]) for row in rows]

    def forget_who(self, now_ms: int) -> None:
        """Nobody needs to be known by a booking that is over; a standby forgets it too."""
        over = self._select("WHERE who <> '' AND slot_ms < ?", (now_ms - KNOWN_MS,))
        if over:
            self.put(msgspec.structs.replace(_booking(row[:-1]), who="") for row in over)

    def _select(self, where: str, values: tuple[str | int, ...]) -> list[tuple[Any, ...]]:
        asked = f"SELECT {COLUMNS}, rev FROM booking {where}"  # noqa: S608 (texts of our own)
        return self._connection.execute(asked, values).fetchall()

    def forget(self, now_ms: int) -> None:
        """Drop what is long over, inside the transaction of whoever archives."""
        self._connection.execute("DELETE FROM booking WHERE slot_ms < ?", (now_ms - KEPT_MS,))


def booking_of(made: BookingMade) -> Booking:
    """The booking that an entry of the log makes."""
    return Booking(made.ref, made.service, made.slot_ms, short_code(made.ref), want=made.want)


def _booking(row: tuple[Any, ...]) -> Booking:
    ref, service, slot_ms, short, cancelled, stands_ms, persons, then_ids, who, want = row
    then = tuple(then_ids.split())
    return Booking(ref, service, slot_ms, short, bool(cancelled), stands_ms, persons, then, who, want)
