"""Does what IT wants of the machine itself: restarts, the log's last lines, an update. Nothing without a signature.

The bridge, which may do nothing of it, leaves errands in a folder; systemd starts this for them. It believes nobody but
the office's authority, does each errand once, and leaves what came of it where the bridge finds it.
"""

import argparse
import contextlib
import hashlib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.slots import BOOT, booted_slot
from appliance.well import COMMAND_LINE
from mqtt_bridge.bridge import ERRANDS, BridgeConfig
from mqtt_bridge.errands import update_of
from mqtt_bridge.identity import AUTHORITY
from officelib.config import read_config
from officelib.enrolment import read_admission
from officelib.errand import MAX_TEXT, Errand, Outcome, Paper, read
from officelib.errors import KnownError
from officelib.files import write_whole
from officelib.health import system_release

log = logging.getLogger(__name__)

DONE = Path("/var/lib/antesala")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
KEPT = 64
LOG_LINES = "300"
LONG_S = 900
"""An update is written to a slow card."""


class Begun(msgspec.Struct, frozen=True):
    """An errand that was begun: how it stands, and the machine's boot and slot when it was."""

    outcome: Outcome
    boot: str
    slot: str


class Memory(msgspec.Struct):
    """What was begun, by the errand's id. `floor`: what is not later was forgotten, and is not begun any more."""

    floor: int = 0
    latest_update: int = 0
    begun: dict[int, Begun] = {}


Run = Callable[..., str]


@dataclass(frozen=True)
class Facts:
    """What a machine is now: its boot's id, the slot that runs, its release, and whether that is still on trial."""

    boot: str
    slot: str
    release: str
    is_on_trial: bool


def facts() -> Facts:
    """This machine's."""
    slot = booted_slot(BOOT, COMMAND_LINE.read_text())
    boot, is_on_trial = BOOT_ID.read_text().strip(), slot is not None and slot.tries is not None
    return Facts(boot, slot.name if slot else "", system_release(), is_on_trial)


class Machine:
    """Does errands for one role."""

    def __init__(
        self, role: str, office: str, device: str, authority: str, memory: Path, updates: Path, run: Run, facts: "Facts"
    ) -> None:
        """Args:
        role: kiosk or display: the service that is restarted.
        office: The device's.
        device: The device.
        authority: The office's certificate, PEM.
        memory: Where is kept what was done.
        updates: The folder into which the bridge fetches them.
        run: Runs a command, and returns what it says; raises OSError where it fails.
        facts: The machine's.
        """
        self._role, self._office, self._device, self._authority = role, office, device, authority
        self._path, self._updates, self._run, self._facts = memory, updates, run, facts
        try:
            self._memory = msgspec.json.decode(memory.read_bytes(), type=Memory)
        except FileNotFoundError:
            self._memory = Memory()
        except ValueError as error:
            log.error("%s: %s; what was done before is forgotten", memory, error)
            self._memory = Memory()

    def outcome_of(self, paper: Paper) -> Outcome | None:
        """Do an errand, or tell again what came of it; None while a restart is to show it.

        Raises:
            BadErrand: the office did not sign it for this device.
        """
        errand = read(paper, self._office, self._device, self._authority)
        known = self._memory.begun.get(errand.id)
        if known is not None:
            return self._told_again(errand, known)
        if errand.id <= self._memory.floor:
            return Outcome(errand.id, "failed", "it is too old")
        if errand.kind == "install" and self._facts.is_on_trial:
            return None  # the other slot holds the only system that is known to be good; the hub asks again
        if errand.kind == "install" and errand.id < self._memory.latest_update:
            return Outcome(errand.id, "failed", "a later update was begun already")
        if errand.kind == "install":
            self._memory.latest_update = errand.id
        self._keep(Outcome(errand.id, "taken"))
        try:
            said = self._do(errand)
        except OSError as error:
            outcome = Outcome(errand.id, "failed", str(error)[-MAX_TEXT:])
        else:
            if said is None:
                return None
            outcome = Outcome(errand.id, "done", said[-MAX_TEXT:])
        self._keep(outcome)
        return outcome

    def _told_again(self, errand: Errand, known: Begun) -> Outcome | None:
        """What came of it; or what a restart has shown. A new system that is still on trial shows nothing yet."""
        if known.outcome.state != "taken":
            return known.outcome
        if known.boot == self._facts.boot or (errand.kind == "install" and self._facts.is_on_trial):
            return None
        went_back = f"it went back to {self._facts.release}: the new system did not get well"
        match errand.kind:
            case "install" if self._facts.slot == known.slot:
                outcome = Outcome(errand.id, "failed", went_back)
            case "install" | "reboot":
                outcome = Outcome(errand.id, "done", self._facts.release)
            case _:
                outcome = Outcome(errand.id, "failed", "the machine was started anew meanwhile")
        self._keep(outcome)
        return outcome

    def _do(self, errand: Errand) -> str | None:
        """Returns what to tell; None where only the next start can show it."""
        match errand.kind:
            case "restart":
                return self._run("/bin/systemctl", "restart", f"{self._role}.service")
            case "log":
                return self._run("/bin/journalctl", "--quiet", "--no-pager", "-o", "short-iso", "-n", LOG_LINES)
            case "install":
                bundle = update_of(self._updates, errand)
                try:
                    _check_sum(bundle, errand.sha256)
                    self._run("/usr/bin/rauc", "install", str(bundle))
                finally:
                    bundle.unlink(missing_ok=True)
            case "reboot":
                pass
            case _:
                raise OSError(f"no errand of a machine: {errand.kind}")
        self._run("/bin/systemctl", "--no-block", "reboot")
        return None

    def _keep(self, outcome: Outcome) -> None:
        """Before anything is done, and after it: a power cut in between does it once at most."""
        memory = self._memory
        memory.begun[outcome.errand] = Begun(outcome, self._facts.boot, self._facts.slot)
        for old in sorted(memory.begun)[:-KEPT]:
            del memory.begun[old]
            memory.floor = old
        write_whole(self._path, msgspec.json.encode(memory).decode(), 0o600)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what lies there."""
    line = argparse.ArgumentParser(prog="antesala-errand", description=__doc__)
    line.add_argument("role", choices=["kiosk", "display"])
    line.add_argument("--config", type=Path, help="the bridge's configuration")
    line.add_argument("--done", type=Path, default=DONE, help="folder for what is remembered of errands")
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="antesala-errand: %(levelname)s %(message)s", stream=sys.stderr)
    try:
        config = read_config(BridgeConfig, given.config or Path(f"/etc/antesala/mqtt-bridge-{given.role}.toml"))
        admission = read_admission(config.identity)
        authority = (config.identity / AUTHORITY).read_text()
        memory = given.done / f"errands-{given.role}.json"
        updates = config.journal.parent
        machine = Machine(given.role, admission.office, admission.device, authority, memory, updates, _said_by, facts())
        look(config.socket.parent / ERRANDS, machine)
    except (KnownError, OSError) as error:
        log.error("%s", error)
        return 1
    return 0


def look(folder: Path, machine: Machine) -> None:
    """Do the errands of a folder, the earliest first; none stays there, whatever came of it.

    The folder is the bridge's: no name in it is followed to anywhere else.
    """
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        listed = os.listdir(place)  # noqa: PTH208 (of the folder that is open, not of its name)
        names = [name for name in listed if re.fullmatch(r"\d+\.errand", name)]
        for name in sorted(names, key=lambda one: (len(one), one)):
            outcome = _done(_read(place, name), machine, int(name.partition(".")[0]))
            os.unlink(name, dir_fd=place)
            if outcome is not None:
                log.info("errand %d: %s", outcome.errand, outcome.state)
                _leave(place, f"{outcome.errand}.outcome", msgspec.json.encode(outcome))
    finally:
        os.close(place)


def _done(content: bytes, machine: Machine, number: int) -> Outcome | None:
    try:
        return machine.outcome_of(msgspec.json.decode(content, type=Paper))
    except ValueError as error:  # what nobody signed is one, too
        log.error("errand %d: refused: %s", number, error)
        return None
    except OSError as error:
        log.error("errand %d: %s", number, error)
        return Outcome(number, "failed", str(error))


def _read(place: int, name: str) -> bytes:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=place)
    except OSError as error:
        log.error("%s: %s", name, error)
        return b""
    with os.fdopen(file, "rb") as content:
        return content.read()


def _leave(place: int, name: str, content: bytes) -> None:
    """A file of ours, whole; one that somebody has put in its way goes first."""
    aside = f".{name}.part"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside, dir_fd=place)
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=place)
    with os.fdopen(file, "wb") as target:
        target.write(content)
    os.rename(aside, name, src_dir_fd=place, dst_dir_fd=place)


def _check_sum(bundle: Path, sha256: str) -> None:
    with bundle.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise OSError("not the update that was meant")


def _said_by(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONG_S)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{' '.join(words)}: not over after {LONG_S} s") from error
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
