"""How one hub takes the place of another: a backup, a restore, a standby, a promotion. Each raises the epoch once.

These work on a log that nobody else has open.
"""

import os
import sqlite3
import time
from pathlib import Path

import msgspec

from officelib import events as e
from officelib.errors import KnownError
from officelib.journal.database import open_reader
from officelib.journal.office_log import Commit, OfficeLog

EPOCH_OF_RESTORES_MS = 60_000
"""A restored log's epoch is the minutes since 1970: above that of any hub before it, however often promoted."""


def back_up(database: Path, to: Path) -> None:
    """A copy of a log as it stands, beside a running hub.

    Raises:
        KnownError: there is a file already, or it cannot be written.
    """
    if to.exists():
        raise KnownError("there is a file already", where=str(to), mend="Name a new file: no backup is overwritten.")
    reader = open_reader(database)
    try:
        to.touch(mode=0o600)  # it holds keys
        with sqlite3.connect(to) as copy:
            reader.backup(copy)
        copy.close()
    except (sqlite3.Error, OSError) as error:
        raise KnownError(str(error), where=str(to), mend="Check the disk's space and the folder.") from error
    finally:
        reader.close()


def promote(log: OfficeLog, hub: str, now_ms: int) -> int:
    """A standby becomes the hub.

    Where the hub before could give numbers that this standby does not know, as before it had joined, the numbers count
    as unknown for the rest of the day, and kiosks use their lanes.

    Returns:
        The new epoch.
    Raises:
        KnownError: this hub is no standby.
    """
    if log.role != "standby":
        raise KnownError("this hub is the leader already", where=str(log.path), mend="Nothing needs to be done.")
    joined = False
    day = ""
    for entry in log.entries_of_today():
        match entry.body:
            case e.DayOpened():
                joined, day = entry.body.standby == hub, entry.body.day
            case e.StandbyJoined():
                joined = entry.body.hub == hub
            case e.StandbyLeft():
                joined = False
            case _:
                pass
    body: e.LogBody = e.HubPromoted(hub) if joined else e.HubRestored(hub, day)
    return _take_over(log, log.epoch + 1, [body], now_ms)


def drop_standby(log: OfficeLog, now_ms: int) -> str:
    """Nobody follows any more: numbers have no ceiling.

    Returns:
        Who stood by. That hub must never be promoted: it does not know the numbers from here on.
    Raises:
        KnownError: nobody stands by.
    """
    standby = ""
    for entry in log.entries_of_today():
        match entry.body:
            case e.DayOpened() | e.StandbyJoined():
                standby = entry.body.standby if isinstance(entry.body, e.DayOpened) else entry.body.hub
            case e.StandbyLeft() | e.HubPromoted() | e.HubRestored():
                standby = ""
            case _:
                pass
    if not standby:
        raise KnownError("nobody stands by", where=str(log.path), mend="Nothing needs to be done.")
    entry = e.LogEntry(log.head + 1, log.epoch, max(now_ms, log.last_ms()), e.StandbyLeft(standby))
    log.commit(Commit([entry], {}, {}, log.day()), entry.at_ms)
    return standby


def restore(log: OfficeLog, hub: str, day: str, now_ms: int, *, above_epoch: int = 0) -> int:
    """A log that was copied back, or an empty one, becomes the hub's.

    Args:
        log: The backup, opened.
        hub: This hub's name.
        day: Today's business day: until its end no main number and no new lane is given, for those given since the
            backup are not known.
        now_ms: Hub time.
        above_epoch: An epoch that devices were heard to know.
    Returns:
        The new epoch.
    Raises:
        KnownError: the clock stands before the backup's newest entry.
    """
    if now_ms < log.last_ms():
        raise KnownError(
            "the machine's clock stands before the newest entry of the backup",
            where="the clock",
            mend="Set the clock first: it says which numbers of today count as unknown.",
        )
    bodies: list[e.LogBody] = [e.HubRestored(hub, day)]
    if day > log.day():
        bodies.insert(0, e.DayOpened(day))
    return _take_over(log, max(log.epoch, above_epoch, now_ms // EPOCH_OF_RESTORES_MS) + 1, bodies, now_ms)


def cut(log: OfficeLog, n: int) -> Path | None:
    """Take the log back to entry `n`: what a hub decided after another one had taken its place.

    What devices sent comes again; what clerks did here after `n` is in the file that is returned, as JSON lines.
    """
    if n >= log.head:
        return None
    aside = log.path.with_name(f"{log.path.name}.after-{n}-epoch-{log.newest_epoch()}-{int(time.time())}.jsonl")
    with aside.open("wb") as file:
        for entry in log.entries_after(n):
            file.write(msgspec.json.encode(entry) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    log.cut(n)
    return aside


def _take_over(log: OfficeLog, epoch: int, bodies: list[e.LogBody], now_ms: int) -> int:
    day = log.day()
    at_ms = max(now_ms, log.last_ms())
    entries = [e.LogEntry(log.head + place, epoch, at_ms, body) for place, body in enumerate(bodies, start=1)]
    log.commit(Commit(entries, {}, {}, day), at_ms, epoch=epoch, role="leader")
    return epoch
