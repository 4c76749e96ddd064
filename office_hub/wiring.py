"""Builds a hub from its configuration and serves until it is told to end."""

import asyncio
import logging
import signal
from pathlib import Path

import uvicorn

from mqtt_bridge.client import BrokerAddress
from office_hub.bookings import Inbox
from office_hub.config import HubConfig
from office_hub.engine import CatalogueCame, CommandCame, Engine
from office_hub.web.clerks import Door, read_clerks
from office_hub.web.console import Console
from office_hub.web.feed import Feed
from office_hub.world import World
from officelib.assets import texts_folder
from officelib.catalogue import read_catalogue
from officelib.clock import system_clock
from officelib.errors import KnownError
from officelib.inbound import KnownKey
from officelib.journal.office_log import open_office_log
from officelib.texts import Texts, read_texts

log = logging.getLogger(__name__)

CONSOLE_LANGUAGES = ("es", "ca", "en", "fr")
BOOKING_KEY_ID = 1
SHUTDOWN_S = 1


def read_password(path: Path) -> str:
    """A broker's password from its file.

    Raises:
        KnownError: the file cannot be read.
    """
    try:
        return path.read_text().strip()
    except OSError as error:
        raise KnownError(str(error), where=str(path), mend="Write the device's broker password there.") from error


def serve(config: HubConfig) -> int:
    """Run a hub until SIGTERM or SIGINT."""
    return asyncio.run(_serve(config))


async def _serve(config: HubConfig) -> int:
    catalogue = read_catalogue(config.catalogue)
    door = Door(read_clerks(config.clerks))
    clock = system_clock(shift_ms=config.clock_shift_s * 1000)
    store = open_office_log(config.database)
    loop, feed = asyncio.get_running_loop(), Feed()
    world = World(
        BrokerAddress(config.broker_host, config.broker_port, config.device, read_password(config.password_file)),
        config.device,
        catalogue.office.id,
        clock,
        lambda view: _in_loop(loop, feed, view),
    )
    engine = Engine(store, catalogue, clock, config.device, world)
    public = store.booking_key.public_key().public_bytes_raw().hex()
    inbox = Inbox(config.bookings_inbox, lambda: engine.catalogue, engine.submit)
    console = Console(
        door=door,
        feed=feed,
        texts=_console_texts(config),
        catalogue=lambda: engine.catalogue,
        submit=lambda *command: engine.submit(CommandCame(*command)),
        is_well=engine.is_well,
    )
    world.attach(engine, (KnownKey(BOOKING_KEY_ID, public),))
    engine.start()
    inbox.start()
    loop.add_signal_handler(signal.SIGHUP, lambda: _reload(config, engine, door))
    server = uvicorn.Server(
        uvicorn.Config(
            console.app(store.secret),
            host=config.web_host,
            port=config.web_port,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_S,
            server_header=False,
        )
    )
    log.info("office '%s': the console is at http://%s:%d/", catalogue.office.id, config.web_host, config.web_port)
    await server.serve()
    inbox.stop()
    engine.stop()
    world.stop()
    store.close()
    return 0


def _in_loop(loop: asyncio.AbstractEventLoop, feed: Feed, view: bytes) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(feed.push, view)


def _reload(config: HubConfig, engine: Engine, door: Door) -> None:
    """Changed catalogue and clerks take effect when they are right; wrong ones are told, and the old ones stay."""
    try:
        catalogue = read_catalogue(config.catalogue)
    except KnownError as error:
        log.error("%s", error)
        return
    try:
        door.clerks = read_clerks(config.clerks)
    except KnownError as error:
        log.error("%s", error)
    engine.submit(CatalogueCame(catalogue))


def _console_texts(config: HubConfig) -> dict[str, Texts]:
    return read_texts(texts_folder(config.texts), "console", CONSOLE_LANGUAGES)
