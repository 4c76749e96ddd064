"""A device's journal as its bridge reads it: what the hub has not acknowledged. Cannot write."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

import msgspec

from officelib.arrival import Anchor
from officelib.journal.database import open_reader
from officelib.journal.device import Identity


class OutboxEvent(NamedTuple):
    """An event as it stands in the journal; `body` is its JSON."""

    seq: int
    boot: str
    mono_ms: int
    body: bytes
    link: str


class Outbox:
    """Reads a journal, also one that is not there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    def identity(self) -> Identity | None:
        """Who writes the journal; None while there is none."""
        connection = self._open()
        if connection is None:
            return None
        try:
            meta = dict(connection.execute("SELECT k, v FROM meta").fetchall())
        except sqlite3.OperationalError:
            return None
        if "device" not in meta:
            return None
        return Identity(meta["device"], meta["journal"], meta.get("inc", 0), meta.get("slot", 0))

    def epoch_and_acked(self) -> tuple[int, int]:
        """The highest epoch and the newest acknowledged event that the device has committed."""
        rows = self._query("SELECT k, v FROM meta WHERE k IN ('epoch', 'acked')")
        meta = dict(rows)
        return meta.get("epoch", 0), meta.get("acked", 0)

    def after(self, seq: int, most: int) -> list[OutboxEvent]:
        """Events after `seq`, in order, `most` at most."""
        rows = self._query(
            "SELECT seq, boot, mono_ms, body, link FROM event WHERE seq > ? ORDER BY seq LIMIT ?", seq, most
        )
        return [OutboxEvent(row[0], row[1], row[2], row[3].encode(), row[4].hex()) for row in rows]

    def head(self) -> int:
        """The newest event's seq."""
        rows = self._query("SELECT coalesce(max(seq), (SELECT v FROM meta WHERE k = 'floor'), 0) FROM event")
        return rows[0][0] if rows else 0

    def link_at(self, seq: int) -> str | None:
        """An event's link, 16 hex digits; None when the journal does not hold it."""
        rows = self._query("SELECT link FROM event WHERE seq = ?", seq)
        return rows[0][0].hex() if rows else None

    def floor(self) -> int:
        """The newest event that the journal no longer holds."""
        rows = self._query("SELECT v FROM meta WHERE k = 'floor'")
        return rows[0][0] if rows else 0

    def anchors(self, boots: set[str]) -> dict[str, Anchor]:
        """The anchors of these boots, as far as they are known."""
        rows = self._query("SELECT boot, anchor FROM boot WHERE anchor IS NOT NULL")
        return {boot: msgspec.json.decode(anchor, type=Anchor) for boot, anchor in rows if boot in boots}

    def next_anchor(self, boot: str) -> Anchor | None:
        """The anchor of the next boot, in the order of events, that has one."""
        connection = self._open()
        if connection is None:
            return None
        row = connection.execute(
            "SELECT anchor FROM event JOIN boot USING(boot)"
            " WHERE seq > (SELECT max(seq) FROM event WHERE boot = ?) AND anchor IS NOT NULL ORDER BY seq LIMIT 1",
            (boot,),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Anchor) if row else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _query(self, sql: str, *values: int) -> list[tuple]:  # type: ignore[type-arg]
        connection = self._open()
        if connection is None:
            return []
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []

    def _open(self) -> sqlite3.Connection | None:
        """The connection; a new one when the file was replaced under it."""
        try:
            inode = self._path.stat().st_ino
            if self._connection is None or inode != self._inode:
                self.close()
                self._connection = open_reader(self._path)
                self._inode = inode
        except (OSError, sqlite3.OperationalError):
            self.close()
        return self._connection
