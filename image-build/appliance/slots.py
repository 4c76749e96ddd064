"""The two slots as the boot loader knows them: an entry each on the FAT partition, whose name counts the tries.

systemd-boot takes one from the number behind "+" at each start ("antesala-b+3.conf", "antesala-b+2-1.conf"), and takes
what has none left only where there is nothing else. Source: systemd's "Automatic Boot Assessment". An entry without a
number is good. So a new system that never gets well gives way to the one before, whatever happens to it.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from officelib.errors import KnownError
from officelib.files import write_whole

BOOT = Path("/boot/firmware")
SLOTS = ("a", "b")
TRIES = 3
"""A plug that is pulled during a trial costs one."""
ENTRY = re.compile(r"antesala-([ab])(?:\+(\d+)(?:-(\d+))?)?\.conf")


@dataclass(frozen=True)
class Slot:
    """A slot's entry. `tries` is None where it is good."""

    name: str
    path: Path
    tries: int | None
    version: int


def read_slots(boot: Path) -> dict[str, Slot]:
    """The slots that have an entry, by name."""
    found = {}
    for path in sorted((boot / "loader/entries").glob("antesala-*.conf")):
        named = ENTRY.fullmatch(path.name)
        if named:
            version = re.search(r"^version (\d+)$", path.read_text(), re.MULTILINE)
            tries = int(named[2]) if named[2] is not None else None
            found[named[1]] = Slot(named[1], path, tries, int(version[1]) if version else 0)
    return found


def primary(slots: dict[str, Slot]) -> str:
    """The slot that starts next: of those with tries left the latest; "" where there is none at all."""
    return max(slots.values(), key=lambda slot: (slot.tries != 0, slot.version)).name if slots else ""


def state(slots: dict[str, Slot], name: str) -> str:
    """What RAUC calls a slot: "good" while it may be started."""
    return "good" if name in slots and slots[name].tries != 0 else "bad"


def set_primary(boot: Path, name: str) -> None:
    """Start a slot next, on trial.

    Raises:
        KnownError: nothing was written there that could be started.
    """
    slots = read_slots(boot)
    entry = boot / name / "entry"
    if not entry.exists():
        raise KnownError("no kernel lies there", where=str(boot / name), mend="Install the update again.")
    version = max((slot.version for slot in slots.values()), default=0) + 1
    text = entry.read_text().replace("sort-key antesala\n", f"sort-key antesala\nversion {version}\n", 1)
    _write(boot / f"loader/entries/antesala-{name}+{TRIES}.conf", text, slots.get(name))


def set_state(boot: Path, name: str, wanted: str) -> None:
    """A slot is good, or is not to be started any more. A slot without an entry is bad already.

    Raises:
        KnownError: a slot without an entry cannot be good.
    """
    slot = read_slots(boot).get(name)
    if slot is None:
        if wanted == "good":
            raise KnownError(f"slot {name} has no entry", where=str(boot), mend="Install an update into it.")
        return
    suffix = "" if wanted == "good" else "+0"
    target = slot.path.with_name(f"antesala-{name}{suffix}.conf")
    if target != slot.path:
        slot.path.rename(target)


def _write(path: Path, text: str, before: Slot | None) -> None:
    write_whole(path, text)
    if before is not None and before.path != path:
        before.path.unlink()


def main(argv: Sequence[str] | None = None) -> int:
    """RAUC's way to the boot loader: get-primary, set-primary SLOT, get-state SLOT, set-state SLOT good|bad."""
    line = argparse.ArgumentParser(prog="antesala-slots", description=main.__doc__)
    line.add_argument("verb", choices=["get-primary", "set-primary", "get-state", "set-state"])
    line.add_argument("slot", nargs="?", choices=SLOTS)
    line.add_argument("state", nargs="?", choices=["good", "bad"])
    line.add_argument("--boot", type=Path, default=BOOT)
    given = line.parse_args(argv)
    try:
        match given.verb, given.slot, given.state:
            case "get-primary", None, None:
                sys.stdout.write(primary(read_slots(given.boot)) + "\n")
            case "get-state", str(slot), None:
                sys.stdout.write(state(read_slots(given.boot), slot) + "\n")
            case "set-primary", str(slot), None:
                with writable(given.boot):
                    set_primary(given.boot, slot)
            case "set-state", str(slot), str(wanted):
                with writable(given.boot):
                    set_state(given.boot, slot, wanted)
            case _:
                line.error(f"{given.verb}: too few words, or too many")
    except KnownError as error:
        sys.stderr.write(f"antesala-slots: {error}\n")
        return 1
    return 0


@contextmanager
def writable(boot: Path) -> Iterator[None]:
    """The FAT partition, which is mounted for reading, for a moment also for writing; a plain folder stays as it is."""
    if not boot.is_mount():
        yield
        return
    _mount(boot, "rw")
    try:
        yield
    finally:
        os.sync()
        _mount(boot, "ro")


def _mount(boot: Path, how: str) -> None:
    done = subprocess.run(["/bin/mount", "-o", f"remount,{how}", boot], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        mend = "Is the card locked or worn out? Read it elsewhere."
        raise KnownError(done.stderr.strip(), where=str(boot), mend=mend)


if __name__ == "__main__":
    sys.exit(main())
