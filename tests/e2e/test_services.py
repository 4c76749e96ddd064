"""Real programs under what systemd does to them: told to be ready, watched, hung, reloaded, and without a network."""

import contextlib
import io
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bench.office.clerk import ClerkClient
from bench.office.errands import ask
from bench.office.stage import CLERKS, EDITOR, Options, Stage, wait_for
from hwlib.sim.control import command
from mqtt_bridge import status
from tests.e2e.test_kill import Office

pytestmark = pytest.mark.timeout(180)
WATCHDOG_S = 3
SCREENS = ("kiosk", "display")


class Supervised(Stage):
    """An office whose programs have a service manager each; its screens are in a network of their own, with nothing."""

    def __init__(self, out: Path, catalogue: Path, options: Options) -> None:
        super().__init__(out, catalogue, options)
        self.managers: dict[str, socket.socket] = {}

    def _command(self, role: str) -> list[str]:
        path = self.run / f"{role}.notify"
        path.unlink(missing_ok=True)
        manager = self.managers[role] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(str(path))
        manager.setblocking(False)
        told = ["env", f"NOTIFY_SOCKET={path}", f"WATCHDOG_USEC={WATCHDOG_S * 1_000_000}"]
        return [*(["unshare", "--net"] if role in SCREENS else []), *told, *super()._command(role)]

    def start(self, role: str) -> None:
        old = self.managers.pop(role, None)
        if old is not None:
            old.close()
        super().start(role)

    def stop(self) -> None:
        super().stop()
        for manager in self.managers.values():
            manager.close()

    def heard(self, role: str) -> list[str]:
        """What a program told since it was asked last."""
        found = []
        while True:
            try:
                found.append(self.managers[role].recv(4096).decode())
            except BlockingIOError:
                return found


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if os.geteuid() != 0:
        pytest.skip("a network of its own is for root to give")
    one = Office(tmp_path_factory.mktemp("office"), Supervised)
    try:
        one.open()
        yield one
    finally:
        one.stage.stop()


@pytest.fixture
def stage(office: Office) -> Supervised:
    assert isinstance(office.stage, Supervised)
    return office.stage


def test_a_screen_without_any_network_gives_the_hubs_numbers(office: Office, stage: Supervised) -> None:
    """The kiosk's network has not even a loopback that is up: what it knows of the hub comes over the unix socket."""
    for role in SCREENS:
        network = Path(f"/proc/{stage.processes[role].pid}/net")
        assert not (network / "route").read_text().splitlines()[1:], "no way to anywhere"
        assert [line for line in (network / "dev").read_text().splitlines()[2:] if "lo:" not in line] == []
    assert "-" not in office.walk_in(), "a number of the hub, not of the kiosk's lane"


@pytest.mark.parametrize("role", ["kiosk", "display", "kiosk-bridge", "hub"])
def test_ready_is_said_once_and_the_work_goes_on(stage: Supervised, role: str) -> None:
    said: list[str] = []

    def alive() -> bool:
        said.extend(stage.heard(role))
        return "WATCHDOG=1" in said and any(words.startswith("READY=1") for words in said)

    wait_for(alive, f"{role} to be ready, and watched", 20)
    assert sum(words.startswith("READY=1") for words in said) == 1
    said.clear()
    time.sleep(WATCHDOG_S)
    assert stage.heard(role).count("WATCHDOG=1") >= 2


def test_the_machines_state_is_on_one_screen(stage: Supervised, capsys: pytest.CaptureFixture[str]) -> None:
    def told() -> str:
        status.main(["status", "--run", str(stage.run)])
        return capsys.readouterr().out

    wait_for(lambda: "k1 of office 'o12'" in told(), "the kiosk's bridge to write", 20)
    text = told()
    assert "s1 of office 'o12'" in text
    assert text.count("the office's hub answers") == 2, text
    assert status.main(["status", "--json", "--run", str(stage.run)]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["devices"]["kiosk"]["link"] == "up"


def test_it_sees_hears_and_tries_a_device_from_its_page(office: Office, stage: Supervised) -> None:
    """Page, hub, broker, bridge, program and back: the devices' programs have no network, and no word is unsigned."""
    biel = ClerkClient(stage.console, EDITOR, CLERKS[EDITOR][1], "c1")
    biel.sign_in()
    office.entrance.until("attract")
    for device, size in (("k1", 0.5625), ("s1", 1.78)):
        pictures = []
        for kind in ("picture", "identify", "picture"):
            answer = ask(biel, device, kind)
            assert answer.is_done, answer.text
            if answer.picture:
                pictures.append(Image.open(io.BytesIO(answer.picture)).convert("L"))
        page, named = pictures
        assert page.width / page.height == pytest.approx(size, abs=0.02)
        assert len(page.getcolors(256) or range(256)) > 50, "a page, not a blank"
        changed = ImageChops.difference(page, named).histogram()
        assert sum(changed[64:]) > page.width * page.height / 10, "its name stands over the page"
    assert "look at the printer" in ask(biel, "k1", "test_print").text, "its network is down, and the printer's with it"
    assert "this display does not do that" in ask(biel, "s1", "test_print").text
    office.entrance.touch("type-code")
    office.entrance.until("typing")
    assert "a citizen types there" in ask(biel, "k1", "picture").text
    assert ask(biel, "k1", "identify").is_done, "the name stands over what is typed, and takes no touch from it"
    office.entrance.touch("back")
    office.entrance.until("attract")


@pytest.mark.parametrize("role", ["kiosk", "kiosk-bridge", "hub"])
def test_who_hangs_is_silent(stage: Supervised, role: str) -> None:
    process = stage.processes[role]
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        time.sleep(0.3)
        stage.heard(role)
        time.sleep(WATCHDOG_S)
        assert stage.heard(role) == []
    finally:
        os.killpg(process.pid, signal.SIGCONT)
    wait_for(lambda: "WATCHDOG=1" in stage.heard(role), f"{role} to go on", 20)


def test_a_reload_begins_anew_in_the_same_process_once_nobody_is_there(office: Office, stage: Supervised) -> None:
    wait_for(lambda: office.entrance.look()["screen"] == "attract", "the attract page", 40)
    office.entrance.touch("start")
    wait_for(lambda: office.entrance.look()["screen"] == "choosing", "a citizen", 10)
    stage.heard("kiosk")
    process = stage.processes["kiosk"]
    process.send_signal(signal.SIGHUP)
    time.sleep(1.5)
    assert office.entrance.look()["screen"] == "choosing", "not under a finger"
    with contextlib.suppress(OSError):  # the program that would answer may have begun anew by then
        command(stage.control("kiosk"), wait_s=0.0, touch="leave")
    said: list[str] = []

    def anew() -> bool:
        said.extend(stage.heard("kiosk"))
        return any(words.startswith("READY=1") for words in said)

    wait_for(anew, "the kiosk to begin anew", 20)
    assert process.poll() is None
    assert "STOPPING=1" not in said, "systemd would end it"
    assert any("RELOADING=1" in words for words in said)
    office.wait_until_linked()


def test_an_end_is_clean_and_said(stage: Supervised) -> None:
    stage.heard("display")
    process = stage.processes["display"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert "STOPPING=1" in stage.heard("display")
    stage.start("display")
