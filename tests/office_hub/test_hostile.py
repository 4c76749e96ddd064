"""Hostile input: what devices and strangers may send changes nothing that it should not, and stops nobody."""

import json
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mqtt_bridge import messages, relay, topics
from mqtt_bridge.messages import Up
from office_hub.central import Central
from office_hub.engine import Engine
from office_hub.world import World
from officelib import events as e
from officelib.catalogue import Catalogue
from officelib.health import Vitals
from officelib.inbound import Inbound, KnownKey
from officelib.journal import chain
from officelib.journal.device import open_journal
from officelib.journal.office_log import open_office_log
from officelib.journal.outbox import Outbox
from officelib.referral import Referral
from tests.conftest import NINE_MS, ManualClock

SHORT, LONG = 50_000, 10_000_000
OFFICE = "o12"


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    return LONG if request.config.getoption("--long") else SHORT


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class NoLink:
    """Publishes nowhere, and keeps the newest."""

    def __init__(self, *_given: object, **_named: object) -> None:
        self.published: deque[tuple[str, bytes]] = deque(maxlen=50)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.published.append((topic, payload))


def honest(device: str, journal: str, inc: int, first: int, bodies: list[e.DeviceEvent], link: bytes) -> Up:
    """A batch as a kiosk sends it."""
    events = []
    for seq, body in enumerate(bodies, start=first):
        data = msgspec.json.encode(body)
        link = chain.link(link, seq, "boot-1", seq * 10, data)
        events.append(messages.UpEvent(seq, "boot-1", seq * 10, msgspec.Raw(data), link.hex()))
    return Up(
        device=device,
        journal=journal,
        inc=inc,
        boot="boot-1",
        sent_mono_ms=5,
        head=first + len(bodies) - 1,
        slot=inc,
        events=tuple(events),
    )


VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**70, 1e308, -1e308, "", "k1", "../../etc", "\u0000", "💥" * 50, "x" * 5_000,
    [], {}, [[[[]]]], {"t": "want"}, "A001", "k9999999", "k1/#", "+",
)  # fmt: skip


def spoiled(rng: random.Random, payload: bytes) -> bytes:
    """A message as a bug, a stranger or a future release would send it."""
    draw = rng.random()
    if draw < 0.15:
        return rng.randbytes(rng.randint(0, 300))
    if draw < 0.3:
        at = rng.randrange(len(payload))
        return payload[:at] + rng.randbytes(rng.randint(1, 4)) + payload[at + rng.randint(0, 4) :]
    if draw < 0.35:
        return payload[: rng.randrange(len(payload))]
    if draw < 0.37:
        return b"[" * rng.randint(1, 100_000)
    if draw < 0.38:
        return payload[:-1] + b',"pad":"' + b"x" * 140_000 + b'"}'
    if draw < 0.4:
        return payload.replace(b'"v":1', b'"v":%d' % rng.choice((-1, 2, 99, 2**40)))
    tree = json.loads(payload)
    for _ in range(rng.randint(1, 3)):
        _spoil(rng, tree)
    return json.dumps(tree).encode(errors="surrogatepass")


def _spoil(rng: random.Random, tree: Any) -> None:
    """Change one thing somewhere in a tree of JSON."""
    node, steps = tree, rng.randint(0, 4)
    for _ in range(steps):
        inner = [v for v in (node.values() if isinstance(node, dict) else node) if isinstance(v, dict | list) and v]
        if not inner:
            break
        node = rng.choice(inner)
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = rng.choice(keys)
    draw = rng.random()
    if draw < 0.6:
        node[key] = deepcopy(rng.choice(VALUES))
    elif draw < 0.8:
        del node[key]
    elif isinstance(node, dict):
        node["new"] = deepcopy(rng.choice(VALUES))
    else:
        node.insert(key, deepcopy(rng.choice(VALUES)))


def attacked_hub(
    folder: Path, catalogue: Catalogue, attack: Callable[[World, Engine, ManualClock], None]
) -> list[e.LogEntry]:
    """A hub under attack; the log that it has afterwards."""
    clock = ManualClock()
    store = open_office_log(folder / "office.db")
    world = World(NoLink, "h1", OFFICE, clock, lambda view: None)  # type: ignore[arg-type]
    engine = Engine(store, catalogue, clock, "h1", world)  # type: ignore[arg-type]
    world.attach(engine, (KnownKey(1, "00" * 32),))
    attack(world, engine, clock)
    log = list(store.entries_after(0))
    store.close()
    open_office_log(folder / "office.db").close()  # the chain holds
    return log


def test_spoiled_messages_never_stop_a_hub(
    tmp_path: Path, catalogue: Catalogue, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(4)
    claim = e.Claim("register", "es", e.BookingClaim("ab" * 10, 5))
    bodies: list[e.DeviceEvent] = [
        e.Want(claim), e.Print(1, "A001"), e.Printed(1, "done", "printed"), e.Lane("A1-001", claim), e.Abandon(9, "x"),
        e.Announced("1-2", aloud=True),
    ]  # fmt: skip

    walk_in: list[e.DeviceEvent] = [e.Want(e.Claim("register", "es"))]

    def fails(what: str, *values: object) -> None:
        raise AssertionError(what % values)

    monkeypatch.setattr("office_hub.engine.log.exception", fails)

    def attack(world: World, engine: Engine, clock: ManualClock) -> None:
        for device in ("k1", "k2", "s1"):
            world._message(topics.up(OFFICE, device), messages.encode(honest(device, f"j-{device}", 0, 1, [], b"")))
        engine.round(engine.gather(0))
        whole = {
            "up": [messages.encode(honest("k1", "j-k1", 1, 1 + 6 * n, bodies, chain.GENESIS)) for n in range(3)],
            "state": [messages.encode(messages.DeviceState(st="on", ses="s", device="k1"))],
            "rpc": [messages.encode(messages.Ask(device="k1", what="board"))],
            "follow": [messages.encode(messages.Follow(device="h2", n=0, link="00" * 8, log_ep=0, rev=0))],
        }
        places = {
            "up": topics.up(OFFICE, "k1"), "state": topics.device_state(OFFICE, "k1"), "rpc": topics.rpc(OFFICE, "k1"),
            "follow": topics.follow(OFFICE, "h2"),
        }  # fmt: skip
        for turn in range(count):
            leaf = rng.choice(("up", "up", "up", "up", "state", "rpc", "follow"))
            world._message(places[leaf], spoiled(rng, rng.choice(whole[leaf])))
            if turn % 64 == 63:
                clock.advance(10)
                engine.round(engine.gather(0))
        engine.fenced_by = 0
        world._message(topics.up(OFFICE, "k2"), messages.encode(honest("k2", "j-k2", 1, 1, walk_in, chain.GENESIS)))
        engine.round(engine.gather(0))

    log = attacked_hub(tmp_path, catalogue, attack)
    assert [entry.n for entry in log] == list(range(1, len(log) + 1))
    honest_want = [x for x in log if isinstance(x.body, e.TicketNumbered) and x.body.ticket == "k2.1.1"]
    assert len(honest_want) == 1, "an honest kiosk is served after all that"
    assert not any("💥" in str(x.body)[:1000] and isinstance(x.body, e.TicketCalled) for x in log)


def test_spoiled_messages_of_another_office_never_stop_a_hub(
    tmp_path: Path, catalogue: Catalogue, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(6)
    services = {"entry": {"es": "Registro"}, "taxes": {"es": "Impuestos", "ar": "x"}}
    refs = tuple(f"{n:020x}" for n in range(4))
    items = tuple(Referral(ref, "register", NINE_MS) for ref in refs)
    whole = [
        (topics.office_state("o13"), messages.OfficeState(ep=1, st="on", ses="a", office="o13", services=services)),
        (topics.referrals("o13", OFFICE), messages.Referrals(ep=1, office="o13", items=items)),
        (topics.referrals_taken("o13", OFFICE), messages.ReferralsTaken(ep=1, office="o13", refs=refs)),
    ]

    def fails(what: str, *values: object) -> None:
        raise AssertionError(what % values)

    monkeypatch.setattr("office_hub.engine.log.exception", fails)

    def attack(world: World, engine: Engine, clock: ManualClock) -> None:
        central = world.central = Central(NoLink, "h1", OFFICE)
        central.attach(engine)
        for turn in range(count):
            topic, message = rng.choice(whole)
            central._message(topic, spoiled(rng, messages.encode(message)))
            if turn % 64 == 63:
                clock.advance(10)
                engine.round(engine.gather(0))
                views = [one.services for one in engine.neighbours.elsewhere]
                assert len(views) <= 1
        honest_one = Referral("ab" * 10, "register", NINE_MS)
        central._message(
            topics.referrals("o14", OFFICE), messages.encode(messages.Referrals(office="o14", items=(honest_one,)))
        )
        engine.round(engine.gather(0))
        assert engine._store.bookings.find(ref="ab" * 10) == honest_one.as_booking(engine.now_ms())
        topic, answer = central._link.published[-1]  # type: ignore[attr-defined]
        assert topic == topics.referrals_taken(OFFICE, "o14")
        assert messages.decode(answer, messages.ReferralsTaken).refs == ("ab" * 10,)

    attacked_hub(tmp_path, catalogue, attack)


def test_nobody_speaks_in_anothers_name(tmp_path: Path, catalogue: Catalogue) -> None:
    def attack(world: World, engine: Engine, _clock: ManualClock) -> None:
        spoof = messages.encode(honest("k2", "stolen", 0, 1, [], b""))
        world._message(topics.up(OFFICE, "k1"), spoof)
        follow = messages.encode(messages.Follow(device="h2", n=0, link="00" * 8, log_ep=0, rev=0, ep=99))
        world._message(topics.follow(OFFICE, "h3"), follow)
        engine.round(engine.gather(0))
        assert not engine.fenced_by

    assert not [x for x in attacked_hub(tmp_path, catalogue, attack) if isinstance(x.body, e.DeviceGranted)]


def test_a_replayed_batch_has_no_effect(tmp_path: Path, catalogue: Catalogue) -> None:
    claim = e.Claim("register", "es")

    def attack(world: World, engine: Engine, _clock: ManualClock) -> None:
        world._message(topics.up(OFFICE, "k1"), messages.encode(honest("k1", "j", 0, 1, [], b"")))
        engine.round(engine.gather(0))
        first = messages.encode(honest("k1", "j", 1, 1, [e.Want(claim), e.Print(1, "A001")], chain.GENESIS))
        for _ in range(50):
            world._message(topics.up(OFFICE, "k1"), first)
            engine.round(engine.gather(0))
        other = messages.encode(honest("k1", "j", 1, 3, [e.Want(claim)], b"forged.."))
        world._message(topics.up(OFFICE, "k1"), other)
        engine.round(engine.gather(0))

    log = attacked_hub(tmp_path, catalogue, attack)
    assert [x.body.label for x in log if isinstance(x.body, e.TicketNumbered)] == ["A001"]


def test_spoiled_messages_never_stop_a_bridge(tmp_path: Path, catalogue: Catalogue, count: int) -> None:
    rng, clock = random.Random(5), ManualClock()
    journal, _ = open_journal(tmp_path / "j.db", "s1", clock)  # type: ignore[arg-type]
    with journal.transaction():
        journal.grant(1, 0)
    told: list[Inbound] = []
    bridge = relay.Relay(OFFICE, "s1", Outbox(tmp_path / "j.db"), clock, told.append, lambda: Vitals(1, None))  # type: ignore[arg-type]
    bridge.link = NoLink()
    bridge.handle(relay.BrokerUp())
    mouth = World(NoLink, "h1", OFFICE, clock, lambda view: None)  # type: ignore[arg-type]
    store = open_office_log(tmp_path / "o.db")
    engine = Engine(store, catalogue, clock, "h1", mouth)  # type: ignore[arg-type]
    mouth.attach(engine, (KnownKey(1, "00" * 32),))
    engine.round([])
    mouth._publish_retained()
    kept = list(mouth._connection.published)  # type: ignore[attr-defined]
    store.close()
    identity = journal.identity
    down = messages.Down(
        device="s1", journal=identity.journal, inc=1, acked=0, slot=0, hub_ms=5, boot="boot-1", echo_mono_ms=1
    )
    kept.append((topics.down(OFFICE, "s1"), messages.encode(down)))
    for turn in range(count):
        topic, payload = rng.choice(kept)
        bridge.handle(relay.MessageCame(topic, spoiled(rng, payload)))
        if turn % 50 == 0:
            clock.advance(100)
            bridge.handle(None)
        told.clear()
    assert bridge._uplink.connected
    journal.close()
