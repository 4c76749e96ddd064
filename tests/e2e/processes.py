"""The real programs that a test starts, kills and asks: each by a name, with its log in the test's folder."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from office_hub.web.clerks import hash_pin
from officelib.assets import asset

PIN = "2580"


def mosquitto(config: Path) -> list[str]:
    """The command of a broker."""
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") or "mosquitto"
    return [program, "-c", str(config)]


def module(name: str, *words: str) -> list[str]:
    """The command of a program of ours."""
    return [sys.executable, "-m", name, *words]


def write_office(run: Path) -> None:
    """A catalogue, and a clerk 'ana' with that PIN."""
    shutil.copy(asset("demo", "office.toml"), run / "office.toml")
    (run / "clerks.toml").write_text(f'[[clerk]]\nid = "ana"\nname = "Ana"\npin_hash = "{hash_pin(PIN)}"\n')


class Processes:
    """What runs."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __getitem__(self, name: str) -> subprocess.Popen[bytes]:
        return self._running[name]

    def start(self, name: str, command: list[str]) -> None:
        with (self.run / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        self._running[name].send_signal(number)
        self._running[name].wait(15)

    def stop(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()


def tool(name: str, *words: str, fails: bool = False) -> str:
    """What a tool prints; what it complains of when it is to fail."""
    done = subprocess.run(module(name, *words), capture_output=True, text=True, check=False, timeout=90)
    assert bool(done.returncode) == fails, done.stderr
    return done.stderr if fails else done.stdout
