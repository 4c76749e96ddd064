"""`make demo`: a whole office on this machine, for a person, or playing a morning by itself."""

import argparse
import logging
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

from bench.office.citizens import Papers, booking, opening_ms
from bench.office.morning import Morning
from bench.office.report import Notes, summary_text, write_report
from bench.office.stage import CLERKS, Options, Stage
from hwlib.sim.control import command
from officelib.assets import asset
from officelib.errors import KnownError

log = logging.getLogger(__name__)


def main() -> int:
    """Play or serve; returns 1 when something that should hold did not."""
    line = argparse.ArgumentParser(prog="make demo", description=__doc__)
    line.add_argument("--out", type=Path, default=Path("demo-out"), help="folder for what comes of it; emptied first")
    line.add_argument("--headless", action="store_true", help="no windows: a scripted morning plays itself")
    given = line.parse_args()
    logging.basicConfig(level=logging.INFO, format="demo: %(message)s", stream=sys.stdout)
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    shutil.rmtree(given.out, ignore_errors=True)
    given.out.mkdir(parents=True)
    try:
        if given.headless or not has_screen:
            return play(given.out)
        return serve(given.out)
    except KnownError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 2


def play(out: Path) -> int:
    """The scripted morning, without a screen."""
    began = time.monotonic()
    options = Options(headless=True, idle_ms=5_000, warning_ms=3_000, sound_pace=0.08)
    stage, notes = Stage(out, asset("demo", "office.toml"), options), Notes()
    try:
        stage.start_all()
        Morning(stage, notes).play()
    except (TimeoutError, RuntimeError, OSError) as error:
        notes.check("the morning goes through", ok=False, detail=error)
    try:
        held = write_report(stage, notes)
    finally:
        stage.stop()
    sys.stdout.write(summary_text(out) + "\n")
    log.info("%s after %.0f s; see %s", "all held" if held else "NOT ALL HELD", time.monotonic() - began, out)
    return 0 if held else 1


def serve(out: Path) -> int:
    """Windows for a person, until Ctrl-C or until one of them is closed."""
    stage = Stage(out, asset("demo", "office.toml"), Options(headless=False))
    ended: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: ended.append(received))
    try:
        stage.start_all()
        log.info("the clerks' console: %s", stage.console)
        for clerk, (name, pin) in CLERKS.items():
            log.info("  sign in as %s (%s) with PIN %s", name, clerk, pin)
        codes = hand_out_bookings(stage)
        log.info("bookings are in %s/bookings; type one of %s here to hold it to the scanner", out, ", ".join(codes))
        log.info("tickets and announcements go to %s; Ctrl-C ends it", out)
        while not ended and not stage.ended():
            scan_what_is_typed(stage, codes)
        failed = [role for role in stage.ended() if stage.processes[role].returncode]
        for role in failed:
            log.error("the %s ended by itself; see %s/logs/%s.log", role, out, role)
        return 1 if failed and not ended else 0
    finally:
        stage.stop()


def hand_out_bookings(stage: Stage) -> dict[str, str]:
    """Bookings of the next hour, as pictures; their codes by their short codes."""
    start_ms = opening_ms(stage)
    papers = Papers(stage, stage.out / "bookings")
    services = ("register", "taxes", "social", "entry")
    papers.issue([booking(n, services[n % 4], start_ms + n * 10 * 60_000) for n in range(6)], listed=True)
    return papers.codes


def scan_what_is_typed(stage: Stage, codes: dict[str, str]) -> None:
    """A line on this terminal goes to the simulated scanner: a short code as its whole booking, all else as it is."""
    if not sys.stdin.isatty():
        time.sleep(0.2)
    elif select.select([sys.stdin], [], [], 0.2)[0]:
        typed = sys.stdin.readline().strip()
        if typed:
            command(stage.control("scanner"), type=codes.get(typed.upper(), typed))


if __name__ == "__main__":
    sys.exit(main())
