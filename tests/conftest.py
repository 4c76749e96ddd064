"""What all tests share: an office, a clock that only tests move, and a real broker."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from mqtt_bridge.broker import BrokerFiles, write_broker
from officelib.assets import asset
from officelib.catalogue import Catalogue, read_catalogue

NINE_MS = 1_767_772_800_000
"""2026-01-07 09:00 in Madrid, a Wednesday: the demo office is open."""


@dataclass
class ManualClock:
    """Time as a test says."""

    boot: str = "boot-1"
    mono: int = 1_000_000
    wall: int = NINE_MS

    def mono_ms(self) -> int:
        return self.mono

    def wall_ms(self) -> int:
        return self.wall

    def advance(self, ms: int) -> None:
        self.mono += ms
        self.wall += ms


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return read_catalogue(asset("demo", "office.toml"))


@dataclass(frozen=True)
class Broker:
    """A real mosquitto on loopback."""

    port: int
    files: BrokerFiles

    def password(self, user: str) -> str:
        return self.files.password_files[user].read_text().strip()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    files = write_broker(
        tmp_path_factory.mktemp("broker"), port=port, office="o12", users=("h1", "k1", "k2", "s1"), hubs=("h1",)
    )
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "mosquitto is installed by make"
    process = subprocess.Popen([program, "-c", str(files.config)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline, "mosquitto does not listen"
        time.sleep(0.02)
    yield Broker(port, files)
    process.kill()
    process.wait()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--printer", default="", help="address of a real printer for the contract tests, as usblp:///dev/usb/lp0"
    )
    parser.addoption("--printer-profile", default="generic/80", help="its profile")
    parser.addoption("--long", action="store_true", help="the long form of the random tests")
    parser.addoption("--screens", type=Path, default=None, help="folder in which to keep the pictures of all screens")
