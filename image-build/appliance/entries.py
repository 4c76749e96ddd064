"""The slots as systemd-boot knows them: an entry each on the FAT partition, whose name counts the tries.

systemd-boot takes one from the number behind "+" at each start ("antesala-b+3.conf", "antesala-b+2-1.conf"), and takes
what has none left only where there is nothing else. Source: systemd's "Automatic Boot Assessment". An entry without a
number is good.
"""

import re
from pathlib import Path

from appliance.slot import Slot
from officelib.files import write_whole

FOLDER = "loader/entries"
ENTRY = re.compile(r"antesala-([ab])(?:\+(\d+)(?:-\d+)?)?\.conf")


def read(boot: Path) -> dict[str, Slot]:
    """The slots that have an entry, by name."""
    return {slot.name: slot for slot, _ in _entries(boot)}


def write(boot: Path, slot: Slot) -> None:
    """A slot becomes what is said of it; one with another version than before gets a new entry."""
    tries = "" if slot.tries is None else f"+{slot.tries}"
    target = boot / FOLDER / f"antesala-{slot.name}{tries}.conf"
    before = next(((one, path) for one, path in _entries(boot) if one.name == slot.name), None)
    if before is not None and before[0].version == slot.version:
        before[1].rename(target)
        return
    text = (boot / slot.name / "entry").read_text()
    write_whole(target, text.replace("sort-key antesala\n", f"sort-key antesala\nversion {slot.version}\n", 1))
    if before is not None and before[1] != target:
        before[1].unlink()


def _entries(boot: Path) -> list[tuple[Slot, Path]]:
    found = []
    for path in sorted((boot / FOLDER).glob("antesala-*.conf")):
        if named := ENTRY.fullmatch(path.name):
            version = re.search(r"^version (\d+)$", path.read_text(), re.MULTILINE)
            tries = int(named[2]) if named[2] is not None else None
            found.append((Slot(named[1], tries, int(version[1]) if version else 0), path))
    return found
