"""What all tests share: an office, a clock that only tests move, and a real broker."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

from PySide6.QtGui import QGuiApplication

from bench.office.ports import free_ports
from mqtt_bridge.broker import BrokerPlan, hub_files, write_broker
from mqtt_bridge.client import BrokerAddress
from mqtt_bridge.identity import install
from mqtt_bridge.tls import TlsFiles
from officelib import authority as offices
from officelib.assets import asset
from officelib.authority import Authority, new_key, private_pem, request_of
from officelib.catalogue import Catalogue
from officelib.catalogue_file import read_catalogue
from officelib.decoders import make_ready
from officelib.enrolment import Admission, BrokerPlace

hypothesis_settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("busy")
"""How fast a machine makes examples that others work on is no fault of what is tried."""

NINE_MS = 1_767_772_800_000
"""2026-01-07 09:00 in Madrid, a Wednesday: the demo office is open."""
BROKER_STARTS_S = 60
"""A mosquitto needs a fortieth of a second; other brokers that are tried in its place need longer."""


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


@pytest.fixture(scope="session")
def qapp_cls() -> type[QGuiApplication]:
    """What the programs are: a process has one, and a test that opens a window may have made it already."""
    return QGuiApplication


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
    folder: Path
    authority: Authority

    def tls(self, device: str, authority: Authority | None = None) -> TlsFiles:
        """What a device of the office shows; or, with another authority, what one of another office does."""
        if device.startswith("h"):
            return hub_files(self.folder)
        name = device if authority is None else f"foreign-{device}"
        files = TlsFiles(self.folder / "authority.pem", self.folder / f"{name}.pem")
        if not files.certificate.exists():
            key = new_key()
            given = (authority or self.authority).certify(request_of(key, device), device, int(time.time() * 1000))
            files.certificate.write_text(private_pem(key) + given.pem)
        return files

    def enrol(self, device: str, folder: Path, host: str = "127.0.0.1", port: int = 0) -> Path:
        """Make a folder what a device's bridge keeps of its office; host and port may be another way to the broker."""
        key = new_key()
        given = self.authority.certify(request_of(key, device), device, int(time.time() * 1000))
        place = BrokerPlace(host, port or self.port)
        folder.mkdir(parents=True, exist_ok=True)
        install(folder, Admission("o12", device, 0, given.pem, self.authority.certificate, (place,)), key)
        return folder

    def address(self, device: str) -> BrokerAddress:
        return BrokerAddress("127.0.0.1", self.port, device, self.tls(device))


def free_port() -> int:
    """That nothing on this machine listens on."""
    return free_ports(1)[0]


@contextmanager
def running_broker(config: Path, port: int) -> Iterator[None]:
    """A mosquitto with a configuration that is there already."""
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "mosquitto is installed by make"
    process = subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + BROKER_STARTS_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < deadline, "the broker does not listen"
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    port, folder = free_port(), tmp_path_factory.mktemp("broker")
    authority = Authority(offices.begin())
    plan = BrokerPlan(office="o12", hub="h1", hubs=("h1",), hosts=("127.0.0.1",), listen="127.0.0.1", port=port)
    with running_broker(write_broker(folder, plan, authority, []), port):
        yield Broker(port, folder, authority)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--printer", default="", help="address of a real printer for the contract tests, as usblp:///dev/usb/lp0"
    )
    parser.addoption("--printer-profile", default="generic/80", help="its profile")
    parser.addoption("--long", action="store_true", help="the long form of the random tests")
    parser.addoption("--screens", type=Path, default=None, help="folder in which to keep the pictures of all screens")
    parser.addoption("--goldens", action="store_true", help="write the goldens of all screens instead of comparing")
    parser.addoption("--accessibility", type=Path, default=None, help="file for the rows' results")


class AccessibilityResults:
    """Counts, for each row that tests are marked with, how they ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[str, Counter[str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or report.failed:
            for row in (row for mark in item.iter_markers("ux") for row in mark.args):
                self.counts.setdefault(row, Counter())[report.outcome] += 1
        return report

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.counts, sort_keys=True))


def pytest_collection_finish() -> None:
    make_ready()  # as the programs do: tests run their parts in threads, too


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--accessibility")
    if path is not None:
        config.pluginmanager.register(AccessibilityResults(path))
