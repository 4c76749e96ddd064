"""Home Assistant finds the devices by itself, and reads from their words what they say."""

import json

import msgspec

from mqtt_bridge import messages, topics
from office_hub.home_assistant import FIGURES, discovery
from office_hub.world import World
from officelib.clock import system_clock
from officelib.health import AppHealth, Health


def test_each_figure_is_found_where_the_device_says_it() -> None:
    """Every template names fields that a device's words have."""
    health = Health(AppHealth("1", {}, {"tickets_left": 80.0}), "b", 4, 20, 900, 51.0)
    said = json.loads(messages.encode(messages.DeviceState(st="on", ses="s", device="k1", health=health)))
    found = discovery("o12", "k1")
    assert len(found) == 1 + len(FIGURES)
    assert len({topic for topic, _ in found}) == len({json.loads(one)["unique_id"] for _, one in found}) == len(found)
    for topic, payload in found:
        facts = json.loads(payload)
        assert topic.split("/")[0] == "homeassistant"
        assert facts["state_topic"] == topics.device_state("o12", "k1")
        path = facts["value_template"].split("value_json.")[-1].split(" ")[0].rstrip("}").split(".")
        value = said
        for name in path:
            value = value[name]
        assert value in ("on", 4, 900, 51.0, 80.0)


class Line:
    """A connection that keeps what is published."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.said.append((topic, retain))


class Deaf:
    """An engine that takes work."""

    def submit(self, work: object) -> None: ...


def test_nothing_is_said_that_nobody_asked_for() -> None:
    line = Line()
    world = World(lambda *_args, **_more: line, "h1", "o12", system_clock(), lambda _: None)
    world.attach(Deaf(), ())  # type: ignore[arg-type]
    world._message(
        topics.device_state("o12", "k1"), messages.encode(messages.DeviceState(st="on", ses="s", device="k1"))
    )
    assert line.said == []


def test_a_device_is_made_known_once_at_each_broker() -> None:
    line = Line()
    world = World(lambda *_args, **_more: line, "h1", "o12", system_clock(), lambda _: None)
    world.attach(Deaf(), ())  # type: ignore[arg-type]
    state = messages.DeviceState(st="on", ses="s", device="k1")
    topic = topics.device_state("o12", "k1")
    world.introduce = discovery
    for _ in range(3):
        world._message(topic, messages.encode(msgspec.structs.replace(state, ses="t")))
    assert len(line.said) == 1 + len(FIGURES)
    assert all(is_retained for _, is_retained in line.said)
    world._went_down("gone")
    world._message(topic, messages.encode(state))
    assert len(line.said) == 2 * (1 + len(FIGURES))
