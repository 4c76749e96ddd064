"""One simulated office: built from a seed, played for a day, healed, drained and judged."""

import secrets
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from unittest.mock import patch

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from office_hub.work import BookingsCame
from officelib import numbering
from officelib.assets import asset
from officelib.booking import REF_BYTES, Booking, BookingCode, mint, short_code
from officelib.catalogue import Catalogue, Counter, OrderRules
from officelib.catalogue_file import read_catalogue
from officelib.journal import ballast, succession
from officelib.journal.office_log import open_office_log
from tests.sim.devices import DisplayNode, KioskNode
from tests.sim.faults import Faults, plan_of
from tests.sim.hubs import HubNode
from tests.sim.people import Clerk, Operator, Visitor
from tests.sim.watch import Watch
from tests.sim.world import HOUR, MINUTE, SECOND, START_MS, Broker, MachineClock, World

DAY_MS = 8 * HOUR
HEAL_MS = 60 * SECOND
DRAIN_MS = 6 * HOUR
CEILINGS = ((200, 100), (10, 6), (2, 1))
"""(step, margin): the product's, one that a day reaches often, and one that every lost contact reaches."""


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Attributes:
        seed: Gives the same run again.
        faults: (invariant, what) of everything that did not hold.
        tally: Counts of what happened.
        simulated_s: How long the office lived, in its own time.
        digest: Of the whole log: two runs of one seed have the same.
    """

    seed: int
    faults: tuple[tuple[str, str], ...]
    tally: dict[str, int]
    simulated_s: float
    digest: str


class SimOffice:
    """The machines and the people."""

    def __init__(self, seed: int, folder: Path, walls: int = 0) -> None:
        """Args:
        seed: Everything follows from it.
        folder: For the databases.
        walls: Another seed for the devices' wall clocks alone: it must change nothing.
        """
        self.world = World(seed)
        self.folder = folder
        rng = self.world.seeded("office")
        self.catalogue = _catalogue(rng)
        self.service_ids = sorted(self.catalogue.services)
        self.plan = plan_of(self)
        self.watch = Watch(self)
        hubs = rng.choice((1, 2, 2))
        self.brokers = [Broker(self.world, f"b{n}", self.plan.weather, spy=self.watch.spy) for n in range(hubs)]
        self.leader = 0
        self.closing = False
        self.clerk_pace = 1.0
        self.taken: dict[KioskNode, Visitor] = {}
        wall_rng = Random(f"{walls}/{seed}/walls")
        clock_rng = self.world.seeded("clocks")

        def clock(name: str, wall_off_ms: int) -> MachineClock:
            return MachineClock(self.world, name, clock_rng.uniform(-50, 50), wall_off_ms)

        def any_wall() -> int:
            return wall_rng.randint(0, 2_208_988_800_000) - START_MS  # 1970 to 2040

        self.booking_key = Ed25519PrivateKey.from_private_bytes(bytes(self.world.seeded("key").randbytes(32)))
        self.hubs: list[HubNode] = []
        for n in range(hubs):
            off_ms = clock_rng.randint(-10 * MINUTE, 10 * MINUTE)
            self.hubs.append(HubNode(self, f"h{n + 1}", clock(f"h{n + 1}", off_ms), n, folder / f"h{n + 1}.db"))
        if hubs > 1:
            open_office_log(self.hubs[0].path).close()
            succession.back_up(self.hubs[0].path, self.hubs[1].path)
            second = open_office_log(self.hubs[1].path)
            second.stand_by()
            second.close()
        self.kiosks = [KioskNode(self, f"k{n}", clock(f"k{n}", any_wall())) for n in range(1, rng.randint(2, 5) + 1)]
        self.displays = [
            DisplayNode(self, f"s{n}", clock(f"s{n}", any_wall())) for n in range(1, rng.randint(1, 4) + 1)
        ]
        self.faults = Faults(self, self.plan)
        clerks = rng.randint(2, 6)
        self.clerks = [Clerk(self, n, f"c{n}") for n in range(1, clerks + 1)]
        self.operator = Operator(self)
        self.visitors = self._visitors(rng, clerks)

    def brokers_for(self, _device: str) -> list[Broker]:
        return self.brokers

    def day(self) -> str:
        return self.catalogue.business_day(START_MS + self.world.now)

    def play(self) -> Outcome:
        """The whole day, and what did not hold."""
        world = self.world
        everything: list[HubNode | KioskNode | DisplayNode] = [*self.hubs, *self.kiosks, *self.displays]
        for node in everything:
            world.after(world.rng.randint(0, 3_000), node.start)
        world.after(5_000, self._tell_bookings)
        for clerk in self.clerks:
            world.after(world.rng.randint(5, 60) * SECOND, clerk.work)
        self.faults.begin(DAY_MS)
        world.after(MINUTE, self.operator.look)
        world.run_until(DAY_MS)
        self.closing = True
        self.faults.end()
        world.run_until(world.now + HEAL_MS)
        self.watch.healed()
        self.clerk_pace = 0.3
        end = world.now + DRAIN_MS
        while world.now < end and not self.watch.is_drained():
            world.run_until(world.now + MINUTE)
        for clerk in self.clerks:
            clerk.home = True
        world.run_until(world.now + 3 * MINUTE)
        self.watch.judge()
        outcome = Outcome(
            world.seed, tuple(self.watch.faults), dict(world.tally), world.now / 1000, self.watch.digest()
        )
        for node in everything:
            if isinstance(node, HubNode):
                node.kill()
            else:
                node.kill_app()
                node.kill_bridge()
        return outcome

    def _visitors(self, rng: Random, clerks: int) -> list[Visitor]:
        count = min(rng.randint(200, 900), clerks * 190)
        visitors = []
        at_ms = 0
        for no in range(count):
            service = rng.choice(self.service_ids)
            visitor = Visitor(self, no, service)
            if rng.random() < self.plan.together:
                at_ms += rng.randint(0, 400)  # off the same bus
            else:
                at_ms = int(rng.uniform(0.005, 0.97) * DAY_MS)
            if rng.random() < 0.4:
                slot_ms = (START_MS + at_ms + rng.randint(-20, 15) * MINUTE) // MINUTE * MINUTE
                ref = rng.randbytes(REF_BYTES).hex()
                then = (self.service_ids[no % len(self.service_ids)],) if no % 7 == 0 else ()
                persons = 1 + no % 11 % 4
                visitor.booking = Booking(ref, service, slot_ms, short_code(ref), persons=persons, then=then)
                visitor.twice = rng.random() < 0.1
                if rng.random() < 0.15:
                    visitor.code = visitor.booking.short
                else:
                    code = BookingCode(
                        1, self.catalogue.office.code, self.catalogue.services[service].code, slot_ms, 15, ref
                    )
                    visitor.code = mint(code, self.booking_key)
                if rng.random() < 0.05:
                    cancel_ms = at_ms + rng.randint(-20, 20) * MINUTE
                    self.world.after(cancel_ms, self._cancel, visitor.booking)
            self.world.after(at_ms, visitor.come)
            visitors.append(visitor)
        return visitors

    def _tell_bookings(self) -> None:
        listed = [v.booking for v in self.visitors if v.booking is not None and v.no % 25]
        engine = self.hubs[self.leader].engine
        if engine is None:
            self.world.after(SECOND, self._tell_bookings)
        else:
            engine.submit(BookingsCame(listed, lambda collided: None))

    def _cancel(self, booking: Booking) -> None:
        engine = self.hubs[self.leader].engine
        if engine is not None:
            cancelled = msgspec.structs.replace(booking, cancelled=True)
            self.watch.cancelled(booking.ref)
            engine.submit(BookingsCame([cancelled], lambda collided: None))


def _catalogue(rng: Random) -> Catalogue:
    demo = read_catalogue(asset("demo", "office.toml"))
    services = tuple(demo.services)
    counters = tuple(Counter(f"c{n}", str(n), services) for n in range(1, 7))
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return msgspec.structs.replace(
        demo,
        counter=counters,
        hours=dict.fromkeys(days, ("00:00-23:59",)),
        order=OrderRules(
            interleave=rng.choice(("merged", "bookings_first")), transfer=rng.choice(("keep", "keep", "front", "end"))
        ),
    )


@contextmanager
def seeded_names(seed: int) -> Iterator[None]:
    """Random names come from the seed too: a run is the same bit for bit."""
    rng = Random(f"{seed}/names")
    step, margin = rng.choice(CEILINGS)
    with (
        patch.object(secrets, "token_hex", lambda count=32: rng.randbytes(count).hex()),
        patch.object(uuid, "uuid4", lambda: uuid.UUID(bytes=rng.randbytes(16), version=4)),
        patch.object(ballast, "BALLAST_BYTES", 4_096),
        patch.object(numbering, "CEILING_STEP", step),
        patch.object(numbering, "CEILING_MARGIN", margin),
    ):
        yield


def play(seed: int, walls: int = 0) -> Outcome:
    """One office-day in a folder of its own, in memory where the machine has such a place."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="antesala-sim-", dir=memory if memory.is_dir() else None))
    try:
        with seeded_names(seed):
            return SimOffice(seed, folder, walls).play()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
