"""make mutants: each seeded fault is played until an invariant catches it; says which did, and which faults live."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sim.mutate import ROOT, mutants
from tests.sim.report import append

ALL = re.compile(r"^of (.*)$", re.MULTILINE)
"""Every invariant that did not hold on the day of the catch."""
CAUGHT = re.compile(r"^caught by (\S+) in seed (\d+): (.*)$", re.MULTILINE)


def hunt(name: str, days: int, first: int) -> tuple[str, list[str], str, int]:
    """(mutant, the invariants that did not hold, the first one first, what that said, office-days played)."""
    command = [sys.executable, "-m", "tests.sim", "--mutant", name, "--days", str(days), "--first", str(first)]
    ended = subprocess.run([*command, "--processes", "1"], cwd=ROOT, capture_output=True, text=True, check=False)
    found = CAUGHT.search(ended.stdout)
    if found is None and ended.returncode:
        return name, ["crash"], " ".join(ended.stderr.strip().splitlines()[-1:])[:120], 0
    if found is None:
        return name, [], "", days
    every = ALL.search(ended.stdout)
    return name, every[1].split() if every else [found[1]], found[3][:120], int(found[2]) - first + 1


def main(argv: Sequence[str] | None = None) -> int:
    """Hunt all faults, or those named; the exit status is 1 when less than 95 of 100 were caught."""
    line = argparse.ArgumentParser(prog="python -m tests.sim.hunt")
    line.add_argument("names", nargs="*")
    line.add_argument("--days", type=int, default=24)
    line.add_argument("--first", type=int, default=1)
    line.add_argument("--results", type=Path, help="a folder: the report is appended there, with the date")
    given = line.parse_args(argv)
    names = given.names or [one.name for one in mutants()]
    began = time.monotonic()
    by_invariant: Counter[str] = Counter()
    by_any: Counter[str] = Counter()
    lines = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, caught_by, what, days in pool.map(lambda one: hunt(one, given.days, given.first), names):
            by_invariant[caught_by[0] if caught_by else ""] += 1
            by_any.update(caught_by)
            lines.append(f"{' '.join(caught_by) or 'LIVES':6} {days:3} days  {name}: {what}\n")
            sys.stdout.write(lines[-1])
            sys.stdout.flush()
    caught = len(names) - by_invariant[""]
    first, ever = (", ".join(f"{name} {n}" for name, n in sorted(c.items()) if name) for c in (by_invariant, by_any))
    took_s = time.monotonic() - began
    lines.append(f"{caught} of {len(names)} caught, in {took_s:.0f} s; first by {first}; by any: {ever}\n")
    sys.stdout.write(lines[-1])
    if given.results is not None:
        append(given.results, "Seeded faults", "".join(lines))
    return 0 if caught >= 0.95 * len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
