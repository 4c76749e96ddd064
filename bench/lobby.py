"""The lobby's display: how soon a call is seen and heard, what it costs to stand there, and how soon it is back."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure, figure
from bench.office.citizens import Entrance
from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, DISPLAY, KIOSK, Options, Stage, wait_for
from hwlib.sim.control import command
from officelib.assets import asset

CALLS = 20
REST_S = 20.0
STARTS = 5


def measure_lobby(out: Path) -> list[Figure]:
    """Calls to a display that stands still, one that pulses, and one that was switched off and on without a hub."""
    stage = Stage(out, asset("demo", "office.toml"), Options(sound_pace=0.0))
    try:
        stage.start_all()
        entrance = Entrance(stage)
        clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c2")
        entrance.until("attract")
        clerk.sign_in()
        wait_for(lambda: clerk.view()["devices"].get(KIOSK), "the kiosk")
        wait_for(lambda: clerk.view()["devices"].get(DISPLAY), "the display")
        for _ in range(CALLS + 8):
            entrance.walk_in("register")
            entrance.leave()
        stage.kill("kiosk")
        chimes = [_chime_ms(stage, clerk) for _ in range(CALLS)]
        moving = _cpu_percent(stage, REST_S, lambda: _call(clerk))
        clerk.do("finish")
        time.sleep(16)  # until nothing stands large, and the voice has said everything
        still = _cpu_percent(stage, REST_S, lambda: None)
        label = clerk.do("call_next")["label"]
        wait_for(lambda: _seen_ms(stage, label), "the last call")
        return [
            figure("call to chime", chimes, 300),
            Figure("display's CPU while nothing happens, percent of a core (ratio)", still, still, 1, 3, "p50"),
            Figure("display's CPU while calls pulse, percent of a core (ratio)", moving, moving, 1, 40, "p50"),
            figure("display: start to the last board, hub away", _starts(stage, label), 2_000),
        ]
    finally:
        stage.stop()


def _chime_ms(stage: Stage, clerk: ClerkClient) -> float:
    """From a clerk's request to the first sample at the player."""
    answer = clerk.do("call_next")
    said = stage.out / "announcements" / "said.jsonl"

    def line() -> dict[str, float] | None:
        lines = [json.loads(one) for one in said.read_text().splitlines()] if said.exists() else []
        return next((one for one in lines if one["text"] == answer["label"]), None)

    wait_for(line, f"{answer['label']} to be heard", 10)
    found = line() or {}
    clerk.do("finish")
    time.sleep(0.7)  # each has its own chime
    return float(found["began_ms"] - answer["mono_ms"])


def _call(clerk: ClerkClient) -> None:
    clerk.do("finish")
    clerk.do("call_next")


def _cpu_percent(stage: Stage, seconds: float, act: Callable[[], None]) -> float:
    """Processor time of the display's process, with a call every three seconds or without."""
    pid = stage.processes["display"].pid
    began_s, spent = time.monotonic(), _spent_s(pid)
    while time.monotonic() - began_s < seconds:
        act()
        time.sleep(3)
    return (_spent_s(pid) - spent) / (time.monotonic() - began_s) * 100


def _spent_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seen_ms(stage: Stage, label: str) -> int:
    """When a number was first on the panel; 0 for not yet."""
    frames = command(stage.control("display"), look=True)["painted"]
    return next((int(at) for at, mark in frames if label in mark.split()), 0)


def _starts(stage: Stage, label: str) -> list[float]:
    """A plug that is pulled and put in again while the hub and its broker are away."""
    for role in ("hub", "broker", "display-bridge", "display"):
        stage.kill(role)
    values = []
    for _ in range(STARTS):
        stage.control("display").unlink(missing_ok=True)
        began_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        stage.start("display")
        wait_for(stage.control("display").exists, "the display")
        wait_for(lambda: _seen_ms(stage, label), f"{label} on the board", 10)
        values.append(float(_seen_ms(stage, label) - began_ms))
        stage.kill("display")
    return values
