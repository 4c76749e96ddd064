"""What goes wrong in a simulated office, planned by the seed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.sim.devices import Device, DisplayNode, KioskNode
from tests.sim.world import MINUTE, SECOND, Weather

if TYPE_CHECKING:
    from tests.sim.office import SimOffice


@dataclass(frozen=True)
class Plan:
    """One day's troubles: how many of each, how many citizens come at the heels of another, and the weather."""

    deaths: int
    partitions: int
    broker_deaths: int
    hub_deaths: int
    disks_full: int
    temptations: float
    promotions: int
    splits: int
    darks: int
    restores: int
    together: float
    weather: Weather


def plan_of(office: "SimOffice") -> Plan:
    """Half of the days are quiet in some way; a day without trouble proves little, one with all of it hides causes."""
    rng = office.world.seeded("plan")

    def some(most: int) -> int:
        return rng.randint(0, most) if rng.random() < 0.7 else 0

    rough = rng.random() < 0.5
    weather = Weather(
        loss=rng.choice((0.01, 0.05, 0.1, 0.3)) if rough else 0.0,
        repeat=rng.choice((0.0, 0.05, 0.2)) if rough else 0.0,
        late=rng.choice((0.0, 0.02, 0.1)) if rough else 0.0,
        fast_ms=rng.choice(((1, 4), (1, 8), (5, 60))),
    )
    return Plan(
        deaths=some(8),
        partitions=some(8),
        broker_deaths=some(3),
        hub_deaths=some(3),
        disks_full=some(4),
        temptations=rng.choice((0.0, 0.0, 0.02, 0.1)),
        promotions=some(4),
        splits=some(3),
        darks=some(3),
        restores=some(1),
        together=rng.choice((0.0, 0.3, 0.6)),
        weather=weather,
    )


MOST_SCREEN_DEATHS = 12
"""A display and a day."""


class Faults:
    """Carries out the plan."""

    def __init__(self, office: "SimOffice", plan: Plan) -> None:
        self.office, self.plan = office, plan
        self.world = office.world
        self._rng = office.world.seeded("faults")

    def begin(self, day_ms: int) -> None:
        """Spread the day's troubles over it."""
        office, rng = self.office, self._rng
        devices: list[Device] = [*office.kiosks, *office.displays]
        for _ in range(self.plan.deaths):
            self.world.after(rng.uniform(0.01, 0.95) * day_ms, self._death, rng.choice(devices))
        for _ in range(self.plan.partitions):
            self.world.after(rng.uniform(0.01, 0.9) * day_ms, self._partition, rng.choice([*devices, *office.hubs]))
        for _ in range(self.plan.broker_deaths):
            self.world.after(rng.uniform(0.01, 0.95) * day_ms, self._broker)
        for _ in range(self.plan.hub_deaths):
            self.world.after(rng.uniform(0.01, 0.95) * day_ms, self._hub)
        for _ in range(self.plan.disks_full):
            self.world.after(
                rng.uniform(0.01, 0.9) * day_ms, self._full, rng.choice([*office.kiosks, *devices, *office.hubs])
            )

        for _ in range(self.plan.splits):
            self.world.after(rng.uniform(0.05, 0.85) * day_ms, self._split)
        for _ in range(self.plan.restores if len(office.hubs) == 1 else 0):
            at = rng.choice((rng.uniform(0.1, 0.9), 0.98))  # late: most devices have nothing new to say any more
            self.world.after(rng.uniform(0.3, 1.0) * at * day_ms, office.hubs[0].back_up)
            self.world.after(at * day_ms, self._restore)
        for display in office.displays:
            for _ in range(rng.randint(0, MOST_SCREEN_DEATHS)):
                self.world.after(rng.uniform(0.01, 0.95) * day_ms, self._screen_dies, display)
        for _ in range(self.plan.darks):
            self.world.after(rng.uniform(0.05, 0.85) * day_ms, self._dark, rng.choice(office.kiosks))

    def tempt(self, kiosk: KioskNode) -> None:
        """A citizen waits for a number: the worst moments for anything to die are the next ones."""
        if self.office.closing or not self.world.chance(self.plan.temptations):
            return
        rng = self.world.rng
        delay = rng.randint(0, 900)
        draw = rng.random()
        hub = self.office.hubs[self.office.leader]
        if draw < 0.4:
            self.world.after(delay, self._death, kiosk)
        elif draw < 0.6:
            self.world.after(delay, self._restart_hub, hub)
        elif draw < 0.75:
            self.world.after(delay, self._broker)
        elif draw < 0.85:
            self.world.after(delay, self._blink, kiosk)
        elif draw < 0.93:
            self._full(kiosk)
        elif len(self.office.hubs) > 1 and self.office.operator.promotions < self.plan.promotions:
            self.world.after(delay, self._sudden_promotion)

    def end(self) -> None:
        """Everything is mended."""
        for device in [*self.office.kiosks, *self.office.displays]:
            device.cut(up=False, down=False)
            device.fill_disk(full=False)
            device.start_bridge()
            device.start_app()
        for hub in self.office.hubs:
            hub.cut(off=False)
            hub.fill_disk(full=False)
            hub.start()
        for broker in self.office.brokers:
            broker.up = True
            broker.weather = Weather()

    def _screen_dies(self, display: DisplayNode) -> None:
        """The app alone, for moments: what is called meanwhile its bridge has heard."""
        if display.on and not self.office.closing:
            display.kill_app()
            self.world.count("screens that died")
            self.world.after(self._rng.choice((300, 1_000, 5_000)), display.start_app)

    def _death(self, device: Device) -> None:
        if self.office.closing:
            return
        self.world.count("device deaths")
        gone_ms = int(self._rng.choice((300, 1_000, 5_000, self._rng.uniform(10, 900) * SECOND)))
        draw = self._rng.random()
        if draw < 0.4:
            device.kill_app()
            self.world.after(gone_ms, device.start_app)
        elif draw < 0.6:
            device.kill_bridge()
            self.world.after(gone_ms, device.start_bridge)
        else:
            device.power_cut(gone_ms)

    def _partition(self, node: object) -> None:
        if self.office.closing:
            return
        self.world.count("partitions")
        long_ms = int(self._rng.choice((self._rng.uniform(2, 60), self._rng.uniform(1, 90) * 60)) * SECOND)
        if isinstance(node, Device):
            one_way = self._rng.random()
            node.cut(up=one_way >= 0.15, down=one_way < 0.15 or one_way >= 0.3)
            self.world.after(long_ms, node.cut_end) if hasattr(node, "cut_end") else self.world.after(
                long_ms, _heal, node
            )
        else:
            node.cut(off=True)  # type: ignore[attr-defined]
            self.world.after(long_ms, _heal_hub, node)

    def _split(self) -> None:
        """The two hubs lose each other, each keeps some of the devices, and the operator promotes the standby."""
        office = self.office
        if office.closing or len(office.hubs) < 2:
            return
        self.world.count("offices split in two")
        standby = office.hubs[1 - office.leader]
        for hub in office.hubs:
            hub.lose_peer()
        for device in [*office.kiosks, *office.displays]:
            device.lose(self._rng.choice(office.brokers).name)
        long_s = self._rng.choice((300, 900, 5_400))
        self.world.after(self._rng.uniform(0.05, 0.8) * long_s * SECOND, self._promote_in_split, standby)
        for part in (0.4, 0.7, 0.9):
            self.world.after(part * long_s * SECOND, self._change_sides)
        self.world.after(long_s * SECOND, self._heal_all)

    def _promote_in_split(self, standby: object) -> None:
        office = self.office
        if not office.closing and standby is office.hubs[1 - office.leader] and self._rng.random() < 0.7:
            self._sudden_promotion()

    def _change_sides(self) -> None:
        """Devices that could reach one hub now reach the other."""
        if not self.office.closing:
            for device in [*self.office.kiosks, *self.office.displays]:
                device.cut(up=False, down=False)
                device.lose(self._rng.choice(self.office.brokers).name)

    def _heal_all(self) -> None:
        for device in [*self.office.kiosks, *self.office.displays]:
            device.cut(up=False, down=False)
        for hub in self.office.hubs:
            hub.cut(off=False)

    def _dark(self, kiosk: KioskNode) -> None:
        """A kiosk alone for an hour, switched off and on in between: it never meets the hub in some of its boots."""
        if self.office.closing:
            return
        self.world.count("kiosks in the dark")
        kiosk.cut(up=True, down=True)
        for _ in range(self._rng.randint(1, 3)):
            self.world.after(self._rng.uniform(1, 40) * MINUTE, self._off_and_on, kiosk)
        self.world.after(self._rng.uniform(20, 60) * MINUTE, _heal, kiosk)

    def _off_and_on(self, kiosk: KioskNode) -> None:
        if not self.office.closing:
            self.world.count("device deaths")
            kiosk.power_cut(self._rng.randint(3_000, 60_000))

    def _blink(self, kiosk: KioskNode) -> None:
        self.world.count("partitions")
        kiosk.cut(up=True, down=True)
        self.world.after(self._rng.uniform(1, 30) * SECOND, _heal, kiosk)

    def _broker(self) -> None:
        if not self.office.closing:
            self.world.count("broker deaths")
            self._rng.choice(self.office.brokers).restart(
                int(self._rng.choice((200, 2_000, self._rng.uniform(2, 120) * SECOND)))
            )

    def _hub(self) -> None:
        if not self.office.closing:
            self.world.count("hub deaths")
            self._rng.choice(self.office.hubs).power_cut(
                int(self._rng.choice((300, 3_000, self._rng.uniform(5, 900) * SECOND)))
            )

    def _restore(self) -> None:
        """The hub's disk is lost; a person puts the backup in its place."""
        hub = self.office.hubs[0]
        if not self.office.closing and hub.backup.exists():
            self.world.count("restores")
            hub.kill()
            self.world.after(self._rng.uniform(1, 5) * MINUTE, hub.restore)

    def _restart_hub(self, hub: object) -> None:
        if not self.office.closing:
            self.world.count("hub deaths")
            hub.power_cut(int(self._rng.choice((200, 1_500, 8_000))))  # type: ignore[attr-defined]

    def _sudden_promotion(self) -> None:
        office = self.office
        standby = office.hubs[1 - office.leader]
        if not office.closing and standby.on and standby.role == "standby" and standby.store.head:
            office.operator.promote()

    def _full(self, node: object) -> None:
        if self.office.closing:
            return
        self.world.count("disks full")
        node.fill_disk(full=True)  # type: ignore[attr-defined]
        self.world.after(self._rng.uniform(0.5, 15) * MINUTE, lambda: node.fill_disk(full=False))  # type: ignore[attr-defined]


def _heal(device: Device) -> None:
    device.cut(up=False, down=False)


def _heal_hub(hub: object) -> None:
    hub.cut(off=False)  # type: ignore[attr-defined]
