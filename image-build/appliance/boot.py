"""At every start: makes of the technician's file what the programs read, and starts what the machine is."""

import argparse
import errno
import logging
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from appliance import machine
from appliance.render import File, files_of, files_of_problems, host_name, outputs_of
from appliance.settings import (
    CONFIG,
    FILE,
    OWN,
    OWN_FOLDER,
    OWN_MOST_MB,
    STATE,
    USUAL,
    Everything,
    Mistake,
    Settings,
    read_settings,
)
from appliance.slots import BOOT
from appliance.state import SETUP_FOLDER, STATE_FILE, TOKEN, Problem
from mqtt_bridge.identity import REVOKED
from office_hub.web.clerks import hash_pin
from officelib.assets import asset
from officelib.config import MENDABLE
from officelib.enrolment import ADMISSION_FILE
from officelib.files import write_whole
from officelib.health import system_release

log = logging.getLogger(__name__)

KEYS = "authorized_keys"
JOURNALS_BYTES = 200 << 20
DATA_LOST = Path("/run/antesala/data-lost")
HOST_KEY = Path(STATE) / "ssh/ssh_host_ed25519_key"
OFFICE = Path(CONFIG) / "office"
CLERKS = "clerks.toml"
BIN = Path("/opt/antesala/bin")
PROGRAMS = {"kiosk": "kiosk-app", "display": "display-app"}
NO_PIN = Problem(
    FILE,
    "nobody could sign in at this hub's console: there is no 'pin'",
    'Write pin = "..." with four to twelve digits of your own; take the line away after the first start.',
)


def main(argv: Sequence[str] | None = None) -> int:
    """Read, write, start. Returns 0 also when the file is wrong: the screen says so then."""
    line = argparse.ArgumentParser(prog="antesala-boot", description=__doc__)
    line.add_argument("--boot", type=Path, default=BOOT, help="the FAT partition")
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="antesala-boot: %(levelname)s %(message)s", stream=sys.stderr)
    everything, problems = look_at(given.boot)
    found, release = machine.look(), system_release()
    if everything is None:
        for problem in problems:
            log.error("%s: %s. %s", problem.where, problem.what, problem.mend)
        write_files(files_of_problems(problems, found, release), Path("/"))
        start("antesala-setup@kiosk.service")
        return 0
    key = given.boot / KEYS
    files = files_of(everything, found, release, has_key=key.exists())
    if key.exists():
        files[f"{CONFIG}/{KEYS}"] = File(key.read_text(errors="replace"), 0o600)
    write_files(files, Path("/"))
    bring(given.boot / OWN, Path(OWN_FOLDER))
    refused = [
        *shut_out(everything.settings),
        *panels_missing(everything, found),
        *refusals(everything.settings.roles),
    ]
    if refused:
        write_files({str(STATE_FILE): files_of_problems(refused, found, release)[str(STATE_FILE)]}, Path("/"))
    settle(everything, found, has_key=key.exists(), refused=refused)
    return 0


def look_at(boot: Path) -> tuple[Everything | None, list[Problem]]:
    """The technician's file, and what keeps the machine from its work."""
    path = boot / FILE
    problems = []
    if DATA_LOST.exists():
        problems.append(
            Problem("the card or disk", DATA_LOST.read_text().strip(), "Replace it, or put a file factory-reset on it.")
        )
    try:
        own = {one.relative_to(boot).as_posix(): one for one in (boot / OWN).rglob("*")}
        everything, mistakes = read_settings(path.read_bytes(), own.__contains__)
        size_mb = sum(one.stat().st_size for one in own.values() if one.is_file()) >> 20
    except OSError as error:
        return None, [*problems, Problem(FILE, str(error), "Put the file back: the flashed image has one.")]
    if size_mb > OWN_MOST_MB:
        what = f"the folder {OWN} has {size_mb} MB: no update would find room beside it"
        problems.append(Problem("the drive", what, f"Leave {OWN_MOST_MB} MB there, or less."))
    problems += [Problem(_where(mistake), mistake.what, mistake.mend) for mistake in mistakes]
    return (None if problems else everything), problems


def _where(mistake: Mistake) -> str:
    return f"{FILE}, line {mistake.line}" if mistake.line else FILE


def write_files(files: Mapping[str, File], root: Path) -> None:
    """Write them, each with its mode and owner, into the layer that is gone at the next start."""
    for name, file in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
        path.chmod(file.mode)
        if file.owner != "root":
            who = pwd.getpwnam(file.owner)
            os.chown(path, who.pw_uid, who.pw_gid)


def bring(source: Path, target: Path) -> None:
    """Make a folder of the data partition what the technician's is: the drive's own is for root alone.

    What has its size and its time already is not copied again. What cannot be copied is told, and stops nothing.
    """
    names = {path.relative_to(source) for path in source.rglob("*")} if source.is_dir() else set[Path]()
    try:
        for path in sorted(target.rglob("*"), reverse=True):
            name = path.relative_to(target)
            if name not in names or path.is_dir() != (source / name).is_dir():
                (path.rmdir if path.is_dir() else path.unlink)()
        target.mkdir(parents=True, exist_ok=True)
        for name in sorted(names):
            _bring_one(source / name, target / name)
    except OSError as error:
        log.error("not all of %s was taken from the drive: %s", source, error)


def _bring_one(there: Path, here: Path) -> None:
    if there.is_dir():
        here.mkdir(exist_ok=True)
    elif not here.exists() or _size_and_time(here) != _size_and_time(there):
        if shutil.disk_usage(here.parent).free - there.stat().st_size < JOURNALS_BYTES:
            raise OSError(errno.ENOSPC, "what room is left is the journals'", str(there))
        part = here.with_name(f".{here.name}.part")
        try:
            shutil.copy2(there, part)
            part.chmod(0o644)
            part.replace(here)
        finally:
            part.unlink(missing_ok=True)


def _size_and_time(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_size, int(facts.st_mtime)


def shut_out(settings: Settings, office: Path = OFFICE) -> list[Problem]:
    """A hub whose console nobody could enter. Its network and SSH are there: its clerks may come from another hub."""
    is_hub = "hub" in settings.roles
    return [NO_PIN] if is_hub and not settings.pin and not (office / CLERKS).exists() else []


def panels_missing(everything: Everything, found: machine.Machine) -> list[Problem]:
    """Panels on sockets that this machine has not; one that is off is none of them."""
    wanted = outputs_of(everything, "display", found) if "display" in everything.settings.roles else ()
    sockets = ", ".join(found.sockets)
    problems = [
        Problem(f"{FILE}, [{table}]", f"there is no output '{name}'", f"This machine has: {sockets}.")
        for table, name in zip(("display", "second_screen"), wanted, strict=False)
        if name and found.sockets and name not in found.sockets
    ]
    if not wanted or everything.second_screen is None:
        return problems
    named = (everything.written.get("display", {}).get("output"), everything.second_screen.output)
    if not all(wanted):
        what = f"a second panel needs a second socket; this machine has: {sockets or 'none'}"
        problems.append(Problem(f"{FILE}, [second_screen]", what, "Take the table away, or another machine."))
    elif len(found.sockets) > len(wanted) and not all(named):
        what = f"this machine has more than two sockets, and a panel that is off cannot be found: {sockets}"
        mend = 'Write output = "..." under [display] and under [second_screen].'
        problems.append(Problem(f"{FILE}, [second_screen]", what, mend))
    return problems


def refusals(roles: Sequence[str], programs: Path = BIN) -> list[Problem]:
    """What a screen's program says against its configuration: what no key alone shows, as a panel that is too small.

    A program that cannot even say so is none that its file could mend: it fails as a service, and the system with it.
    """
    problems = []
    for role in roles:
        if role in PROGRAMS:
            words = (str(programs / PROGRAMS[role]), "--check-config")
            done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                log.error("%s: %s", " ".join(words), done.stderr.strip())
            if done.returncode == MENDABLE:
                problems.append(Problem(f"{FILE}, [{role}]", done.stderr.strip(), ""))
    return problems


def settle(everything: Everything, found: machine.Machine, *, has_key: bool, refused: Sequence[Problem]) -> None:
    """Make the running system what the files say, and start what the machine is."""
    settings = everything.settings
    Path("/proc/sys/kernel/hostname").write_text(host_name(settings, found.id))
    zone = Path("/etc/localtime")
    zone.unlink(missing_ok=True)
    zone.symlink_to(f"/usr/share/zoneinfo/{settings.timezone}")
    _run("/bin/systemctl", "daemon-reload")
    _run("/bin/udevadm", "control", "--reload")
    if "display" in settings.roles:
        _run("/bin/udevadm", "trigger", "--action=add", "--subsystem-match=backlight", "--subsystem-match=i2c-dev")
    if settings.touch_matrix:
        _run("/bin/udevadm", "trigger", "--subsystem-match=input")
    if settings.wifi_name:
        _run("/bin/udevadm", "trigger", "--subsystem-match=net", "--action=change")
    if has_key:
        _make_host_key(HOST_KEY)
        start("ssh.service")
    for role in settings.roles:
        if role == "hub" and NO_PIN not in refused:
            begin_office(everything, OFFICE)
            _make_folder(Path(USUAL["hub"]["updates"]), pwd.getpwnam("antesala-hub"))
            start("antesala-hub-setup.service", "antesala-hub.target")
            if settings.roles == ("hub",) and found.outputs:
                start("antesala-setup@kiosk.service")
        elif refused:
            start("antesala-setup@kiosk.service")
        elif is_enrolled(role):
            start(f"antesala-{role}.target")
        else:
            _hand_over(role, settings.enrolment)
            start(f"antesala-setup@{role}.service", f"antesala-enrol@{role}.path")


def is_enrolled(role: str) -> bool:
    """Whether the machine belongs to an office, as that role; who was shut out does not."""
    identity = Path(STATE) / role / "identity"
    return (identity / ADMISSION_FILE).exists() and not (identity / REVOKED).exists()


def begin_office(everything: Everything, folder: Path) -> None:
    """A hub's first start: an office to begin with, and its first clerk."""
    settings, who = everything.settings, pwd.getpwnam("antesala-hub")
    catalogue, clerks = folder / "office.toml", folder / CLERKS
    os.chown(folder, who.pw_uid, who.pw_gid)
    if not catalogue.exists():
        text = tomlkit.parse(asset("starter", "office.toml").read_text(encoding="utf-8"))
        office: Any = text["office"]
        office.update({"id": settings.office, "timezone": settings.timezone})
        if settings.office_name:
            office["name"] = dict.fromkeys(office["name"], settings.office_name)
        _give(catalogue, tomlkit.dumps(text), who)
    if not clerks.exists():
        line = f'[[clerk]]\nid = "admin"\nname = "admin"\npin_hash = "{hash_pin(settings.pin)}"\n'
        _give(clerks, line + "edits = true\nit = true\n", who)


def _give(path: Path, text: str, who: pwd.struct_passwd) -> None:
    write_whole(path, text, 0o600)
    os.chown(path, who.pw_uid, who.pw_gid)


def _make_folder(path: Path, who: pwd.struct_passwd) -> None:
    path.mkdir(parents=True, exist_ok=True)
    for one in (path.parent, path):
        os.chown(one, who.pw_uid, who.pw_gid)


def _hand_over(role: str, token: str) -> None:
    """A code that stands in the file is as if it had been shown."""
    who = pwd.getpwnam(f"antesala-{role}")
    SETUP_FOLDER.mkdir(exist_ok=True)
    os.chown(SETUP_FOLDER, who.pw_uid, who.pw_gid)
    if token:
        (SETUP_FOLDER / TOKEN).write_text(token + "\n")
        os.chown(SETUP_FOLDER / TOKEN, who.pw_uid, who.pw_gid)


def _make_host_key(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        _run("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path))


def start(*units: str) -> None:
    """Ask systemd for units; it starts them when its own order allows."""
    _run("/bin/systemctl", "--no-block", "start", *units)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 (no word of it is a stranger's)
    if done.returncode:
        log.error("%s: %s", " ".join(words), done.stderr.strip())


if __name__ == "__main__":
    sys.exit(main())
