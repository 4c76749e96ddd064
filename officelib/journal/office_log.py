"""The hub's database of one office: the ordered log, what each device was acknowledged, the labels used, bookings."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from officelib import authority
from officelib import events as e
from officelib.authority import Authority
from officelib.clock import KeptTime
from officelib.errors import KnownError
from officelib.ids import EventId
from officelib.journal import chain
from officelib.journal.bookings import Bookings
from officelib.journal.database import Damaged, open_writer, transaction
from officelib.journal.registry import Registry

TAIL_ROWS = 1000
REQUESTS_KEPT_MS = 2 * 86_400_000

Role = Literal["leader", "standby"]

migrations = Migrations("office")


@migrations()
def s1_log(db: Database) -> None:
    """The log and everything that is written in the same transaction with it."""
    for statement in (
        "CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID",
        "CREATE TABLE log(n INTEGER PRIMARY KEY, ep INTEGER NOT NULL, at_ms INTEGER NOT NULL, device TEXT, inc INTEGER,"
        " seq INTEGER, body TEXT NOT NULL, link BLOB NOT NULL CHECK(length(link) = 8)) STRICT",
        'CREATE INDEX log_day ON log(n) WHERE body LIKE \'{"t":"day.opened"%\'',
        "CREATE TABLE device_mark(device TEXT, inc INTEGER, seq INTEGER NOT NULL, PRIMARY KEY(device, inc))"
        " STRICT, WITHOUT ROWID",
        "CREATE TABLE label_used(day TEXT, label TEXT, ticket TEXT NOT NULL, PRIMARY KEY(day, label))"
        " STRICT, WITHOUT ROWID",
        "CREATE TABLE request(id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, reply TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE booking(ref TEXT PRIMARY KEY, short TEXT UNIQUE NOT NULL, service TEXT NOT NULL,"
        " slot_ms INTEGER NOT NULL, cancelled INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE device(device TEXT PRIMARY KEY, inc INTEGER NOT NULL, journal TEXT NOT NULL,"
        " slot INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.conn.execute(statement)


@migrations()
def s2_following(db: Database) -> None:
    """What a standby needs: which entry a reply belongs to, which bookings are newer; and the device's own chain."""
    for statement in (
        "ALTER TABLE request ADD COLUMN n INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX request_n ON request(n)",
        "ALTER TABLE booking ADD COLUMN rev INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX booking_rev ON booking(rev)",
        'CREATE INDEX log_hub ON log(n) WHERE body LIKE \'{"t":"hub.%\'',
        "ALTER TABLE device_mark ADD COLUMN link BLOB",
    ):
        db.conn.execute(statement)


@migrations()
def s3_health(db: Database) -> None:
    """How devices were when they were last heard."""
    db.conn.execute(
        "CREATE TABLE device_health(device TEXT PRIMARY KEY, on_line INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
        " health TEXT) STRICT, WITHOUT ROWID"
    )


@migrations()
def s4_certificates(db: Database) -> None:
    """Who was let in. `revoked_n` is the log's entry that revoked a certificate."""
    for statement in (
        "CREATE TABLE certificate(serial TEXT PRIMARY KEY, device TEXT NOT NULL, public TEXT NOT NULL,"
        " nonce TEXT NOT NULL, slot INTEGER NOT NULL, n INTEGER NOT NULL, pem TEXT NOT NULL, revoked_n INTEGER,"
        " replaced INTEGER NOT NULL DEFAULT 0)"
        " STRICT, WITHOUT ROWID",
        "CREATE INDEX certificate_device ON certificate(device)",
    ):
        db.conn.execute(statement)


@migrations()
def s5_referrals(db: Database) -> None:
    """Bookings that another office made by sending a citizen."""
    db.conn.execute("ALTER TABLE booking ADD COLUMN stands_ms INTEGER NOT NULL DEFAULT 0")


@migrations()
def s6_visits(db: Database) -> None:
    """Bookings of several persons, or services; by their time; by who comes; and those that kiosks gave."""
    db.conn.execute("ALTER TABLE booking ADD COLUMN persons INTEGER NOT NULL DEFAULT 1")
    db.conn.execute("ALTER TABLE booking ADD COLUMN then_ids TEXT NOT NULL DEFAULT ''")
    db.conn.execute("CREATE INDEX booking_slot ON booking(slot_ms)")
    db.conn.execute("ALTER TABLE booking ADD COLUMN who TEXT NOT NULL DEFAULT ''")
    db.conn.execute("CREATE INDEX booking_who ON booking(who) WHERE who <> ''")
    db.conn.execute("ALTER TABLE booking ADD COLUMN want TEXT NOT NULL DEFAULT ''")
    db.conn.execute("CREATE INDEX booking_want ON booking(want) WHERE want <> ''")


class Mark(NamedTuple):
    """The newest event of a journal that the log has taken in, and its link in that journal's chain."""

    seq: int
    link: bytes | None = None


class Commit(NamedTuple):
    """What one transaction of the hub writes."""

    entries: Sequence[e.LogEntry]
    marks: dict[tuple[str, int], Mark]
    requests: dict[str, bytes]
    day: str


class Succession(NamedTuple):
    """Entries after `n` belong to a hub of epoch `ep` or higher: until `n` its log is the one of the hub before."""

    ep: int
    n: int


class OfficeLog:
    """The one writer of an office's log. One thread uses it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        self.registry = Registry(connection)
        self.bookings = Bookings(connection)
        row = connection.execute("SELECT n, link FROM log ORDER BY n DESC LIMIT 1").fetchone()
        self.head: int = row[0] if row else 0
        self._link: bytes = row[1] if row else chain.GENESIS

    @property
    def epoch(self) -> int:
        """This hub's epoch, 1 for as long as there is one hub only."""
        epoch: int = self._connection.execute("SELECT v FROM meta WHERE k = 'epoch'").fetchone()[0]
        return epoch

    @property
    def role(self) -> Role:
        """Whether this hub decides, or follows another one."""
        row = self._connection.execute("SELECT v FROM meta WHERE k = 'role'").fetchone()
        role: Role = row[0] if row else "leader"
        return role

    @property
    def secret(self) -> str:
        """What the console's cookies are signed with."""
        secret: str = self._connection.execute("SELECT v FROM meta WHERE k = 'secret'").fetchone()[0]
        return secret

    @property
    def booking_key(self) -> Ed25519PrivateKey:
        """What this office's booking codes are signed with, where the hub is the centre too."""
        raw: str = self._connection.execute("SELECT v FROM meta WHERE k = 'booking_key'").fetchone()[0]
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(raw))

    @property
    def authority(self) -> Authority:
        """What certificates of this office are signed with."""
        return Authority(self._connection.execute("SELECT v FROM meta WHERE k = 'authority'").fetchone()[0])

    @property
    def enrolment_key(self) -> bytes:
        """What tokens for new devices are made with."""
        key: str = self._connection.execute("SELECT v FROM meta WHERE k = 'enrolment_key'").fetchone()[0]
        return bytes.fromhex(key)

    def commit(self, commit: Commit, now_ms: int, *, epoch: int = 0, role: Role | None = None) -> None:
        """Write entries, acknowledged places, used labels and replies: all of them, durable, or none.

        Args:
            commit: What to write.
            now_ms: Hub time.
            epoch: The hub's epoch from now on, when it changes.
            role: Its role from now on, when it changes.

        Raises:
            sqlite3.IntegrityError: a label was used before on that day. Nothing is written.
            sqlite3.OperationalError: the disk refuses. Nothing is written.
        """
        last_link, head = self._link, self.head
        day = commit.day
        try:
            with transaction(self._connection):
                for entry in commit.entries:
                    self._write(entry)
                    day = entry.body.day if isinstance(entry.body, e.DayOpened) else day
                    self._write_companions(entry.body, day)
                    self.registry.write(entry.body, entry.n)
                self._connection.executemany(
                    "INSERT INTO device_mark(device, inc, seq, link) VALUES(?, ?, ?, ?)"
                    " ON CONFLICT(device, inc) DO UPDATE SET seq = excluded.seq, link = excluded.link",
                    [(device, inc, *mark) for (device, inc), mark in commit.marks.items()],
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO request(id, at_ms, reply, n) VALUES(?, ?, ?, ?)",
                    [(request, now_ms, reply.decode(), self.head) for request, reply in commit.requests.items()],
                )
                self._set_meta(epoch=epoch or None, role=role)
        except BaseException:
            self._link, self.head = last_link, head
            raise

    def _write(self, entry: e.LogEntry) -> None:
        src = entry.src or (None, None, None)
        body = msgspec.json.encode(entry.body)
        self._link = chain.link(self._link, *entry.chained())
        self.head = entry.n
        self._connection.execute(
            "INSERT INTO log(n, ep, at_ms, device, inc, seq, body, link) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.n, entry.ep, entry.at_ms, *src, body.decode(), self._link),
        )

    def _write_companions(self, body: e.LogBody, day: str) -> None:
        match body:
            case e.TicketAliased() if self._used(day, body.label) == body.of:
                pass
            case e.TicketNumbered() | e.LaneTicket() | e.TicketAliased():
                owner = body.of if isinstance(body, e.TicketAliased) else body.ticket
                self._connection.execute(
                    "INSERT INTO label_used(day, label, ticket) VALUES(?, ?, ?)", (day, body.label, owner)
                )
            case e.DeviceGranted():
                self._connection.execute(
                    "INSERT OR REPLACE INTO device(device, inc, journal, slot) VALUES(?, ?, ?, ?)",
                    (body.device, body.inc, body.journal, body.slot),
                )
            case e.BookingMade() | e.BookingUndone():
                self.bookings.keep(body, counts=self.role == "leader")
            case _:
                pass

    def _used(self, day: str, label: str) -> str:
        """The ticket that has a label; "" for none."""
        row = self._connection.execute("SELECT ticket FROM label_used WHERE day = ? AND label = ?", (day, label))
        return next((ticket for (ticket,) in row), "")

    def stand_by(self, epoch: int = 0) -> None:
        """Follow another hub from the next start on; ask it for all bookings once.

        Args:
            epoch: That of the hub which has replaced this one. Promoted again, even before it has followed, this one
                must come above it.
        """
        with transaction(self._connection):
            self._set_meta(role="standby", booking_rev=0, epoch=max(epoch, self.epoch))

    def hear_epoch(self, epoch: int) -> None:
        """Another hub has this epoch: who is promoted on this log comes above it."""
        if epoch > self.epoch:
            with transaction(self._connection):
                self._set_meta(epoch=epoch)

    def cut(self, n: int) -> None:
        """Forget every entry after `n` and what was written with it. The places of devices follow from what stays."""
        with transaction(self._connection):
            day = self._day_at(n)
            self._cut_devices(n)
            self._connection.execute("DELETE FROM log WHERE n > ?", (n,))
            self._connection.execute("DELETE FROM request WHERE n > ?", (n,))
            self._connection.execute("DELETE FROM label_used WHERE day >= ?", (day,))
            self.registry.cut(n)
            for entry in self.entries_of_today():
                if not isinstance(entry.body, e.DeviceGranted):
                    self._write_companions(entry.body, day)
        self.head = n
        self._link = self._connection.execute(
            "SELECT coalesce((SELECT link FROM log WHERE n = ?), ?)", (n, chain.GENESIS)
        ).fetchone()[0]

    def _cut_devices(self, n: int) -> None:
        """Places and grants that entries after `n` changed; the others may come from entries that were archived.

        Events without an entry change nothing: the place before the first one that is cut is as good as the last kept.
        """
        self._connection.execute(
            "UPDATE device_mark SET link = NULL, seq = coalesce("
            " (SELECT max(seq) FROM log WHERE n <= :n AND device = device_mark.device AND inc = device_mark.inc),"
            " (SELECT min(seq) - 1 FROM log WHERE n > :n AND device = device_mark.device AND inc = device_mark.inc))"
            " WHERE EXISTS(SELECT 1 FROM log WHERE n > :n AND device = device_mark.device AND inc = device_mark.inc)",
            {"n": n},
        )
        self._connection.execute("DELETE FROM device_mark WHERE seq <= 0")
        granted = self._connection.execute(
            'SELECT n, body FROM log WHERE body LIKE \'{"t":"device.granted"%\' ORDER BY n'
        ).fetchall()
        bodies = [(place, msgspec.json.decode(body, type=e.DeviceGranted)) for place, body in granted]
        for device in {body.device for place, body in bodies if place > n}:
            self._connection.execute("DELETE FROM device WHERE device = ?", (device,))
        for place, body in bodies:
            if place <= n:
                self._write_companions(body, "")

    def _set_meta(self, **values: str | int | bytes | None) -> None:
        self._connection.executemany(
            "INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v",
            [(key, value) for key, value in values.items() if value is not None],
        )

    # --- reading

    def day(self) -> str:
        """The newest business day."""
        return self._day_at(self.head)

    def _day_at(self, n: int) -> str:
        row = self._connection.execute(
            'SELECT body FROM log INDEXED BY log_day WHERE body LIKE \'{"t":"day.opened"%\' AND n <= ?'
            " ORDER BY n DESC LIMIT 1",
            (n,),
        ).fetchone()
        return msgspec.json.decode(row[0], type=e.DayOpened).day if row else ""

    def entries_of_today(self) -> Iterator[e.LogEntry]:
        """The log since the last opening of a day."""
        row = self._connection.execute(
            'SELECT max(n) FROM log INDEXED BY log_day WHERE body LIKE \'{"t":"day.opened"%\''
        ).fetchone()
        yield from self.entries_after((row[0] or 1) - 1)

    def entries_after(self, n: int, most: int = -1) -> Iterator[e.LogEntry]:
        """The log after an entry, `most` entries of it."""
        rows = self._connection.execute(
            "SELECT n, ep, at_ms, device, inc, seq, body FROM log WHERE n > ? ORDER BY n LIMIT ?", (n, most)
        )
        decoder = msgspec.json.Decoder(e.LogBody)
        for row in rows:
            src = EventId(row[3], row[4], row[5]) if row[3] else None
            yield e.LogEntry(row[0], row[1], row[2], decoder.decode(row[6]), src)

    def devices(self) -> list[tuple[str, int, str, int]]:
        """(device, incarnation, journal, slot) of each device that was ever granted."""
        return self._connection.execute("SELECT device, inc, journal, slot FROM device").fetchall()

    def marks(self) -> dict[tuple[str, int], Mark]:
        """The newest event that was acknowledged to each journal."""
        rows = self._connection.execute("SELECT device, inc, seq, link FROM device_mark")
        return {(device, inc): Mark(seq, link) for device, inc, seq, link in rows}

    def link_at(self, n: int) -> bytes | None:
        """The chain's link at an entry; None when there is no such entry."""
        if n == self.head:
            return self._link
        row = self._connection.execute("SELECT link FROM log WHERE n = ?", (n,)).fetchone()
        return row[0] if row else None

    def link_after(self, entries: Sequence[e.LogEntry]) -> bytes:
        """The link that the chain will have after these entries."""
        link = self._link
        for entry in entries:
            link = chain.link(link, *entry.chained())
        return link

    def newest_epoch(self) -> int:
        """The epoch of the newest entry; 0 in an empty log."""
        row = self._connection.execute("SELECT ep FROM log ORDER BY n DESC LIMIT 1").fetchone()
        return row[0] if row else 0

    def keep_health(self, device: str, health: bytes | None, now_ms: int, *, on: bool) -> None:
        """How a device is; without a word of its health the last one stays."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO device_health(device, on_line, at_ms, health) VALUES(?, ?, ?, ?)"
                " ON CONFLICT(device) DO UPDATE SET on_line = excluded.on_line, at_ms = excluded.at_ms,"
                " health = coalesce(excluded.health, health)",
                (device, int(on), now_ms, health.decode() if health else None),
            )

    def keep_time(self, time: KeptTime) -> None:
        """Write down the office's time."""
        with transaction(self._connection):
            self._set_meta(time=msgspec.json.encode(time).decode())

    def kept_time(self) -> KeptTime | None:
        """The office's time as it was written down."""
        row = self._connection.execute("SELECT v FROM meta WHERE k = 'time'").fetchone()
        return msgspec.json.decode(row[0], type=KeptTime) if row else None

    def keep_city_notices(self, notices: bytes) -> None:
        """Write down the city's messages to everybody."""
        with transaction(self._connection):
            self._set_meta(city_notices=notices.decode())

    def kept_city_notices(self) -> bytes:
        """The city's messages as they were written down; empty for none ever."""
        row = self._connection.execute("SELECT v FROM meta WHERE k = 'city_notices'").fetchone()
        return row[0].encode() if row else b""

    def last_ms(self) -> int:
        """Hub time of the newest entry; 0 in an empty log."""
        row = self._connection.execute("SELECT at_ms FROM log ORDER BY n DESC LIMIT 1").fetchone()
        return row[0] if row else 0

    def successions(self) -> list[Succession]:
        """Where hubs took over, the first one first."""
        rows = self._connection.execute(
            'SELECT ep, n - 1 FROM log INDEXED BY log_hub WHERE body LIKE \'{"t":"hub.%\' ORDER BY n'
        )
        return [Succession(*row) for row in rows]

    def restored_day(self) -> str:
        """The business day on which this log was last restored; "" when it never was."""
        rows = self._connection.execute(
            'SELECT body FROM log INDEXED BY log_hub WHERE body LIKE \'{"t":"hub.%\' ORDER BY n DESC'
        )
        bodies = (msgspec.json.decode(body, type=e.LogBody) for (body,) in rows)
        return next((body.day for body in bodies if isinstance(body, e.HubRestored)), "")

    def replies_between(self, after: int, to: int) -> dict[str, bytes]:
        """The replies to requests whose last entry lies in (after, to]."""
        rows = self._connection.execute("SELECT id, reply FROM request WHERE n > ? AND n <= ?", (after, to))
        return {request: reply.encode() for request, reply in rows}

    def reply(self, request: str) -> bytes | None:
        """What a request was answered before."""
        row = self._connection.execute("SELECT reply FROM request WHERE id = ?", (request,)).fetchone()
        return row[0].encode() if row else None

    def forget_requests(self, now_ms: int) -> None:
        """Drop replies that nobody will ask for again."""
        self._connection.execute("DELETE FROM request WHERE at_ms < ?", (now_ms - REQUESTS_KEPT_MS,))

    def forget(self, n: int, now_ms: int) -> None:
        """Drop entries up to `n`, which are in an archive, and what is over with them; the chain goes on.

        Today stays whatever `n` says: the office is folded from it.
        """
        opened = next(self.entries_of_today(), None)
        n = min(n, (opened.n if opened else self.head + 1) - 1)
        link = self.link_at(n)
        if link is None or n <= 0:
            return
        with transaction(self._connection):
            self._set_meta(floor_n=n, floor_link=link)
            self._connection.execute("DELETE FROM log WHERE n <= ?", (n,))
            self._connection.execute("DELETE FROM label_used WHERE day < ?", (self.day(),))
            self.bookings.forget(now_ms)

    def close(self) -> None:
        self._connection.close()


def open_office_log(path: Path) -> OfficeLog:
    """Open an office's database, or begin a new one with keys of its own.

    Raises:
        KnownError: the disk refuses, or the log is damaged: a person decides, for a log is never set aside by itself.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # it holds keys; SQLite gives its companions the same mode
    try:
        connection = open_writer(path, migrations)
    except Damaged as error:
        raise _damaged(path, str(error)) from error
    first = connection.execute("SELECT max(1, coalesce(max(n), 0) - ?) FROM log", (TAIL_ROWS,)).fetchone()[0]
    before = connection.execute(
        "SELECT coalesce((SELECT link FROM log WHERE n = ?), (SELECT v FROM meta WHERE k = 'floor_link'))", (first - 1,)
    ).fetchone()[0]
    rows = connection.execute(
        "SELECT n, ep, at_ms, device, inc, seq, body, link FROM log WHERE n >= ? ORDER BY n", (first,)
    )
    broken = chain.first_break(
        before or chain.GENESIS,
        ((r[0], r[7], (r[0], r[1], r[2], str(EventId(r[3], r[4], r[5])) if r[3] else "", r[6].encode())) for r in rows),
    )
    if broken is not None:
        connection.close()
        raise _damaged(path, f"entry {broken} does not follow from the one before")
    fresh: dict[str, Callable[[], str | int]] = {
        "epoch": lambda: 1,
        "secret": lambda: secrets.token_hex(32),
        "booking_key": lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex(),
        "enrolment_key": lambda: secrets.token_hex(32),
        "authority": authority.begin,
    }
    known = {k for (k,) in connection.execute("SELECT k FROM meta")}
    with transaction(connection):
        connection.executemany(
            "INSERT INTO meta(k, v) VALUES(?, ?)", [(k, make()) for k, make in fresh.items() if k not in known]
        )
    return OfficeLog(connection, path)


def _damaged(path: Path, what: str) -> KnownError:
    return KnownError(
        what,
        where=str(path),
        mend="Keep the file and ask for help: what devices sent since a backup needs a person.",
    )
