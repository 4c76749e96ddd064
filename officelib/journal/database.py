"""Opening a journal's file: durable settings, migrations, and what to do with a damaged one."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from officelib.errors import KnownError

WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA journal_size_limit=4194304",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA mmap_size=0",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


class Damaged(Exception):
    """The file is no sound journal."""


def open_writer(path: Path, migrations: Migrations) -> sqlite3.Connection:
    """The one connection that writes a journal and checkpoints it.

    Raises:
        KnownError: the folder cannot be written, the disk is full, or a newer release made the file.
        Damaged: the file is not sound; `set_aside` it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise KnownError(str(error), where=str(path), mend="Check the folder, its owner and the disk.") from error
    try:
        for pragma in WRITER_PRAGMAS:
            connection.execute(pragma)
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Damaged(f"{path}: quick_check failed")
        migrate(connection, migrations, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise KnownError(str(error), where=str(path), mend="Check the disk's space and the file's owner.") from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise Damaged(f"{path}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, migrations: Migrations, path: Path) -> None:
    """Bring the schema to this release, each step in a transaction of its own.

    Raises:
        KnownError: a newer release made the file.
    """
    database = Database(connection)
    known = {m.name for m in migrations.pending(database)} | {m.name for m in migrations.applied(database)}
    empty = Database(memory=True)
    ours = {step.name for step in migrations.pending(empty)}
    empty.close()
    if known - ours:
        raise KnownError(
            f"the file has the schema step '{min(known - ours)}' of a newer release",
            where=str(path),
            mend="Install that release again, or set the file aside.",
        )
    migrations.apply(database)


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write.

    Raises:
        sqlite3.OperationalError: the file is not there yet.
    """
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=2000")
    return connection


def set_aside(path: Path) -> Path:
    """Move a damaged journal out of the way, with its companions, for a person to look at."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    return aside


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """While this lasts, no other process that asks so writes the file.

    Raises:
        KnownError: another one does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise KnownError(
                "another program has it open", where=str(path), mend="Stop the hub first: systemctl stop office-hub."
            ) from error
        yield


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and on the disk before it returns."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")
