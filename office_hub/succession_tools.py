"""The operator's tools for the hub's life: back up, restore, stand by, promote, archive."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from office_hub.config import HubConfig
from officelib.catalogue_file import read_catalogue
from officelib.clock import OfficeClock, system_clock
from officelib.config import read_config
from officelib.errors import KnownError
from officelib.journal import archive, succession
from officelib.journal.database import only_writer
from officelib.journal.office_log import OfficeLog, open_office_log


def backup(argv: Sequence[str]) -> int:
    """A copy of the hub's database, also while the hub runs."""
    line = _parser("backup", "Writes a copy of the hub's database; the hub may run.")
    line.add_argument("to", type=Path, help="a file that is not there yet")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    succession.back_up(config.database, given.to)
    return _say(f"written: {given.to}. It holds keys: keep it as you keep the hub.")


def restore(argv: Sequence[str]) -> int:
    """Go on from a backup, or from nothing."""
    line = _parser("restore", "Goes on from a backup of this office's hub, or, with --empty, from nothing.")
    line.add_argument("backup", type=Path, nargs="?", help="the newest backup there is")
    line.add_argument("--empty", action="store_true", help="there is no backup")
    line.add_argument("--above-epoch", type=int, default=0, metavar="N", help="an epoch that the log complains of")
    given = line.parse_args(argv)
    if (given.backup is None) != given.empty:
        raise KnownError("name a backup, or say --empty", where="the command line", mend="One of the two.")
    config = read_config(HubConfig, given.config)
    with only_writer(config.database):
        _put_in_place(given.backup, config.database)
        log, now_ms = _open(config)
        day = read_catalogue(config.catalogue).business_day(now_ms)
        epoch = succession.restore(log, config.device, day, now_ms, above_epoch=given.above_epoch)
        log.close()
    return _say(
        f"restored, epoch {epoch}. Until the end of {day} kiosks number by their lanes: main numbers given since the"
        " backup are not known. Devices send again what this log lacks. Start the hub. Devices that were enrolled since"
        " the backup are to be enrolled again, and those that were revoked since are to be revoked again."
    )


def follow(argv: Sequence[str]) -> int:
    """Make this machine's hub a standby."""
    line = _parser("follow", "Makes this machine's hub a standby, from a backup of the hub that it will follow.")
    line.add_argument("backup", type=Path)
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    if not config.peer_host:
        raise KnownError("no other hub is named", where=f"{given.config}, peer_host", mend="Set it first.")
    with only_writer(config.database):
        _put_in_place(given.backup, config.database)
        log, _ = _open(config)
        log.stand_by()
        log.close()
    return _say("this hub stands by from its next start on.")


def promote(argv: Sequence[str]) -> int:
    """A standby takes the leader's place."""
    line = _parser("promote", "Makes this standby the office's hub. Stop it first; start it afterwards.")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    with only_writer(config.database):
        log, now_ms = _open(config)
        epoch = succession.promote(log, config.device, now_ms)
        log.close()
    return _say(
        f"promoted, epoch {epoch}. Start it. The hub before, when it is back, sees the epoch and stands by. A call of"
        " the last moments may be made again; no number is given twice and no ticket is lost."
        f" The office goes by {config.catalogue} of this machine now: the other hub's, as it was last heard."
    )


def drop_standby(argv: Sequence[str]) -> int:
    """Go on without the standby."""
    line = _parser("drop-standby", "Goes on without a standby that will not come back. Stop the hub first.")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    with only_writer(config.database):
        log, now_ms = _open(config)
        gone = succession.drop_standby(log, now_ms)
        log.close()
    return _say(f"{gone} stands by no more. Wipe its database: it must never be promoted. Start the hub.")


def archive_tool(argv: Sequence[str]) -> int:
    """Write days into archives, or check archives."""
    line = _parser("archive", "Writes past days into compressed, chained files; checks them with 'verify'.")
    line.add_argument("action", choices=("write", "verify"))
    line.add_argument("folder", type=Path)
    given = line.parse_args(argv)
    if given.action == "verify":
        verdict = archive.verify(given.folder)
        _say(verdict.sentence())
        return 1 if verdict.faults else 0
    config = read_config(HubConfig, given.config)
    written = archive.write_missing(config.database, given.folder)
    return _say(
        "".join(f"{path.name}\n" for path in written) or "nothing new to write: a day is written once it is over"
    )


TOOLS: dict[str, Callable[[Sequence[str]], int]] = {
    "backup": backup,
    "restore": restore,
    "follow": follow,
    "promote": promote,
    "drop-standby": drop_standby,
    "archive": archive_tool,
}


def _open(config: HubConfig) -> tuple[OfficeLog, int]:
    """The log, and the office's time now."""
    log = open_office_log(config.database)
    clock = system_clock(shift_ms=config.clock_shift_s * 1000)
    return log, OfficeClock(clock, log.last_ms(), log.kept_time()).now_ms()


def _put_in_place(backup_file: Path | None, database: Path) -> None:
    """A copy of the backup where the hub reads it.

    Raises:
        KnownError: there is a database already: a person moves it away.
    """
    if database.exists():
        raise KnownError(
            "there is a database already", where=str(database), mend="Move it away, with its -wal file; keep both."
        )
    if backup_file is not None:
        succession.back_up(backup_file, database)


def _say(text: str) -> int:
    sys.stdout.write(text.rstrip("\n") + "\n")
    return 0


def _parser(name: str, purpose: str) -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=f"office-hub {name}", description=purpose)
    line.add_argument("--config", type=Path, default=Path("/etc/antesala/office-hub.toml"), metavar="FILE")
    return line
