"""The hubs of a simulated office: leaders and standbys, the product's own code, on real SQLite files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from office_hub.engine import Engine
from office_hub.peer import FOLLOW_MS, Peer
from office_hub.standby import Standby
from office_hub.work import CommandCame, HigherEpochHeard
from office_hub.world import World as Mouth
from officelib.catalogue import Catalogue
from officelib.clock import OfficeClock
from officelib.inbound import KnownKey
from officelib.journal import succession
from officelib.journal.office_log import open_office_log
from tests.sim.devices import fill
from tests.sim.papers import CERTIFICATE
from tests.sim.world import MachineClock, SimLink

if TYPE_CHECKING:
    from tests.sim.office import SimOffice


class HubNode:
    """A hub: leader or standby, as its database says."""

    def __init__(self, office: "SimOffice", name: str, clock: MachineClock, broker: int, path: Path) -> None:
        self.office, self.world, self.name = office, office.world, name
        self.clock: Any = clock
        self._broker = broker
        self.path = path
        self.on = False
        self.life = 0
        self.engine: Engine | None = None
        self.standby: Standby | None = None
        self.links: list[SimLink] = []
        self.mouth: Mouth | None = None
        self._round_due = False
        self._tick_no = 0
        self.cut_off = False
        self.disk_full = False

    @property
    def catalogue(self) -> Catalogue:
        return self.office.catalogue

    @property
    def role(self) -> str:
        return self.store.role if self.on else "off"

    def start(self) -> None:
        """Begin, in the role that the disk says."""
        if self.on:
            return
        self.on, self.life = True, self.life + 1
        self.store = open_office_log(self.path)
        if self.disk_full:
            fill(self.store._connection, full=True)
        if self.store.role == "leader":
            self._lead()
        else:
            self._follow()

    def kill(self) -> None:
        """SIGKILL."""
        if not self.on:
            return
        self.on, self.life = False, self.life + 1
        for link in self.links:
            link.stop()
        self.links = []
        self.engine = self.standby = self.mouth = None
        self.store.close()

    def power_cut(self, gone_ms: int) -> None:
        self.kill()
        self.world.after(gone_ms, self.start)

    def promote(self) -> None:
        """The operator's word: stop, promote, start."""
        self.kill()
        store = open_office_log(self.path)
        now_ms = OfficeClock(self.clock, store.last_ms(), store.kept_time()).now_ms()
        succession.promote(store, self.name, now_ms)
        store.close()
        self.start()

    @property
    def backup(self) -> Path:
        return self.path.with_suffix(".backup")

    def back_up(self) -> None:
        succession.back_up(self.path, self.backup)

    def restore(self) -> None:
        """The operator's word: put the backup in place of a lost disk, start."""
        self.kill()
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()
        succession.back_up(self.backup, self.path)
        store = open_office_log(self.path)
        now_ms = OfficeClock(self.clock, store.last_ms(), store.kept_time()).now_ms()
        succession.restore(store, self.name, self.catalogue.business_day(now_ms), now_ms)
        store.close()
        self.office.watch.restoring()
        self.start()

    def command(self, came: CommandCame) -> None:
        """A clerk's page posts a command."""
        if self.engine is not None:
            self.engine.submit(came)
            self._wake()

    def cut(self, *, off: bool) -> None:
        """The network of this machine is gone, or there again."""
        self.cut_off = off
        for link in self.links:
            if off:
                link.cut(up=True, down=True)
            else:
                link.heal()

    def lose_peer(self) -> None:
        """The other hub's broker cannot be reached, until the network is healed."""
        for link in self.links:
            link.lose(self.office.brokers[1 - self._broker].name)

    def fill_disk(self, *, full: bool) -> None:
        self.disk_full = full
        if self.on:
            fill(self.store._connection, full=full)

    # --- leading

    def _lead(self) -> None:
        life = self.life
        mouth = Mouth(
            lambda *given, **named: self._link([self.office.brokers[self._broker]], *given, **named),
            self.name,
            self.catalogue.office.id,
            self.clock,
            lambda view: None,
        )
        mouth._tell_consoles = lambda: None  # type: ignore[method-assign]  # nobody looks at these pages
        mouth.on_fenced = lambda epoch: self.world.after(1, self._fenced, life, epoch)
        engine = Engine(self.store, self.catalogue, self.clock, self.name, mouth)
        known = engine._certificates_of
        engine._certificates_of = lambda device: [*known(device), CERTIFICATE]  # type: ignore[method-assign]
        self.engine, self.mouth = engine, mouth
        self.office.watch.hub_started(self)
        submit = engine.submit

        def submit_and_wake(work: object) -> None:
            submit(work)  # type: ignore[arg-type]
            self._wake()

        engine.submit = submit_and_wake  # type: ignore[method-assign]
        public = self.office.booking_key.public_key().public_bytes_raw().hex()
        mouth.attach(engine, (KnownKey(1, public),))
        if len(self.office.brokers) > 1:
            peer = Peer(
                lambda *given, **named: self._link([self.office.brokers[1 - self._broker]], *given, **named),
                self.name,
                self.catalogue.office.id,
                None,
                lambda epoch: engine.submit(HigherEpochHeard(epoch)) if epoch > engine.epoch else None,
            )
            peer.link.start()
        self._round_due = False
        self._wake()

    def _wake(self) -> None:
        """A round comes in a moment: what arrives until then is committed with it."""
        if not self._round_due:
            self._round_due = True
            self.world.after(self.world.rng.randint(0, 3), self._round, self.life)

    def _round(self, life: int) -> None:
        if life != self.life or self.engine is None:
            return
        self._round_due = False
        wait_s = self.engine.round(self.engine.gather(0))
        self.office.watch.hub_round(self)
        if self.engine is not None:
            pending = not self.engine._work.empty()
            self._round_at(life, 0 if pending else wait_s if self.disk_full else self._next_tick())

    def _next_tick(self) -> float:
        """The beat and what is due; the quarter-second round without work changes nothing in between."""
        mouth = self.mouth
        assert mouth is not None
        due_ms = min(mouth._due_ms[what] for what in (*mouth._dirty, "beat"))
        left_ms: int = due_ms - self.clock.mono_ms()
        return max(0.001, left_ms / 1000)

    def _round_at(self, life: int, wait_s: float) -> None:
        self._tick_no += 1
        self.world.after(wait_s * 1000 + 1, self._tick, life, self._tick_no)

    def _tick(self, life: int, tick_no: int) -> None:
        if life == self.life and tick_no == self._tick_no and not self._round_due:
            self._round_due = True
            self._round(life)

    def _fenced(self, life: int, epoch: int) -> None:
        if life != self.life:
            return
        self.world.count("hubs fenced")
        store = self.store
        store.stand_by(epoch)
        self.kill()
        self.world.after(self.world.rng.randint(500, 5_000), self.start)

    # --- following

    def _follow(self) -> None:
        self.standby = Standby(self.store, self.name, self.clock)
        peer = Peer(
            lambda *given, **named: self._link([self.office.brokers[1 - self._broker]], *given, **named),
            self.name,
            self.catalogue.office.id,
            self.standby,
            self.store.hear_epoch,
        )
        peer.link.start()
        self.world.after(FOLLOW_MS, self._follow_again, self.life, peer)

    def _follow_again(self, life: int, peer: Peer) -> None:
        if life == self.life:
            peer.follow()
            self.world.after(FOLLOW_MS, self._follow_again, life, peer)

    def _link(self, brokers: list[object], *given: object, **named: object) -> SimLink:
        link = SimLink(self.world, brokers, *given, **named)  # type: ignore[arg-type]
        self.links.append(link)
        if self.cut_off:
            link.cut(up=True, down=True)
        return link
