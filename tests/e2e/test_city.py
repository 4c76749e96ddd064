"""Two offices of a city on real brokers: a citizen is sent from one to the other, through every outage between them."""

import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.office.browser import Browser, browser_programs
from bench.office.clerk import ClerkClient
from bench.office.console_pictures import ENTER, TAB, sign_in_by_keyboard
from bench.office.stage import listens, wait_for
from kiosk_app.core import events as ev
from kiosk_app.core.check_in import claim_of_paper
from mqtt_bridge import messages, topics
from mqtt_bridge.broker import hub_files
from mqtt_bridge.client import BrokerAddress, Connection, Session
from office_hub.tools import read_log
from officelib import events as e
from officelib.booking import short_code
from officelib.catalogue import Notice
from officelib.events import Claim
from officelib.identity import who_hash
from tests.conftest import free_port
from tests.e2e.kiosk import Kiosk
from tests.e2e.processes import PIN, Processes, module, mosquitto, tool, write_office

PROGRAMS = browser_programs()
DOWN = "\ue015"
pytestmark = pytest.mark.timeout(240)


class Office:
    """A hub with its broker and a kiosk."""

    def __init__(self, run: Path, name: str, code: int, city_port: int) -> None:
        run.mkdir()
        self.run, self.code = run, code
        self.port, self.web_port = free_port(), free_port()
        self.processes = Processes(run)
        write_office(run)
        shutil.copytree(run.parent / "city" / "offices" / name, run / "city")
        catalogue = (run / "office.toml").read_text()
        renamed = catalogue.replace('id = "o12"', f'id = "{name}"').replace("code = 12\n", f"code = {code}\n")
        (run / "office.toml").write_text(renamed)
        (run / "hub.toml").write_text(
            'catalogue = "office.toml"\nclerks = "clerks.toml"\ndatabase = "hub.db"\nbookings_inbox = "in"\n'
            f'broker = "broker"\nbroker_port = {self.port}\nweb_port = {self.web_port}\n'
            f'city_host = "127.0.0.1"\ncity_port = {city_port}\ncity = "city"\n'
        )
        (run / "bridge.toml").write_text('identity = "id"\njournal = "journal.db"\nsocket = "bridge.sock"\n')
        tool("office_hub", "broker", "--listen", "127.0.0.1", "--config", str(run / "hub.toml"))
        self.processes.start("broker", mosquitto(run / "broker" / "mosquitto.conf"))
        self.start_hub()
        token = tool("office_hub", "enrol", "k1", "--config", str(run / "hub.toml")).strip()
        tool("mqtt_bridge", "enrol", token, "--config", str(run / "bridge.toml"))
        self.processes.start("bridge", module("mqtt_bridge", "--config", str(run / "bridge.toml")))
        self.kiosk = Kiosk(run)
        wait_for(lambda: self.kiosk.enrolled and self.kiosk.up, "the kiosk to be enrolled", 30)
        self.clerk = ClerkClient(f"http://127.0.0.1:{self.web_port}/", "ana", PIN, "c1")
        self.clerk.sign_in()

    def start_hub(self) -> None:
        self.processes.start("hub", module("office_hub", "--config", str(self.run / "hub.toml")))
        wait_for(lambda: listens(self.web_port), "the hub")

    def log(self) -> list[e.LogBody]:
        return [entry.body for entry in read_log(self.run / "hub.db")]

    def sends(self, to: str, service: str = "entry") -> str:
        """A citizen takes a ticket here, is called, and sent on; returns what the paper says."""
        self.kiosk.take()
        paper = self.kiosk.papers[-1]
        called: dict[str, Any] = {}

        def calls() -> bool:
            called.update(self.clerk.do("call_next"))
            return bool(called["answer"] == "done")

        wait_for(calls, "the citizen to be among those who wait")
        (ticket,) = [c["ticket"] for c in self.clerk.view()["counters"] if c["id"] == "c1"]
        asked = {"ticket": called["ticket"], "rev": ticket["rev"], "service": service, "to_office": to}
        answers: list[str] = []

        def sent() -> bool:
            answer = self.clerk.do("transfer", **asked)
            answers.append(answer["answer"] if answer["answer"] == "done" else answer["reason"])
            return answers[-1] == "done"

        wait_for(sent, "the other office to be there", 30)
        assert set(answers[:-1]) <= {"no_such_office"}
        return paper

    def shown(self, paper: str) -> None:
        """The paper is scanned at this office's kiosk."""
        claim = claim_of_paper(paper, "es", self.code)
        assert isinstance(claim, Claim)
        self.kiosk.memory.do(ev.WriteWant(claim))

    def stop(self) -> None:
        self.kiosk.stop()
        self.processes.stop()


class City:
    """A broker between two offices."""

    def __init__(self, run: Path) -> None:
        self.run, self.port = run, free_port()
        self.processes = Processes(run)
        words = ("--office", "o12", "--office", "o13", "--host", "127.0.0.1", "--listen", "127.0.0.1")
        tool("office_hub", "city", str(run / "city"), *words, "--port", str(self.port))
        self.start()
        self.here = Office(run / "here", "o12", 12, self.port)
        self.there = Office(run / "there", "o13", 13, self.port)

    def start(self) -> None:
        self.processes.start("city", mosquitto(self.run / "city" / "mosquitto.conf"))
        wait_for(lambda: listens(self.port), "the city's broker")

    def spoofs(self, office: str, other: str) -> Connection:
        """A link with one office's key that would hear what is meant for another one."""
        files = hub_files(self.run / "city" / "offices" / office)
        self.heard: list[str] = []
        link = Connection(
            (BrokerAddress("127.0.0.1", self.port, office, files),),
            lambda: Session(f"spoof-{office}", (topics.referrals("+", other), topics.office_state("+"))),
            on_up=lambda: self.heard.append("up"),
            on_down=lambda _: None,
            on_message=lambda topic, _: self.heard.append(topic),
        )
        link.start()
        return link


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    one = City(tmp_path)
    yield one
    one.here.stop()
    one.there.stop()
    one.processes.stop()


def test_a_citizen_goes_from_office_to_office_and_no_outage_loses_the_place(city: City) -> None:
    here, there = city.here, city.there
    there.shown(here.sends("o13"))
    wait_for(lambda: there.kiosk.labels == ["R001"], "a number at the other office", 20)

    city.processes.end("city")
    wait_for(lambda: _offices(here) == [], "the console to know that nobody can be sent", 30)
    city.start()
    wait_for(lambda: _offices(here) == ["o13"], "the other office to be back", 60)

    there.processes["hub"].send_signal(signal.SIGSTOP)
    paper = here.sends("o13")  # its hub is there, and hears nothing
    there.processes.end("hub")
    here.processes.end("hub")
    here.start_hub()
    there.start_hub()
    wait_for(lambda: there.kiosk.up, "the kiosk to be back", 30)

    def checked_in() -> bool:
        there.shown(paper)
        time.sleep(0.5)
        return len(there.kiosk.labels) == 2

    wait_for(checked_in, "the citizen to be known", 60)
    there.shown(paper)
    time.sleep(1)
    referred = [body.ref for body in here.log() if isinstance(body, e.TicketReferred)]
    numbered = [body.booking for body in there.log() if isinstance(body, e.TicketNumbered)]
    assert sorted(numbered) == sorted(referred), "each once"


def test_an_office_hears_and_says_only_what_is_its_own(city: City) -> None:
    link = city.spoofs("o12", "o13")
    wait_for(lambda: topics.office_state("o13") in city.heard, "the birth of the other office", 20)
    forged = b'{"v":1,"ep":1,"office":"o13","items":[{"ref":"00112233445566778899","service":"entry","stands_ms":5}]}'
    link.publish(topics.referrals("o13", "o13"), forged)
    link.publish(topics.referrals("o12", "o13"), forged)
    city.there.shown(city.here.sends("o13"))
    wait_for(lambda: len(city.there.kiosk.labels) == 1, "a number at the other office", 20)
    link.stop()
    assert not [topic for topic in city.heard if topic.endswith("referrals")]
    log = (city.there.run / "hub.log").read_text()
    assert "o12 writes in the name of o13" in log
    assert log.count("in the name of") == 1, "what an office writes below another's name the broker keeps back"

    plan = city.run / "city" / "plan.json"
    plan.rename(city.run / "plan.json")
    complaint = tool("office_hub", "city", str(city.run / "city"), "--without", "o12", "--host", "x", fails=True)
    assert "no list of its offices" in complaint, "a lost list shuts nobody out"
    (city.run / "plan.json").rename(plan)
    tool("office_hub", "city", str(city.run / "city"), "--without", "o12")
    city.processes.end("city")
    city.start()
    wait_for(lambda: "revoked" in (city.here.run / "hub.log").read_text(), "the office that is shut out to say so", 60)


def test_who_has_no_code_is_known_by_a_hash(city: City) -> None:
    """Through the bridge, the broker and its rights: a list that a booking system made by the manual."""
    office = city.here
    who = who_hash("12345678Z", "o12")
    slot = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="minutes")
    (office.run / "bookings.csv").write_text(f"ref,service,slot,who\n{'ab' * 10},register,{slot},{who}\n")
    tool("office_hub", "import-bookings", str(office.run / "bookings.csv"), "--config", str(office.run / "hub.toml"))
    wait_for(lambda: office.kiosk.up, "the kiosk", 20)
    for typed in ("12345678Z", "87654321X"):
        office.kiosk.link.ask_booking(who_hash(typed, "o12"), 1)
    wait_for(lambda: len(office.kiosk.found) == 2, "the answers", 20)
    assert office.kiosk.found == [short_code("ab" * 10), ""]
    office.kiosk.link.call_help(9, on=True)
    wait_for(lambda: office.kiosk.helped == ["told"], "the office's word to a call for help", 20)


def test_the_city_speaks_to_everybody_and_nobody_else_in_its_name(city: City) -> None:
    offices, folder = (city.here, city.there), str(city.run / "city")

    def said() -> list[tuple[str, ...]]:
        return [tuple(one.text["es"] for one in told(office)) for office in offices]

    def told(office: Office) -> tuple[Notice, ...]:
        return office.kiosk.catalogue.notice if office.kiosk.catalogue else ()

    until = (datetime.now() + timedelta(hours=2)).isoformat(timespec="minutes")  # noqa: DTZ005 (local, as it is written)
    words = ("--id", "storm", "--until", until, "--text")
    wait_for(lambda: all(office.kiosk.catalogue for office in offices), "the kiosks", 20)
    assert "140 at most" in tool("office_hub", "city-notice", folder, *words, "es=" + "x" * 141, fails=True)
    tool("office_hub", "city-notice", folder, *words, "es=Cerramos.")
    wait_for(lambda: said() == [("Cerramos.",), ("Cerramos.",)], "every office to say it", 20)

    link = city.spoofs("o12", "o13")
    wait_for(lambda: "up" in city.heard, "the office's own link", 20)
    forged = messages.CityNotices(at_ms=2**50, notices=())
    link.publish(topics.city_notices(), messages.encode(forged), retain=True)
    city.processes.end("city")
    city.there.processes.end("hub")
    city.there.start_hub()
    wait_for(lambda: city.there.kiosk.up, "the kiosk to be back", 30)
    assert said() == [("Cerramos.",), ("Cerramos.",)], "without the city's broker too"
    complaint = tool("office_hub", "city-notice", folder, "--remove", "storm", fails=True)
    assert "has not taken it" in complaint
    city.start()
    notices = city.run / "city" / "notices.json"
    ahead = messages.decode(notices.read_bytes(), messages.CityNotices)
    notices.write_bytes(messages.encode(msgspec.structs.replace(ahead, at_ms=ahead.at_ms + 10**9)))
    tool("office_hub", "city-notice", folder)  # as said while the clock was twelve days ahead
    tool("office_hub", "city-notice", folder, "--remove", "storm")
    wait_for(lambda: said() == [(), ()], "every office to take it back", 60)
    link.stop()


@pytest.mark.skipif(PROGRAMS is None, reason="no Chromium with its driver here")
def test_a_clerk_sends_somebody_on_without_a_mouse(city: City, request: pytest.FixtureRequest) -> None:
    assert PROGRAMS is not None
    city.here.clerk.do("sign_out")
    city.here.kiosk.take()
    wait_for(lambda: _offices(city.here) == ["o13"], "the other office", 20)
    with Browser(PROGRAMS) as browser:
        browser.open(f"http://127.0.0.1:{city.here.web_port}/")
        sign_in_by_keyboard(browser, "ana", "1", PIN)
        wait_for(lambda: browser.run("return !document.querySelector('[data-action=call_next]').disabled"), "the view")
        browser.keys("n")
        wait_for(lambda: "A001" in browser.run("return document.getElementById('current').textContent"), "the ticket")
        browser.keys("t")
        wait_for(lambda: browser.run("return document.activeElement.id") == "to-office", "the other offices")
        browser.keys(DOWN)
        assert browser.run("return document.getElementById('to-office').value") == "o13"
        assert browser.run("return document.getElementById('here').hidden"), "its counters are not ours to choose"
        if request.config.getoption("--screens"):
            browser.picture(request.config.getoption("--screens") / "console-transfer.png")
        browser.keys(TAB + TAB + TAB + ENTER)
        wait_for(
            lambda: "otra oficina" in browser.run("return document.getElementById('told').textContent"), "the word"
        )
        if request.config.getoption("--screens"):
            browser.picture(request.config.getoption("--screens") / "console-referred.png")
    wait_for(lambda: any(isinstance(body, e.TicketReferred) for body in city.here.log()), "the log")


def _offices(office: Office) -> list[str]:
    return [one["id"] for one in office.clerk.offices()]
