"""Writes an office's configuration and runs its programs, each a process of its own as on devices."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import time as day_time
from pathlib import Path
from typing import IO

import zxingcpp
from PIL import Image

from bench.office.ports import free_ports
from mqtt_bridge.bridge import BridgeConfig
from mqtt_bridge.identity import Identity, read_identity
from office_hub.config import HubConfig
from office_hub.web.clerks import hash_pin
from officelib.catalogue import Catalogue
from officelib.catalogue_file import read_catalogue
from officelib.config import read_config
from officelib.errors import KnownError
from officelib.ticket_code import looks_like_ticket, read_code

HUB, KIOSK, DISPLAY = "h1", "k1", "s1"
DEVICES = {"kiosk": KIOSK, "display": DISPLAY}
CLERKS = {"ana": ("Ana Ruiz", "2580"), "biel": ("Biel Serra", "1470"), "carme": ("Carme Pons", "3690")}
EDITOR = "biel"
START_S = 30.0
LOOPBACK = "127.0.0.1"
OPENING = day_time(9, 0)
ROLES = ("broker", "printer", "scanner", "hub", "kiosk-bridge", "display-bridge", "kiosk", "display")


@dataclass(frozen=True)
class Options:
    """How the office is set up.

    Attributes:
        headless: Qt draws into memory.
        idle_ms: The kiosk's patience; short in a played morning.
        sound_pace: Part of its time that an announcement takes.
        viewing_mm: The lobby's depth.
        page_visitors_s: New visitors of tickets' pages a second.
        host: Where devices find the broker; it listens there alone, or on all addresses where that is not this machine.
    """

    headless: bool = True
    idle_ms: int = 45_000
    warning_ms: int = 20_000
    sound_pace: float = 1.0
    viewing_mm: int = 6000
    page_visitors_s: float = 20.0
    host: str = LOOPBACK


class Stage:
    """An office's processes. `run` holds what they keep; `out` what a person looks at afterwards."""

    def __init__(self, out: Path, catalogue: Path, options: Options) -> None:
        self.out = out
        self.run = Path(tempfile.mkdtemp(prefix="antesala-"))
        self.catalogue: Catalogue = read_catalogue(catalogue)
        self.options = options
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: list[IO[bytes]] = []
        self.broker_port, self.web_port, self.page_port, self.printer_port = free_ports(4)
        self._write(catalogue)
        listen = ("--listen", options.host) if options.host == LOOPBACK else ()
        self.tool("office_hub", "broker", "--config", str(self.run / "hub.toml"), "--host", LOOPBACK, *listen)

    @property
    def console(self) -> str:
        """The console's address."""
        return f"http://127.0.0.1:{self.web_port}/"

    @property
    def hub_config(self) -> HubConfig:
        """The hub's configuration as it reads it."""
        return read_config(HubConfig, self.run / "hub.toml")

    def control(self, device: str) -> Path:
        """The control socket of a simulated device: "kiosk", "display", "printer" or "scanner"."""
        return self.run / f"{device}.control"

    def start(self, role: str) -> None:
        """Start one process.

        Raises:
            KnownError: its program is not installed.
        """
        log = (self.out / "logs" / f"{role}.log").open("ab")
        self._logs.append(log)
        try:
            self.processes[role] = subprocess.Popen(
                self._command(role), stdout=log, stderr=log, env=self._environment(), start_new_session=True
            )
        except OSError as error:
            raise KnownError(str(error), where=role, mend="Run make: it installs what is missing.") from error

    def start_all(self) -> None:
        """Start the office in the order in which devices come up."""
        for role in ROLES:
            self.start(role)
            if role == "broker":
                wait_for(lambda: listens(self.broker_port), "the broker")
            if role == "hub":
                self.wait_for_hub()
                for one in DEVICES:
                    self.enrol(one)
            if role in ("printer", "scanner"):
                wait_for(self.control(role).exists, role)

    def enrol(self, role: str) -> Identity:
        """Let a device into the office, as a technician does.

        Args:
            role: Whose bridge it is: "kiosk" or "display".
        """
        config = self.run / f"{role}-bridge.toml"
        token = self.tool("office_hub", "enrol", "--config", str(self.run / "hub.toml"), DEVICES[role])
        self.tool("mqtt_bridge", "enrol", "--config", str(config), token.strip())
        return read_identity(read_config(BridgeConfig, config).identity)

    def tool(self, program: str, *words: str) -> str:
        """Run a tool of a program; returns what it says.

        Raises:
            KnownError: it failed.
        """
        done = subprocess.run(
            [sys.executable, "-m", program, *words], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise KnownError(done.stderr.strip(), where=f"{program} {words[0]}", mend="Read what it says.")
        return done.stdout

    def wait_for_hub(self) -> None:
        """Until the hub serves its console: its keys are made, its log is open."""
        wait_for(lambda: listens(self.web_port), "the hub")

    def code_of_paper(self, label: str) -> str:
        """The QR on the paper of a ticket, as an eye reads it."""
        found: list[str] = []

        def read() -> bool:
            for path in (self.out / "tickets").glob("*.png"):
                found.extend(text for text in codes_of(path) if read_code(text).label == label)
            return bool(found)

        wait_for(read, f"the paper of {label}")
        return found[0]

    def kill(self, role: str) -> None:
        """SIGKILL: no good-bye."""
        self.processes[role].kill()
        self.processes[role].wait()

    def ended(self) -> list[str]:
        """Processes that ended by themselves."""
        return [role for role, process in self.processes.items() if process.poll() is not None]

    def stop(self) -> None:
        """End all processes and remove what they kept."""
        for process in reversed(self.processes.values()):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for log in self._logs:
            log.close()
        shutil.rmtree(self.run, ignore_errors=True)

    def _command(self, role: str) -> list[str]:
        python, run = sys.executable, str(self.run)
        match role:
            case "broker":
                program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
                return [program or "mosquitto", "-c", f"{run}/broker/mosquitto.conf"]
            case "hub":
                return [python, "-m", "office_hub", "--config", f"{run}/hub.toml"]
            case "printer":
                sim = [python, "-m", "hwlib.sim", "printer", "--control", str(self.control("printer"))]
                return [*sim, "--port", str(self.printer_port), "--folder", str(self.out / "tickets")]
            case "scanner":
                sim = [python, "-m", "hwlib.sim", "scanner", "--control", str(self.control("scanner"))]
                return [*sim, "--link", f"{run}/scanner.tty"]
            case "kiosk-bridge" | "display-bridge":
                return [python, "-m", "mqtt_bridge", "--config", f"{run}/{role}.toml"]
            case _:
                return [python, "-m", f"{role}_app", "--config", f"{run}/{role}.toml"]

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if self.options.headless:
            environment |= {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
        return environment

    def _write(self, catalogue: Path) -> None:
        for folder in ("logs", "tickets", "kiosk", "display", "announcements", "console"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        for folder in ("hub", "kiosk", "display", "inbox", "updates"):
            (self.run / folder).mkdir()
        page = f'[office]\npage = "http://127.0.0.1:{self.page_port}"\n'
        (self.run / "office.toml").write_text(catalogue.read_text().replace("[office]\n", page, 1))
        clerks = "".join(
            f'[[clerk]]\nid = "{clerk}"\nname = "{name}"\npin_hash = "{hash_pin(pin)}"\n'
            f"edits = {str(clerk == EDITOR).lower()}\nit = {str(clerk == EDITOR).lower()}\n"
            for clerk, (name, pin) in CLERKS.items()
        )
        (self.run / "clerks.toml").write_text(clerks)
        now = datetime.now(self.catalogue.zone)
        opening = datetime.combine(now.date(), OPENING, self.catalogue.zone)
        self._toml(
            "hub",
            catalogue="office.toml",
            clerks="clerks.toml",
            database="hub/office.db",
            bookings_inbox="inbox",
            broker="broker",
            updates="updates",
            device=HUB,
            broker_host=self.options.host,
            broker_port=self.broker_port,
            web_host=LOOPBACK if self.options.host == LOOPBACK else "0.0.0.0",  # noqa: S104 (machines beside this one)
            web_port=self.web_port,
            page_port=self.page_port,
            page_visitors_s=self.options.page_visitors_s,
            clock_shift_s=int((opening - now).total_seconds()),
        )
        for role, device in DEVICES.items():
            self._toml(
                f"{role}-bridge",
                identity=f"{device}/identity",
                journal=f"{role}/journal.db",
                socket=f"{role}/bridge.sock",
            )
        self._write_apps()

    def _write_apps(self) -> None:
        options = self.options
        self._toml(
            "kiosk",
            identity=f"{KIOSK}/identity",
            journal="kiosk/journal.db",
            bridge_socket="kiosk/bridge.sock",
            printer=f"tcp://127.0.0.1:{self.printer_port}",
            printer_profile="epson/tm-m30iii",
            scanner=f"serial://{self.run}/scanner.tty",
            full_screen=False,
            sound="folder",
            sound_folder=str((self.out / "spoken").resolve()),
            speech_cache="kiosk/speech",
            idle_ms=options.idle_ms,
            warning_ms=options.warning_ms,
            control_socket=str(self.control("kiosk")),
        )
        self._toml(
            "display",
            identity=f"{DISPLAY}/identity",
            journal="display/journal.db",
            bridge_socket="display/bridge.sock",
            speech_cache="display/speech",
            sound="folder",
            sound_folder=str((self.out / "announcements").resolve()),
            sound_pace=options.sound_pace,
            viewing_mm=options.viewing_mm,
            full_screen=False,
            control_socket=str(self.control("display")),
        )

    def _toml(self, name: str, **keys: str | float | bool) -> None:
        text = "".join(f"{key} = {_toml_value(value)}\n" for key, value in keys.items())
        (self.run / f"{name}.toml").write_text(text)


def codes_of(paper: Path) -> list[str]:
    """The tickets' codes in a picture of a paper."""
    with Image.open(paper) as image:
        found = zxingcpp.read_barcodes(
            image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
    return [result.text for result in found if looks_like_ticket(result.text)]


def wait_for(condition: Callable[[], object], what: str, limit_s: float = START_S) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not, after `limit_s`.
    """
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {limit_s:.0f} s for {what}")
        time.sleep(0.02)


def _toml_value(value: str | float | bool) -> str:  # noqa: FBT001 (a TOML value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def listens(port: int) -> bool:
    """Whether something on this machine does."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
