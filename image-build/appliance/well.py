"""After each start: waits until the machine does what it is for, and says so to the boot loader; else it goes back."""

import argparse
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from appliance.boot import is_enrolled
from appliance.slot import Slot
from appliance.slots import BOOT, booted_slot
from appliance.state import Appliance, read_appliance

log = logging.getLogger(__name__)

STEADY_S = 30.0
"""So long everything must run without one restart."""
LIMIT_S = 900.0
LOOK_S = 2.0
COMMAND_LINE = Path("/proc/cmdline")
SCREEN = "antesala-screen.service"


def units_of(appliance: Appliance, is_in: Callable[[str], bool] = is_enrolled) -> tuple[str, ...]:
    """The services that must run for the machine to be well.

    A page that says what to mend is well, too, but not on a trial: then the system before had nothing to say.
    """
    units: list[str] = []
    if "hub" in appliance.roles:
        units += ["office-hub.service", "antesala-broker.service"]
    screen = appliance.screen_role
    if appliance.problems or screen in appliance.roles:
        is_at_work = not appliance.problems and is_in(screen)
        app = (
            (f"{screen}.service", f"mqtt-bridge@{screen}.service")
            if is_at_work
            else (f"antesala-setup@{screen}.service",)
        )
        units += [SCREEN, *app]
    return tuple(units)


def is_steady(
    states: Callable[[], Iterable[str]],
    limit_s: float,
    steady_s: float,
    mono_s: Callable[[], float],
    sleep: Callable[[float], None],
) -> bool:
    """Whether, within `limit_s`, all states were "active" and the same for `steady_s`.

    Args:
        states: What the service manager says now: a text a unit, its state and how often it was restarted.
        limit_s: Seconds.
        steady_s: Seconds.
        mono_s: The monotonic clock.
        sleep: Waits so many seconds.
    """
    began = since = mono_s()
    before: tuple[str, ...] = ()
    while mono_s() - began < limit_s:
        now = tuple(states())
        if not now or now != before or not all(state.startswith("active ") for state in now):
            before, since = now, mono_s()
        elif mono_s() - since >= steady_s:
            return True
        sleep(LOOK_S)
    return False


def main(argv: Sequence[str] | None = None) -> int:
    """Wait, and mark the slot; 1 when the machine did not get well."""
    line = argparse.ArgumentParser(prog="antesala-well", description=__doc__)
    line.add_argument("--limit-s", type=float, default=LIMIT_S)
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="antesala-well: %(levelname)s %(message)s", stream=sys.stderr)
    slot = booted_slot(BOOT, COMMAND_LINE.read_text())
    is_on_trial = slot is not None and slot.tries is not None

    def states() -> list[str]:
        return [_state_of(unit) for unit in units_of(read_appliance())]

    if is_on_trial and read_appliance().problems:
        log.error("the new system finds mistakes where the one before found none")
        return _go_back(slot)
    if is_steady(states, given.limit_s, STEADY_S, time.monotonic, time.sleep):
        log.info("the machine is well")
        if is_on_trial:
            _run("/usr/bin/rauc", "status", "mark-good", "booted")
        return 0
    log.error("the machine did not get well in %.0f s: %s", given.limit_s, "; ".join(states()))
    return _go_back(slot) if is_on_trial else 1


def _go_back(slot: Slot | None) -> int:
    log.error("slot %s is new: the one before is started again", slot.name if slot else "")
    _run("/usr/bin/rauc", "status", "mark-bad", "booted")
    _run("/bin/systemctl", "--no-block", "reboot")
    return 1


def _state_of(unit: str) -> str:
    words = ("/bin/systemctl", "show", "-p", "ActiveState,NRestarts", unit)
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return f"{facts.get('ActiveState', 'unknown')} {facts.get('NRestarts', '')} {unit}"


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        log.error("%s: %s", " ".join(words), (done.stderr or done.stdout).strip())


if __name__ == "__main__":
    sys.exit(main())
