"""The contract on the wire: topics, envelopes, and a real broker that keeps everybody in their room."""

import json
import queue
import random
import re
import threading
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge import messages, topics
from mqtt_bridge.broker import MONITOR, BrokerPlan, access_rules, write_broker
from mqtt_bridge.client import BrokerAddress, Connection, Session
from mqtt_bridge.messages import BadMessage
from officelib import events as e
from officelib.authority import Authority, begin
from officelib.inbound import WantDenied
from tests.conftest import Broker

DOCS = Path(__file__).parents[2] / "docs"
CONTRACT = DOCS / "contract.schema.json"


def test_topics_are_read_as_they_were_written() -> None:
    assert topics.parse_device(topics.up("o12", "k1")) == ("o12", "k1", "up")
    assert topics.parse_device(topics.device_state("o12", "s1")) == ("o12", "s1", "state")
    assert topics.parse_device(topics.rpc("o12", "k1")) == ("o12", "k1", "rpc")
    for foreign in (topics.log("o12"), "antesala/2/o12/dev/k1/up", "", "a/b"):
        assert topics.parse_device(foreign) is None


UP = messages.Up(
    device="k1",
    journal="j",
    inc=1,
    boot="b",
    sent_mono_ms=5,
    events=(messages.UpEvent(1, "b", 4, msgspec.Raw(b'{"t":"want","claim":{"service":"a","language":"es"}}')),),
)


def test_a_message_is_one_line_of_json_that_comes_back() -> None:
    data = messages.encode(UP)
    assert b"\n" not in data
    assert json.loads(data)["v"] == 1
    assert messages.encode(messages.decode(data, messages.Up)) == data


def test_unknown_fields_are_ignored_and_unknown_versions_refused() -> None:
    fields = json.loads(messages.encode(UP))
    assert messages.decode(json.dumps({**fields, "new": {"deep": 1}}).encode(), messages.Up).device == "k1"
    assert messages.decode(json.dumps({**fields, "v": 0}).encode(), messages.Up).v == 0
    for version in (2, 99, -1):
        with pytest.raises(BadMessage, match=f"version {version}"):
            messages.decode(json.dumps({**fields, "v": version}).encode(), messages.Up)


LATER = {"r": "of a later release", "seq": 8, "what": {"deep": 1}}


def answer(*results: object) -> bytes:
    fields = {"device": "k1", "journal": "j", "inc": 1, "acked": 8, "slot": 1, "hub_ms": 5, "boot": "b"}
    return json.dumps({"v": 1, "ep": 1, "echo_mono_ms": 0, **fields, "results": results}).encode()


def test_an_answer_of_a_later_hub_counts_without_what_nobody_here_knows() -> None:
    known = {"r": "denied", "seq": 7, "reason": "cancelled"}
    down = messages.decode_down(answer(LATER, known, LATER))
    assert (down.acked, down.results) == (8, (WantDenied(7, "cancelled"),))
    assert messages.decode_down(answer(known)) == messages.decode(answer(known), messages.Down)


@pytest.mark.parametrize(
    "payload",
    [
        answer({"r": "denied", "seq": "seven", "reason": "cancelled"}),
        answer(LATER, {"r": "denied", "seq": 7}),
        answer("granted"),
        answer({}),
        b"[]",
        b"{}",
        b'{"results": 5}',
        b"[" * 5000,
    ],
)
def test_an_answer_that_is_broken_is_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.decode_down(payload)


@given(st.sampled_from(messages.MESSAGES), st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_breaks(kind: type[messages.Message], data: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.decode(data, kind)


@pytest.mark.parametrize("data", [b"[" * 50_000, b'{"v":' * 20_000, b"x" * 200_000, b'{"v":1e400}', b"null"])
def test_what_is_too_deep_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.decode(data, messages.Up)


def test_mutated_messages_are_read_or_refused() -> None:
    chance, data = random.Random(7), bytearray(messages.encode(UP))
    for _ in range(3_000):
        wrong = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            wrong[chance.randrange(len(wrong))] = chance.randrange(256)
        try:
            messages.decode(bytes(wrong), messages.Up)
        except BadMessage:
            pass


def test_the_written_contract_is_that_of_the_code() -> None:
    """When this fails on purpose: `python -m mqtt_bridge.contract docs/contract.schema.json`."""
    from mqtt_bridge.contract import document

    assert json.loads(CONTRACT.read_text()) == json.loads(json.dumps(document()))


def test_the_asyncapi_document_is_that_of_the_code_and_its_references_hold() -> None:
    """When this fails on purpose: `python -m mqtt_bridge.asyncapi docs/asyncapi.json`."""
    from mqtt_bridge.asyncapi import asyncapi

    written = json.loads((DOCS / "asyncapi.json").read_text())
    assert written == json.loads(json.dumps(asyncapi()))
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(written))):
        part = written
        for step in reference.split("/"):
            part = part[step]
        assert part, reference


PERSONAL = {"name", "phone", "email", "mail", "address", "birth", "dni", "nif", "surname", "person"}


@pytest.mark.ux("LD9")
def test_no_message_has_a_place_for_personal_data() -> None:
    """Names of offices, services and counters are no persons'."""
    schema = messages.schemas()
    fields = {name for component in schema.values() for name in component.get("properties", {})}
    assert len(fields) > 60
    of_places = {"name"}
    assert not (fields & PERSONAL) - of_places
    events = {f for struct in (e.Want, e.Claim, e.BookingClaim, e.LaneTicket) for f in struct.__struct_fields__}
    assert not events & PERSONAL


# --- with a real broker


class Ear:
    """A client of the real broker that remembers what it hears."""

    def __init__(self, broker: Broker, user: str, *listens: str, stranger: Authority | None = None) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.up, self.downs = threading.Event(), 0
        self.refused: queue.Queue[str] = queue.Queue()
        address = BrokerAddress("127.0.0.1", broker.port, user, broker.tls(user, stranger))
        self.connection = Connection(
            [address],
            lambda: Session(f"{user}-{time.monotonic_ns()}", listens, topics.device_state("o12", user), b"will"),
            on_up=self.up.set,
            on_down=self._down,
            on_message=lambda topic, payload: self.heard.put((topic, payload)),
            on_refused=self.refused.put,
        )
        self.connection.start()

    def _down(self, _reason: str) -> None:
        self.downs += 1

    def next(self, timeout: float = 5) -> tuple[str, bytes]:
        return self.heard.get(timeout=timeout)

    def hears_nothing(self) -> bool:
        try:
            self.heard.get(timeout=0.4)
        except queue.Empty:
            return True
        return False


def test_devices_and_hub_hear_each_other_and_nobody_else(broker: Broker) -> None:
    hub = Ear(broker, "h1", *topics.from_devices("o12"))
    kiosk = Ear(broker, "k1", topics.down("o12", "k1"), topics.beat("o12"))
    thief = Ear(broker, "k2", topics.down("o12", "k1"), topics.log("o12"))
    try:
        assert hub.up.wait(5)
        assert kiosk.up.wait(5)
        assert thief.up.wait(5)
        kiosk.connection.publish(topics.up("o12", "k1"), b"mine")
        assert hub.next() == (topics.up("o12", "k1"), b"mine")
        thief.connection.publish(topics.up("o12", "k1"), b"forged")
        thief.connection.publish(topics.log("o12"), b"forged")
        thief.connection.publish(topics.down("o12", "k1"), b"forged")
        assert hub.hears_nothing()
        assert kiosk.hears_nothing()
        hub.connection.publish(topics.down("o12", "k1"), b"for k1 alone")
        assert kiosk.next() == (topics.down("o12", "k1"), b"for k1 alone")
        assert thief.hears_nothing()
        hub.connection.publish(topics.log("o12"), b"for all")
        assert thief.next() == (topics.log("o12"), b"for all")
    finally:
        for ear in (hub, kiosk, thief):
            ear.connection.stop()


def test_a_device_of_another_office_never_comes_in_and_learns_why(broker: Broker) -> None:
    stranger = Ear(broker, "k1", topics.log("o12"), stranger=Authority(begin()))
    try:
        assert stranger.refused.get(timeout=10) == "TLSV1_ALERT_UNKNOWN_CA"
        assert not stranger.up.is_set()
    finally:
        stranger.connection.stop()


def test_a_renewed_connection_comes_back_by_itself(broker: Broker) -> None:
    kiosk = Ear(broker, "k1", topics.beat("o12"))
    try:
        assert kiosk.up.wait(5)
        kiosk.up.clear()
        kiosk.connection.renew()
        assert kiosk.up.wait(5)
        assert kiosk.downs == 1
    finally:
        kiosk.connection.stop()


def test_the_brokers_files_are_private(tmp_path: Path) -> None:
    plan = BrokerPlan(office="o12", hub="h1", hubs=("h1",), hosts=("10.0.0.5", "hub.example"))
    config = write_broker(tmp_path / "broker", plan, Authority(begin()), []).read_text()
    for path in (tmp_path / "broker", *(tmp_path / "broker").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    for line in ("persistence false", "allow_anonymous false", "require_certificate true", "tls_version tlsv1.3"):
        assert f"\n{line}\n" in config


def test_a_device_may_write_nothing_but_its_own(tmp_path: Path) -> None:
    everybody, hub, monitor = access_rules("o12", ("h1",)).split("\nuser ")
    writable = [line for line in everybody.splitlines() if "write" in line]
    assert writable
    assert all("%u" in line for line in writable)
    assert hub.startswith("h1\n")
    assert "write" not in monitor


def test_a_monitor_sees_how_devices_are_and_nothing_of_what_they_send(broker: Broker) -> None:
    monitor = Ear(broker, MONITOR, "antesala/1/o12/dev/#", "homeassistant/#")
    hub, kiosk = Ear(broker, "h1", topics.device_state("o12", "k1")), Ear(broker, "k1", topics.beat("o12"))
    try:
        for ear in (monitor, hub, kiosk):
            assert ear.up.wait(5)
        hub.connection.publish(topics.down("o12", "k1"), b"for k1 alone")
        kiosk.connection.publish(topics.up("o12", "k1"), b"events")
        kiosk.connection.publish(topics.device_state("o12", "k1"), b"how it is")
        hub.connection.publish("homeassistant/sensor/x/config", b"a figure")
        kiosk.connection.publish("homeassistant/sensor/y/config", b"forged")
        heard = {monitor.next(), monitor.next()}
        assert heard == {
            (topics.device_state("o12", "k1"), b"how it is"),
            ("homeassistant/sensor/x/config", b"a figure"),
        }
        assert hub.next() == (topics.device_state("o12", "k1"), b"how it is")
        monitor.connection.publish(topics.device_state("o12", "k1"), b"forged")
        assert hub.hears_nothing()
        assert monitor.hears_nothing()
    finally:
        for ear in (monitor, hub, kiosk):
            ear.connection.stop()
