"""A device's life in an office, on real processes: let in, renewed, shut out, exported, let in again."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from appliance.state import TOKEN, Answer, read_answer

from bench.office.stage import listens, wait_for
from kiosk_app.core import events as ev
from mqtt_bridge.identity import read_identity
from office_hub.tools import read_log
from officelib import events as e
from officelib.authority import ends_ms
from officelib.enrolment import new_token, read_token, write_token
from tests.conftest import free_port
from tests.e2e.kiosk import Kiosk
from tests.e2e.processes import Processes, module, mosquitto, tool, write_office

pytestmark = pytest.mark.timeout(240)
DAY_S = 86_400


class Site:
    """A hub with its broker, and one device."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.port, self.web_port = free_port(), free_port()
        self.processes = Processes(run)
        write_office(run)
        self.write_hub()
        (run / "bridge.toml").write_text('identity = "id"\njournal = "journal.db"\nsocket = "bridge.sock"\n')
        self.hub_tool("broker", "--listen", "127.0.0.1")
        self.start("broker")
        self.start("hub")
        wait_for(lambda: listens(self.web_port), "the hub")

    def write_hub(self, shift_s: int = 0) -> None:
        (self.run / "hub.toml").write_text(
            'catalogue = "office.toml"\nclerks = "clerks.toml"\ndatabase = "hub.db"\nbookings_inbox = "in"\n'
            f'broker = "broker"\nbroker_port = {self.port}\nweb_port = {self.web_port}\nclock_shift_s = {shift_s}\n'
        )

    def start(self, name: str) -> None:
        command = {
            "broker": mosquitto(self.run / "broker" / "mosquitto.conf"),
            "hub": module("office_hub", "--config", str(self.run / "hub.toml")),
            "bridge": module("mqtt_bridge", "--config", str(self.run / "bridge.toml")),
        }[name]
        self.processes.start(name, command)

    def restart(self, name: str) -> None:
        self.processes.end(name)
        self.start(name)

    def hub_tool(self, *words: str, fails: bool = False) -> str:
        return tool("office_hub", *words, "--config", str(self.run / "hub.toml"), fails=fails)

    def device_tool(self, *words: str, fails: bool = False) -> str:
        return tool("mqtt_bridge", *words, "--config", str(self.run / "bridge.toml"), fails=fails)

    def certificate_ends_ms(self) -> int:
        pem = (self.run / "id" / "device.pem").read_text()
        return ends_ms(pem[pem.index("-----BEGIN CERTIFICATE") :])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    yield one
    one.processes.stop()


def test_a_device_is_let_in_renewed_shut_out_and_let_in_again(site: Site) -> None:
    token = site.hub_tool("enrol", "k3", "--slot", "5").strip()
    assert "not whole" in site.device_tool("enrol", token[:-9] + "A" * 9, fails=True)
    foreign = write_token(new_token(b"another hub's key", "k3", 5, int(time.time() * 1000), read_token(token).hubs))
    assert "not of this hub" in site.device_tool("enrol", foreign, fails=True)
    assert "this is k3 of office 'o12', lane 5" in site.device_tool("enrol", token)
    assert "used by another device" in site.device_tool("enrol", token, fails=True), "a token is good once"
    site.start("bridge")
    kiosk = Kiosk(site.run, "k3")
    try:
        wait_for(lambda: kiosk.enrolled and kiosk.up, "the kiosk to be enrolled", 30)
        assert kiosk.take() == "A001"
        assert "k3  on line" in site.hub_tool("devices")

        before_ms = site.certificate_ends_ms()
        site.processes.end("hub")
        site.write_hub(shift_s=300 * DAY_S)
        site.start("hub")
        wait_for(lambda: listens(site.web_port), "the hub")
        wait_for(lambda: site.certificate_ends_ms() > before_ms, "the certificate to be renewed", 60)
        wait_for(lambda: kiosk.up, "the kiosk to be back", 30)

        assert "k3 is out" in site.hub_tool("revoke", "k3")
        before = (site.run / "bridge.log").stat().st_size
        site.restart("broker")
        wait_for(lambda: not kiosk.enrolled, "the kiosk to stop", 30)
        assert not (site.run / "id" / "device.pem").exists(), "its key is gone"
        assert b"revoked" in (site.run / "bridge.log").read_bytes()[before:]
        assert kiosk.memory.keeper._journal.kept("config") is None, "what it knew of the office is gone"
        assert "REVOKED" in site.hub_tool("devices")
        assert kiosk.memory.keeper._journal.open_print_jobs() == []

        kiosk.memory.do(ev.WriteWant(e.Claim("register", "es")))
        exported = site.run / "left.jsonl"
        wait_for(lambda: "0 events" not in site.device_tool("export", "--out", str(exported)), "the export")
        assert '"t":"want"' in exported.read_text().replace(" ", "")
        site.restart("bridge")
        wait_for(lambda: b"mqtt-bridge export" in (site.run / "bridge.log").read_bytes(), "it to say what to do", 30)

        site.device_tool("enrol", site.hub_tool("enrol", "k3").strip())
        site.restart("bridge")
        wait_for(lambda: kiosk.enrolled and kiosk.up, "the kiosk to be let in again", 30)
        assert kiosk.take().startswith("A")
        wants = [x for x in read_log(site.run / "hub.db") if x.src is not None and x.src.device == "k3"]
        assert {x.src.inc for x in wants if x.src is not None} == {1}, "with the journal that it had"
    finally:
        kiosk.stop()


def test_a_token_may_be_shown_again_while_the_hub_is_away(site: Site) -> None:
    token = site.hub_tool("enrol", "s1").strip()
    site.processes.end("hub")
    waiting = subprocess.Popen(
        [sys.executable, "-m", "mqtt_bridge", "enrol", "-", "--config", str(site.run / "bridge.toml")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert waiting.stdin is not None
    waiting.stdin.write(token + "\n")
    waiting.stdin.flush()
    wait_for((site.run / "id" / "pending.pem").exists, "it to ask")
    site.start("hub")
    said, _ = waiting.communicate(timeout=60)
    assert "this is s1" in said


def test_a_hub_says_what_it_needs_before_its_first_start(site: Site) -> None:
    shutil.rmtree(site.run / "broker")
    site.processes.end("hub")
    site.start("hub")
    assert site.processes["hub"].wait(30) == 2
    assert b"office-hub broker" in (site.run / "hub.log").read_bytes()


def test_a_code_that_is_shown_to_an_appliance_lets_it_in(site: Site, tmp_path: Path) -> None:
    """What the page hands on, tried by the unit that has a network; a used code is told, and not tried again."""
    folder, token = tmp_path / "setup", site.hub_tool("enrol", "k2").strip()
    folder.mkdir()

    def enter(state: str) -> tuple[int, Answer]:
        (folder / TOKEN).write_text(token + "\n")
        words = ["kiosk", "--folder", str(folder), "--state", str(tmp_path / state)]
        done = subprocess.run([sys.executable, "-m", "appliance.enter", *words], check=False, timeout=60)
        answer = read_answer(folder)
        assert answer is not None
        return done.returncode, answer

    assert enter("one") == (0, Answer(device="k2"))
    assert not (folder / TOKEN).exists()
    assert read_identity(tmp_path / "one/kiosk/identity").admission.device == "k2"
    status, answer = enter("two")
    assert status == 1
    assert answer.is_final
    assert "used by another device" in answer.what
    assert not (folder / TOKEN).exists()
