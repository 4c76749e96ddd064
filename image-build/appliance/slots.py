"""The two slots, whichever boot loader there is: a new system is on trial until it is well, and counted meanwhile.

So a new system that never gets well gives way to the one before, whatever happens to it.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from appliance import counted, entries
from appliance.slot import SLOTS, Slot, primary
from officelib.errors import KnownError

BOOT = Path("/boot/firmware")
TRIES = 3
"""A plug that is pulled during a trial costs one."""


def read_slots(boot: Path) -> dict[str, Slot]:
    """The slots that may be started, by name."""
    found: dict[str, Slot] = _loader(boot).read(boot)
    return found


def booted_slot(boot: Path, command_line: str) -> Slot | None:
    """The slot that runs, by the kernel's command line; None where this is no appliance."""
    named = re.search(r"rauc\.slot=([ab])", command_line)
    return read_slots(boot).get(named[1]) if named else None


def state(slots: dict[str, Slot], name: str) -> str:
    """What RAUC calls a slot: "good" while it may be started."""
    return "good" if name in slots and slots[name].tries != 0 else "bad"


def set_primary(boot: Path, name: str) -> None:
    """Start a slot next, on trial.

    Raises:
        KnownError: nothing was written there that could be started.
    """
    if not (boot / name / "entry").exists():
        raise KnownError("no kernel lies there", where=str(boot / name), mend="Install the update again.")
    version = max((slot.version for slot in read_slots(boot).values()), default=0) + 1
    _loader(boot).write(boot, Slot(name, TRIES, version))


def set_state(boot: Path, name: str, wanted: str) -> None:
    """A slot is good, or is not to be started any more. A slot without an entry is bad already.

    Raises:
        KnownError: a slot without an entry cannot be good.
    """
    slot = read_slots(boot).get(name)
    if slot is not None:
        _loader(boot).write(boot, replace(slot, tries=None if wanted == "good" else 0))
    elif wanted == "good":
        raise KnownError(f"slot {name} has no entry", where=str(boot), mend="Install an update into it.")


def _loader(boot: Path) -> ModuleType:
    """The module that speaks to the loader of this machine's board."""
    return counted if (boot / counted.FILE).exists() else entries


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
