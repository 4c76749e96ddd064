"""Writes docs/accessibility.md from what the tests showed: `pytest --accessibility=FILE`, then this with that file."""

import json
import sys
from pathlib import Path

from kiosk_app.commissioning import Requirement, requirements
from officelib.assets import asset

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "accessibility.md"
BY = {
    "person": "to be checked at the device",
    "bench": "measured by `make bench`; to be checked at the device",
    "none": "does not apply",
}
HEAD = """# Accessibility of kiosk and lobby

Written by `make accessibility` from the results of the tests; not by hand. No conformance is claimed beyond what a test
shows. What needs a person with a tape measure is printed by `kiosk-app --commission --config kiosk.toml`.

How speech begins, what the keys do and how a kiosk is put up: [operators' guide](operators/accessibility.md).

## The kiosk

"""
LOBBY_HEAD = """
## The screen in the waiting room

What a person measures there: [operators' guide](operators/lobby.md).

"""
COLUMNS = """| | requirement | figure | source | result |
|---|---|---|---|---|
"""
LOBBY = asset("accessibility", "lobby.toml")


def result_of(row: Requirement, shown: dict[str, dict[str, int]]) -> str:
    """What is known of a row."""
    if row.by in BY:
        return f"{BY[row.by]}{': ' + row.check if row.by == 'none' else ''}"
    counts = shown.get(row.id, {})
    if not counts.get("passed") or counts.get("failed"):
        return "**not shown**"
    told = f"{counts['passed']} tests"
    return f"{told}; and at the device" if row.by == "both" else told


def page(shown: dict[str, dict[str, int]]) -> str:
    """The whole document."""
    return HEAD + table(requirements(), shown) + LOBBY_HEAD + table(requirements(LOBBY), shown)


def table(rows: list[Requirement], shown: dict[str, dict[str, int]]) -> str:
    """Requirements, a line each."""
    lines = []
    for row in rows:
        name = row.id if row.must else f"{row.id} (should)"
        lines.append(f"| {name} | {row.text} | {row.figure or '-'} | {row.source} | {result_of(row, shown)} |\n")
    return COLUMNS + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(Path(sys.argv[1]).read_text())))
