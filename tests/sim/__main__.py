"""make simulate: whole office-days on simulated time, each from a seed that gives it again bit for bit."""

import argparse
import dataclasses
import logging
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.sim.mutate import asked_mutant, install

install(asked_mutant(sys.argv))

from tests.sim.office import Outcome, play  # noqa: E402 (a mutant must be there first)
from tests.sim.report import append  # noqa: E402

STALLED_S = 300
"""Several times what a day takes, played twice."""
WALLS_EVERY = 10
"""One seed in so many is played again with other wall clocks in the devices: nothing may change."""


def main(argv: Sequence[str] | None = None) -> int:
    """Play seeds and tell what did not hold; the exit status is 1 when anything did not."""
    line = argparse.ArgumentParser(prog="python -m tests.sim")
    line.add_argument("--days", type=int, default=60)
    line.add_argument("--first", type=int, default=1, help="the first seed")
    line.add_argument("--seed", type=int, help="one seed alone, with its log of faults")
    line.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    line.add_argument("--mutant", default="", help="with this fault of tests/sim/mutants.toml; ends at the first catch")
    line.add_argument("--results", type=Path, help="a folder: the report is appended there, with the date")
    line.add_argument("--verbose", action="store_true")
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO if given.verbose else logging.CRITICAL + 1)
    seeds = [given.seed] if given.seed is not None else range(given.first, given.first + given.days)
    began, cpu = time.monotonic(), 0.0
    total: Counter[str] = Counter()
    failed: list[Outcome] = []
    simulated_s = 0.0
    with multiprocessing.Pool(min(given.processes, len(seeds)), _quiet, (given.verbose,)) as pool:
        for outcome, cpu_s in pool.imap_unordered(_play, seeds):
            cpu += cpu_s
            total.update(outcome.tally)
            simulated_s += outcome.simulated_s
            if outcome.faults and given.mutant:
                sys.stdout.write(f"caught by {outcome.faults[0][0]} in seed {outcome.seed}: {outcome.faults[0][1]}\n")
                sys.stdout.write(f"of {' '.join(dict.fromkeys(name for name, _ in outcome.faults))}\n")
                return 1
            if outcome.faults:
                failed.append(outcome)
                sys.stdout.write(f"seed {outcome.seed}:\n")
                for invariant, what in outcome.faults[:6]:
                    sys.stdout.write(f"  {invariant} {what}\n")
            if given.seed is not None:
                sys.stdout.write(f"log {outcome.digest}\n")
            sys.stdout.flush()
    report = (
        f"{len(seeds)} office-days, seeds {min(seeds)}-{max(seeds)}: {len(failed)} with faults;"
        f" {time.monotonic() - began:.0f} s, {simulated_s / max(cpu, 0.01):.0f} simulated seconds a second of CPU\n"
        + "".join(f"  {count:>9,} {what}\n" for what, count in sorted(total.items()))
        + "".join(f"  seed {one.seed}: {one.faults[0]}\n" for one in failed)
    )
    sys.stdout.write(report)
    if given.results is not None:
        append(given.results, "Simulated office-days", report)
    return 1 if failed else 0


def _quiet(verbose: bool) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL + 1)


class Stalled(BaseException):
    """A day does not end: nothing of the product may catch it."""


def _stall(_number: int, _frame: object) -> None:
    raise Stalled


def _play(seed: int) -> tuple[Outcome, float]:
    began = time.process_time()
    signal.signal(signal.SIGPROF, _stall)
    signal.setitimer(signal.ITIMER_PROF, STALLED_S)
    try:
        outcome = play(seed)
        if seed % WALLS_EVERY == 0 and (other := play(seed, walls=1)).digest != outcome.digest:
            told = ("I18", f"with other wall clocks the log is {other.digest}, not {outcome.digest}")
            outcome = dataclasses.replace(outcome, faults=(*outcome.faults, told))
        if seed % WALLS_EVERY == 0:
            outcome = dataclasses.replace(outcome, simulated_s=2 * outcome.simulated_s)
    except Stalled:
        what = f"the office goes round and round: its day does not end in {STALLED_S} s of CPU"
        outcome = Outcome(seed, (("stall", what),), {}, 0.0, "")
    except Exception:
        outcome = Outcome(seed, (("crash", traceback.format_exc()),), {}, 0.0, "")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome, time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
