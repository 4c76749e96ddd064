"""Time, chance and the network of a simulated office. One seed gives one run, bit for bit."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mqtt_bridge.client import Session

START_MS = 1_767_769_200_000
"""2026-01-07 08:00 in Madrid."""
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
KEEPALIVE_MS = 15_000
"""How long a cut connection looks alive: one and a half times the keep-alive."""


class World:
    """The queue of what will happen. `now` is true time since the start, milliseconds."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.now = 0
        self._queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self.happened = 0
        self.tally: dict[str, int] = {}

    def after(self, delay_ms: float, work: Callable[..., None], *values: Any) -> None:
        """Do something later."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + max(0, int(delay_ms)), self._count, work, values))

    def run_until(self, end_ms: int) -> None:
        """Let time pass."""
        queue = self._queue
        while queue and queue[0][0] <= end_ms:
            self.now, _, work, values = heapq.heappop(queue)
            self.happened += 1
            work(*values)
        self.now = end_ms

    def count(self, what: str, times: int = 1) -> None:
        """One more of something that a run reports."""
        self.tally[what] = self.tally.get(what, 0) + times

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def seeded(self, name: str) -> random.Random:
        """Chance of its own, so that what happens elsewhere does not change it."""
        return random.Random(f"{self.seed}/{name}")


class MachineClock:
    """A machine's clocks: the monotonic one drifts, the wall clock says anything."""

    def __init__(self, world: World, name: str, drift_ppm: float, wall_off_ms: int) -> None:
        self._world, self._name = world, name
        self._rate = 1 + drift_ppm / 1_000_000
        self._wall_off_ms = wall_off_ms
        self._booted: dict[str, int] = {}
        self.boot = ""
        self.reboot()

    def reboot(self) -> None:
        """Monotonic time begins again, under a new name."""
        self.boot = f"{self._name}-boot-{len(self._booted) + 1}"
        self._booted[self.boot] = self._world.now - 20_000

    def mono_ms(self) -> int:
        return int((self._world.now - self._booted[self.boot]) * self._rate)

    def wall_ms(self) -> int:
        return START_MS + self._world.now + self._wall_off_ms

    def true_at(self, boot: str, mono_ms: int) -> int:
        """World time when a boot's monotonic clock stood there."""
        return int(mono_ms / self._rate) + self._booted[boot]


@dataclass
class Weather:
    """What a network does to messages: probabilities, and latency in milliseconds."""

    loss: float = 0.0
    repeat: float = 0.0
    late: float = 0.0
    fast_ms: tuple[int, int] = (1, 6)
    late_ms: tuple[int, int] = (50, 2_000)


@dataclass
class Broker:
    """An MQTT broker that keeps nothing over its own death."""

    world: World
    name: str
    weather: Weather
    up: bool = True
    links: list["SimLink"] = field(default_factory=list)
    retained: dict[str, bytes] = field(default_factory=dict)
    spy: Callable[[str, bytes], None] = lambda topic, payload: None

    def restart(self, gone_ms: int) -> None:
        """Die, and come back with nothing."""
        self.up = False
        self.retained.clear()
        for link in list(self.links):
            self.drop(link, with_will=False)
            self.world.after(self.world.rng.randint(0, 50), link.lost, link.session_no, "the broker died")
        self.world.after(gone_ms, self._back)

    def _back(self) -> None:
        self.up = True

    def came(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """A message reached the broker."""
        if not self.up:
            return
        self.spy(topic, payload)
        if retain:
            self.retained[topic] = payload
        for link in self.links:
            if link.listens_to(topic):
                link.deliver(topic, payload)

    def drop(self, link: "SimLink", *, with_will: bool) -> None:
        """A client is gone."""
        if link in self.links:
            self.links.remove(link)
            if with_will and link.session and link.session.will_topic:
                self.came(link.session.will_topic, link.session.will, retain=True)


class SimLink:
    """A client's connection through weather and partitions; connects again for ever, to each broker in turn."""

    def __init__(
        self,
        world: World,
        brokers: list[Broker],
        new_session: Callable[[], Session],
        *,
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        self.world, self._brokers = world, brokers
        self._new_session = new_session
        self._on_up, self._on_down, self._on_message = on_up, on_down, on_message
        self.session: Session | None = None
        self.session_no = 0
        self._wanted = self._connected = False
        self._at = 0
        self._failures = 0
        self.up_cut = self.down_cut = False
        self.unreachable: set[str] = set()
        self.cuts = 0
        self._exact: frozenset[str] = frozenset()
        self._patterns: tuple[str, ...] = ()
        self._listens: dict[str, bool] = {}

    @property
    def broker(self) -> Broker:
        return self._brokers[self._at]

    @property
    def is_well(self) -> bool:
        """Whether it stands, and messages go both ways."""
        reachable = self.broker.name not in self.unreachable
        return self._connected and reachable and not (self.up_cut or self.down_cut)

    def start(self) -> None:
        self._wanted = True
        self.world.after(self.world.rng.randint(1, 100), self._connect, self.session_no)

    def stop(self) -> None:
        """The process is gone; the broker notices at once, as the kernel closes the socket."""
        self._wanted = False
        self.session_no += 1
        if self._connected:
            self._connected = False
            self.broker.drop(self, with_will=not self.up_cut)

    def renew(self) -> None:
        self.lost(self.session_no, "thrown away")

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        if not self._connected or self.up_cut or self.broker.name in self.unreachable:
            return
        world, weather = self.world, self.broker.weather
        rng = world.rng
        if weather.loss and rng.random() < weather.loss:
            return
        for _ in range(2 if weather.repeat and rng.random() < weather.repeat else 1):
            world.after(self._latency(), self._arrive, self.session_no, topic, payload, retain)

    def deliver(self, topic: str, payload: bytes) -> None:
        """The broker sends a message down."""
        if self.down_cut or self.broker.name in self.unreachable:
            return
        weather, rng = self.broker.weather, self.world.rng
        if weather.loss and rng.random() < weather.loss:
            return
        for _ in range(2 if weather.repeat and rng.random() < weather.repeat else 1):
            self.world.after(self._latency(), self._hear, self.session_no, topic, payload)

    def listens_to(self, topic: str) -> bool:
        known = self._listens.get(topic)
        if known is None:
            known = self._listens[topic] = topic in self._exact or any(_matches(p, topic) for p in self._patterns)
        return known

    def cut(self, *, up: bool, down: bool) -> None:
        """The network between client and broker is gone, in one direction or both; nobody is told."""
        self.up_cut, self.down_cut = up, down
        self.cuts += 1
        if self._connected:
            self.world.after(self.world.rng.randint(9_000, KEEPALIVE_MS), self._suspect, self.session_no)

    def lose(self, broker: str) -> None:
        """One broker cannot be reached any more; nobody is told."""
        self.unreachable.add(broker)
        self.cuts += 1
        if self._connected and self.broker.name == broker:
            self.world.after(self.world.rng.randint(9_000, KEEPALIVE_MS), self._suspect, self.session_no)

    def heal(self) -> None:
        self.up_cut = self.down_cut = False
        self.unreachable.clear()

    def lost(self, session_no: int, reason: str) -> None:
        """The connection of that session is gone."""
        if session_no != self.session_no or not self._wanted:
            return
        was, self._connected = self._connected, False
        self.session_no += 1
        if was:
            self.broker.drop(self, with_will=not self.up_cut)
            self._on_down(reason)
        self._again()

    def _suspect(self, session_no: int) -> None:
        if self.up_cut or self.down_cut or self.broker.name in self.unreachable:
            self.lost(session_no, "keep-alive")

    def _again(self) -> None:
        self._failures = min(self._failures + 1, 5)
        self._at = (self._at + 1) % len(self._brokers)
        self.world.after(self.world.rng.uniform(0.5, 1) * 200 * 2**self._failures, self._connect, self.session_no)

    def _connect(self, session_no: int) -> None:
        if session_no != self.session_no or not self._wanted or self._connected:
            return
        if self.up_cut or self.down_cut or not self.broker.up or self.broker.name in self.unreachable:
            self._again()
            return
        self.session_no += 1
        self.session = self._new_session()
        self._connected, self._failures = True, 0
        self._listens = {}
        self._exact = frozenset(s for s in self.session.subscriptions if "+" not in s)
        self._patterns = tuple(s for s in self.session.subscriptions if "+" in s)
        self.broker.links.append(self)
        self._on_up()
        for topic, payload in list(self.broker.retained.items()):
            if self.listens_to(topic):
                self.deliver(topic, payload)

    def _arrive(self, session_no: int, topic: str, payload: bytes, retain: bool) -> None:
        if session_no == self.session_no and self._connected and not self.up_cut:
            self.broker.came(topic, payload, retain=retain)

    def _hear(self, session_no: int, topic: str, payload: bytes) -> None:
        if session_no == self.session_no and self._connected and not self.down_cut:
            self._on_message(topic, payload)

    def _latency(self) -> int:
        weather, rng = self.broker.weather, self.world.rng
        low, high = weather.late_ms if weather.late and rng.random() < weather.late else weather.fast_ms
        return int(low + (high - low + 1) * rng.random())


def _matches(pattern: str, topic: str) -> bool:
    wanted, given = pattern.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(w in ("+", g) for w, g in zip(wanted, given, strict=True))
