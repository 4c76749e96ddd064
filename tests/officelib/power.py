"""Power cuts: SQLite on a disk of ours that loses, tears and garbles what was not synced, cut at each write and sync.

The disk is kept as what is durable (the last sync) and what was written since, in sectors of 512 bytes. At the cut each
sector written since its file's last sync is kept, lost or garbled, by chance; a file made or grown since then may be as
long as before. What is left is put on a real disk and opened by the product as at any start.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

from officelib.journal.database import WRITER_PRAGMAS

SECTOR = 512


class Cut(Exception):
    """The power is gone."""


class Disk:
    """All files of one machine. `operations` counts writes, truncations and syncs; at `cut_at` the power goes.

    `worked` is how many of them the whole work took when the power stayed.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.durable = {name: bytearray(data) for name, data in files.items()}
        self.now = {name: bytearray(data) for name, data in files.items()}
        self.dirty: dict[str, set[int]] = {name: set() for name in files}
        self.operations = self.worked = 0
        self.cut_at = -1

    def operate(self) -> None:
        """One more operation; the power may go before it is done."""
        self.operations += 1
        if 0 <= self.cut_at < self.operations:
            raise Cut

    def write(self, name: str, data: bytes, offset: int) -> None:
        file = self.now[name]
        if len(file) < offset + len(data):
            file.extend(bytes(offset + len(data) - len(file)))
        file[offset : offset + len(data)] = data
        self.dirty[name].update(range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1))

    def sync(self, name: str) -> None:
        self.durable[name] = bytearray(self.now[name])
        self.dirty[name].clear()

    def after_cut(self, rng: random.Random) -> dict[str, bytes]:
        """What a cut leaves: each sector that was not synced is there, is not, or is garbage."""
        left = {}
        for name, now in self.now.items():
            file = bytearray(self.durable.get(name, b""))
            for sector in sorted(self.dirty[name]):
                part = bytes(now[sector * SECTOR : (sector + 1) * SECTOR])
                draw = rng.random()
                if draw < 0.4 or not part:
                    continue
                if draw > 0.85:
                    torn = rng.randrange(len(part))
                    part = part[:torn] + rng.randbytes(len(part) - torn)
                if len(file) < sector * SECTOR:
                    file.extend(bytes(sector * SECTOR - len(file)))
                file[sector * SECTOR : sector * SECTOR + len(part)] = part
            left[name] = bytes(file)
        return left


class PowerVFS(apsw.VFS):
    """SQLite's way to a `Disk`."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> "PowerFile":  # type: ignore[override]  # noqa: N802 (SQLite's)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return PowerFile(self.disk, Path(str(path)).name, flags)

    def xAccess(self, pathname: str, _flags: int) -> bool:  # noqa: N802
        return Path(pathname).name in self.disk.now

    def xDelete(self, filename: str, _syncdir: bool) -> None:  # noqa: N802
        name = Path(filename).name
        self.disk.operate()
        self.disk.now.pop(name, None)
        self.disk.durable.pop(name, None)
        self.disk.dirty.pop(name, None)

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return f"/power/{Path(name).name}"


class PowerFile:
    """One open file."""

    def __init__(self, disk: Disk, name: str, flags: list[int]) -> None:
        self._disk, self._name = disk, name
        if name not in disk.now:
            disk.now[name], disk.dirty[name] = bytearray(), set()
        flags[1] = flags[0]

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._disk.now[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.operate()
        self._disk.write(self._name, data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.operate()
        del self._disk.now[self._name][size:]

    def xSync(self, _flags: int) -> None:  # noqa: N802
        self._disk.operate()
        self._disk.sync(self._name)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._disk.now[self._name])

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, _level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, _level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, _op: int, _ptr: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0


class AsSqlite3:
    """An apsw connection with the few methods of sqlite3's that journals use."""

    def __init__(self, path: str, vfs: str) -> None:
        self._apsw = apsw.Connection(path, vfs=vfs)
        self._apsw.execute("PRAGMA locking_mode=EXCLUSIVE")  # no shared memory on this disk
        for pragma in WRITER_PRAGMAS:
            self._apsw.execute(pragma)

    def execute(self, sql: str, values: Any = ()) -> Any:
        try:
            return _Rows(self._apsw.execute(sql, values), self._apsw)
        except apsw.FullError as error:
            raise sqlite3.OperationalError(str(error)) from error

    def executemany(self, sql: str, values: Any) -> None:
        self._apsw.executemany(sql, values)

    def rollback(self) -> None:
        if self._apsw.in_transaction:
            self._apsw.execute("ROLLBACK")

    def close(self) -> None:
        self._apsw.close()


class _Rows:
    def __init__(self, cursor: apsw.Cursor, connection: apsw.Connection) -> None:
        self._cursor = cursor
        self.rowcount = connection.changes()

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def files_of(path: Path) -> dict[str, bytes]:
    """A closed database as the disk begins with it."""
    return {path.name: path.read_bytes()}


def play(files: dict[str, bytes], name: str, cut_at: int, work: Callable[[AsSqlite3], None]) -> tuple[Disk, bool]:
    """Work on the database until the power goes.

    Returns:
        The disk, and whether the power went (False: the work was over before).
    """
    disk = Disk(files)
    vfs = PowerVFS("power", disk)
    connection = None
    try:
        connection = AsSqlite3(f"/power/{name}", "power")
        disk.operations, disk.cut_at = 0, cut_at
        work(connection)
        disk.cut_at, disk.worked = -1, disk.operations
        return disk, False
    except (Cut, apsw.Error):
        if 0 <= cut_at < disk.operations:
            return disk, True
        raise
    finally:
        disk.cut_at = -1
        left = {n: bytearray(d) for n, d in disk.now.items()}, {n: set(s) for n, s in disk.dirty.items()}
        durable = {n: bytearray(d) for n, d in disk.durable.items()}
        if connection is not None:
            connection.close()
        disk.now, disk.dirty, disk.durable = left[0], left[1], durable
        vfs.unregister()


def put(files: dict[str, bytes], folder: Path) -> None:
    """What the cut left, on a real disk."""
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        if not name.endswith("-shm"):
            (folder / name).write_bytes(data)
