"""A panel that is off at night and dimmer in the evening: by HDMI-CEC, by the compositor, by its own controls."""

import logging
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

LIMIT_S = 10.0
AGAIN_S = 600.0
"""A panel that somebody switched by hand follows again after so long."""
BACKLIGHTS = Path("/sys/class/backlight")
DEVICES = Path("/dev")


class Wanted(NamedTuple):
    """How the panel is to be. `percent` is its brightness; None leaves it alone."""

    is_on: bool
    percent: int | None


class PanelPower:
    """Has a panel follow what is wanted, in a thread of its own; what fails is told once and tried again."""

    def __init__(self, by: str, dim_by: str, backlights: Path = BACKLIGHTS, devices: Path = DEVICES) -> None:
        """Args:
        by: Switches it: "cec" or "dpms"; "" for nothing: the picture is black then.
        dim_by: Sets its brightness: "backlight" or "ddc"; "" for nothing.
        backlights: Where the kernel shows them.
        devices: Where lines to televisions are: cec0 and so on.
        """
        self._by, self._dim_by, self._backlights, self._devices = by, dim_by, backlights, devices
        self._wanted: queue.SimpleQueue[Wanted | None] = queue.SimpleQueue()
        self._last: Wanted | None = None
        self._told = ""
        self._thread = threading.Thread(target=self._run, name="panel power", daemon=True)

    @property
    def problem(self) -> str:
        """Why the panel does not follow; empty when it does."""
        return self._told

    def start(self) -> None:
        if self._by or self._dim_by:
            self._thread.start()

    def stop(self) -> None:
        """End, with the panel as it is."""
        self._wanted.put(None)
        if self._thread.is_alive():
            self._thread.join(LIMIT_S + 1)

    def want(self, wanted: Wanted) -> None:
        """From now on; may be said as often as one likes, and never blocks."""
        if wanted != self._last:
            self._last = wanted
            self._wanted.put(wanted)

    def _run(self) -> None:
        now: Wanted | None = None
        while True:
            try:
                now = self._wanted.get(timeout=AGAIN_S)
                if now is None:
                    return
            except queue.Empty:
                pass
            if now is not None:
                self._carry_out(now)

    def _carry_out(self, wanted: Wanted) -> None:
        problem = ""
        try:
            if self._by == "cec":
                self._switch_televisions(is_on=wanted.is_on)
            elif self._by == "dpms":
                _call(("wlopm", "--on" if wanted.is_on else "--off", "*"))  # speaks to labwc and its kin
            if self._dim_by and wanted.percent is not None and wanted.is_on:
                self._dim(wanted.percent)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problem = f"{error}; check 'panel_off_by' and 'dim_by' of the configuration"
        if problem and problem != self._told:
            log.error("the panel does not follow: %s", problem)
        self._told = problem

    def _switch_televisions(self, *, is_on: bool) -> None:
        """By cec-ctl of v4l-utils; a television is logical address 0. Only who has an address there is listened to."""
        lines = sorted(self._devices.glob("cec[0-9]*"))
        if not lines:
            raise OSError(f"no line to a television: {self._devices}/cec0 is missing")
        order = ("--playback", "--to", "0", "--image-view-on" if is_on else "--standby")
        problems = [problem for line in lines if (problem := _attempt(("cec-ctl", "--device", str(line), *order)))]
        if problems:
            raise OSError("; ".join(problems))

    def _dim(self, percent: int) -> None:
        if self._dim_by == "ddc":
            _call(("ddcutil", "setvcp", "10", str(percent)))  # 10 is luminance. Source: VESA MCCS
            return
        found = sorted(self._backlights.glob("*"))
        if not found:
            raise OSError(f"no backlight in {self._backlights}")
        for backlight in found:
            most = int((backlight / "max_brightness").read_text())
            (backlight / "brightness").write_text(str(max(1, most * percent // 100)))


def _attempt(command: tuple[str, ...]) -> str:
    """Call it; returns what went wrong, empty when nothing did."""
    try:
        _call(command)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


def _call(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        raise OSError(f"{command[0]} is not installed")
    done = subprocess.run(command, timeout=LIMIT_S, check=False, capture_output=True)  # noqa: S603
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.decode(errors='replace').strip() or done.returncode}")
