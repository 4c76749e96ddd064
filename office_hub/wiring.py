"""Builds a hub from its configuration and serves until it is told to end."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp

from mqtt_bridge.broker import hub_files, write_revoked
from mqtt_bridge.client import BrokerAddress, Connect, to_brokers
from mqtt_bridge.tls import TlsFiles
from office_hub.archivist import Archivist
from office_hub.bookings import BOOKING_KEY_ID, Inbox
from office_hub.catalogue_copy import CatalogueCopy
from office_hub.catalogue_keeper import CatalogueKeeper
from office_hub.central import Central
from office_hub.config import HubConfig
from office_hub.device_tools import hub_address
from office_hub.engine import Engine, recalled
from office_hub.errands import Errands
from office_hub.fleet import Fleet
from office_hub.home_assistant import discovery
from office_hub.peer import Peer
from office_hub.serving import by_port, server_of, sockets_of, watch
from office_hub.standby import Standby
from office_hub.web.clerks import ClerksWatch, Door, read_clerks
from office_hub.web.console import Console
from office_hub.web.feed import Feed
from office_hub.web.fleet_pages import Invited
from office_hub.web.gate import Gate
from office_hub.web.phone.follower import Follower
from office_hub.web.phone.pages import PhonePages
from office_hub.work import CommandCame, HelpTaken, HigherEpochHeard
from office_hub.world import World
from officelib.assets import texts_folder
from officelib.catalogue_file import read_catalogue
from officelib.clock import system_clock
from officelib.decoders import make_ready
from officelib.enrolment import VALID_MS, BrokerPlace, new_token, write_token
from officelib.errors import KnownError
from officelib.events import LogEntry
from officelib.inbound import KnownKey
from officelib.journal.database import only_writer
from officelib.journal.office_log import OfficeLog, open_office_log
from officelib.supervision import Supervision
from officelib.texts import Texts, languages_in, read_texts

log = logging.getLogger(__name__)

EXIT_FENCED = 75
"""The hub was replaced; started again, it follows the one that took its place. Source: EX_TEMPFAIL of sysexits.h."""


class Helper(Protocol):
    """Works beside a hub that leads, in a thread of its own."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Leader:
    """A hub that leads, in its parts. `helpers` include the keeper of the catalogue."""

    office: str
    engine: Engine
    world: World
    keeper: CatalogueKeeper
    helpers: tuple[Helper, ...]
    app: ASGIApp


def serve(config: HubConfig) -> int:
    """Run a hub until SIGTERM or SIGINT."""
    make_ready()
    return asyncio.run(_serve(config))


async def _serve(config: HubConfig) -> int:
    with only_writer(config.database):
        store = open_office_log(config.database)
        try:
            return await (_lead(config, store) if store.role == "leader" else _follow(config, store))
        finally:
            store.close()


async def _follow(config: HubConfig, store: OfficeLog) -> int:
    """Follow the other hub's log until told to end."""
    if not config.peer_host:
        raise KnownError("a standby without a hub to follow", where="peer_host", mend="Set it, or promote this hub.")
    office = read_catalogue(config.catalogue).office.id
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: None)  # a standby has nothing to read anew
    clock = system_clock(shift_ms=config.clock_shift_s * 1000)
    tell_broker = _broker_teller(config, store)
    tell_broker(store.registry.revoked())
    copy = CatalogueCopy(config.catalogue, _texts_of(config, "kiosk"))
    standby = Standby(store, config.device, clock, tell_broker, copy)
    peer = Peer(_to_peer(config), config.device, office, standby, store.hear_epoch)
    peer.start()
    log.info(
        "office '%s': standing by for the hub at %s; 'office-hub promote' takes its place", office, config.peer_host
    )
    supervision = Supervision()
    watching = asyncio.create_task(watch(supervision, lambda: True, "stands by"))
    await ended.wait()
    watching.cancel()
    supervision.ending()
    peer.stop()
    return 0


def _to_peer(config: HubConfig) -> Connect:
    return to_brokers(BrokerAddress(config.peer_host, config.peer_port, config.device, _tls_of(config)))


async def _lead(config: HubConfig, store: OfficeLog) -> int:
    """Decide for the office until told to end, or until another hub does."""
    supervision, sockets, loop = Supervision(), sockets_of(config), asyncio.get_running_loop()
    hub = _leader(config, store, loop)
    hub.engine.start()
    for helper in hub.helpers:
        helper.start()
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, hub.keeper.look))
    server = server_of(hub.app)

    def leave(_epoch: int) -> None:
        server.should_exit = True

    hub.world.on_fenced = leave
    log.info("office '%s': the console is at http://%s:%d/", hub.office, config.web_host, config.web_port)
    watching = asyncio.create_task(watch(supervision, lambda: server.started and hub.engine.is_well(), "decides"))
    await server.serve(sockets)
    watching.cancel()
    supervision.ending()
    for helper in hub.helpers:
        helper.stop()
    hub.engine.stop()
    hub.world.stop()
    if hub.engine.fenced_by:
        store.stand_by(hub.engine.fenced_by)
        return EXIT_FENCED
    return 0


def _leader(config: HubConfig, store: OfficeLog, loop: asyncio.AbstractEventLoop) -> Leader:
    """All that a leading hub is made of; nothing of it runs yet."""
    kiosk_texts = _texts_of(config, "kiosk")
    catalogue = read_catalogue(config.catalogue, kiosk_texts)
    office, clock, feed = catalogue.office.id, system_clock(shift_ms=config.clock_shift_s * 1000), Feed()
    broker = BrokerAddress(config.broker_host, config.broker_port, config.device, _tls_of(config))
    world = World(to_brokers(broker), config.device, office, clock, lambda view: _in_loop(loop, feed, view))
    engine = Engine(store, catalogue, clock, config.device, world)
    door = Door(read_clerks(config.clerks))
    keeper = CatalogueKeeper(
        config.catalogue,
        kiosk_texts,
        lambda: engine.catalogue,
        engine.submit,
        also=ClerksWatch(config.clerks, door).look,
    )
    engine.written = lambda: keeper.written
    fleet = Fleet(config.database, lambda: engine.office, engine.now_ms, lambda: world.is_linked)
    errands = Errands(
        config.database,
        office,
        store.authority.sign,
        world.errand,
        engine.now_ms,
        lambda: [device for device, on in dict(engine.devices_on).items() if on],
        fleet.wellness,
    )
    _connect(config, store, engine, world, errands)
    app = _console(config, store, engine, door, feed, keeper, fleet, errands).app(store.secret)
    if config.page_port:  # before the engine starts: then there is nothing yet to miss
        app = by_port(app, _pages(config, store, engine, world, loop).app(), config.page_port)
        log.info("tickets' pages are at http://%s:%d/", config.page_host, config.page_port)
    return Leader(office, engine, world, keeper, (fleet, errands, keeper, *_helpers(config, office, engine)), app)


def _connect(config: HubConfig, store: OfficeLog, engine: Engine, world: World, errands: Errands) -> None:
    """The world to the engine, to the broker beside it, and to the city."""
    world.on_errand = errands.told
    world.on_revoked = _broker_teller(config, store)
    world.on_revoked(store.registry.revoked())
    if config.home_assistant:
        world.introduce = discovery
    public = store.booking_key.public_key().public_bytes_raw().hex()
    world.attach(engine, (KnownKey(BOOKING_KEY_ID, public),))
    world.central = _central(config, engine.catalogue.office.id, engine)


def _console(
    config: HubConfig,
    store: OfficeLog,
    engine: Engine,
    door: Door,
    feed: Feed,
    keeper: CatalogueKeeper,
    fleet: Fleet,
    errands: Errands,
) -> Console:
    return Console(
        door=door,
        feed=feed,
        texts=_texts_of(config, "console"),
        catalogue=lambda: engine.catalogue,
        submit=lambda *command: engine.submit(CommandCame(*command)),
        help_taken=lambda *taken: engine.submit(HelpTaken(*taken)),
        is_well=engine.is_well,
        gate=_gate(config, store, engine.catalogue.office.id, engine),
        elsewhere=lambda: engine.neighbours.elsewhere,
        keeper=keeper,
        fleet=fleet,
        errands=errands,
        updates=None if config.updates == Path() else config.updates,
        address=hub_address(config),
        invite=lambda device: _invited(config, store, device, engine.now_ms()),
    )


def _helpers(config: HubConfig, office: str, engine: Engine) -> Iterator[Helper]:
    """What works in threads of its own, by what the configuration asks for."""
    yield Inbox(config.bookings_inbox, lambda: engine.catalogue, engine.submit)
    if config.archive != Path():
        yield Archivist(config.database, config.archive, config.keep_days, engine.now_ms, engine.submit)
    if config.peer_host:
        yield _ear(config, office, engine)


def _pages(
    config: HubConfig, store: OfficeLog, engine: Engine, world: World, loop: asyncio.AbstractEventLoop
) -> PhonePages:
    """The tickets' pages, which follow the log from here on."""
    follower = Follower(recalled(store))

    def committed(entries: Sequence[LogEntry]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(follower.take, entries)

    world.on_committed = committed
    return PhonePages(
        follower=follower,
        catalogue=lambda: engine.catalogue,
        texts=_texts_of(config, "phone"),
        submit=engine.submit,
        hub_ms=engine.now_ms,
        mono_ms=lambda: time.monotonic_ns() // 1_000_000,
        per_s=config.page_visitors_s,
    )


def _ear(config: HubConfig, office: str, engine: Engine) -> Peer:
    """A leader's ear at the other hub's broker."""

    def heard(epoch: int) -> None:
        if epoch > engine.epoch:
            engine.submit(HigherEpochHeard(epoch))

    return Peer(_to_peer(config), config.device, office, None, heard)


def _central(config: HubConfig, office: str, engine: Engine) -> Central | None:
    """The link to the city, where there is one."""
    if not config.city_host:
        return None
    files = hub_files(config.city)
    if not files.certificate.exists():
        raise KnownError(
            "no keys for the city's broker",
            where=f"city = {config.city}",
            mend="Run 'office-hub city' where that broker is, and bring this office's folder here.",
        )
    address = BrokerAddress(config.city_host, config.city_port, office, files)
    central = Central(to_brokers(address), config.device, office)
    central.attach(engine)
    return central


def _tls_of(config: HubConfig) -> TlsFiles:
    """What the hub shows at brokers.

    Raises:
        KnownError: they were not made yet.
    """
    files = hub_files(config.broker)
    if not files.certificate.exists():
        raise KnownError("no certificate yet", where=str(files.certificate), mend="Run 'office-hub broker' once.")
    return files


def _gate(config: HubConfig, store: OfficeLog, office: str, engine: Engine) -> Gate:
    brokers = [BrokerPlace(config.broker_host, config.broker_port)]
    if config.peer_host:
        brokers.append(BrokerPlace(config.peer_host, config.peer_port))
    return Gate(
        key=store.enrolment_key,
        office=office,
        authority=store.authority.certificate,
        brokers=tuple(brokers),
        submit=engine.submit,
    )


def _invited(config: HubConfig, store: OfficeLog, device: str, now_ms: int) -> Invited:
    """A code for a new device; a kiosk's lane is the next free one."""
    token = new_token(store.enrolment_key, device, 0, now_ms, (hub_address(config),))
    return Invited(write_token(token), now_ms + VALID_MS)


def _broker_teller(config: HubConfig, store: OfficeLog) -> Callable[[Sequence[str]], None]:
    """Writes the list of certificates that count no more, where this machine's broker reads it at its next start."""
    ours = store.authority

    def tell(serials: Sequence[str]) -> None:
        try:
            write_revoked(config.broker, ours, serials)
        except OSError:
            log.exception("the broker cannot be told who is out; see %s", config.broker)

    return tell


def _in_loop(loop: asyncio.AbstractEventLoop, feed: Feed, view: bytes) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(feed.push, view)


def _texts_of(config: HubConfig, kind: str) -> dict[str, Texts]:
    """The texts of a kind, in each language that has them."""
    folder = texts_folder(config.texts)
    return read_texts(folder, kind, languages_in(folder, kind))
