"""The slots as the script in U-Boot knows them: one file on the FAT partition, which it reads and counts down.

Lines "name=value", as U-Boot's `env import -t` takes them: the slot that starts first, and of each slot how often it
may be tried ("good" without end) and the version by which the later one is known. The script: image-build/pi/boot.cmd
"""

from pathlib import Path

from appliance.slot import SLOTS, Slot, primary
from officelib.files import write_whole

FILE = "slots.txt"
GOOD = "good"


def read(boot: Path) -> dict[str, Slot]:
    """The slots that something was written to, by name; what a power cut spoiled counts as the script takes it."""
    said = {}
    for line in (boot / FILE).read_text(errors="replace").splitlines():
        name, _, value = line.partition("=")
        said[name] = value
    found = {}
    for name in SLOTS:
        tries = said.get(f"{name}_tries", GOOD if name == "a" else "")
        version = said.get(f"{name}_version", "")
        if tries == GOOD or tries.isdecimal():
            found[name] = Slot(name, None if tries == GOOD else int(tries), int(version) if version.isdecimal() else 0)
    return found


def write(boot: Path, slot: Slot) -> None:
    """A slot becomes what is said of it."""
    write_whole(boot / FILE, text_of({**read(boot), slot.name: slot}))


def text_of(slots: dict[str, Slot]) -> str:
    """The file's text."""
    lines = [f"first={primary(slots)}"]
    for name, slot in sorted(slots.items()):
        lines += [f"{name}_tries={GOOD if slot.tries is None else slot.tries}", f"{name}_version={slot.version}"]
    return "\n".join(lines) + "\n"
