"""A console in front of a real engine, without a socket."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from office_hub.catalogue_keeper import CatalogueKeeper
from office_hub.core import desk
from office_hub.errands import Errands
from office_hub.fleet import Fleet
from office_hub.web.clerks import Clerk, Door, hash_pin
from office_hub.web.console import Console
from office_hub.web.feed import Feed
from office_hub.web.fleet_pages import Invited
from office_hub.web.gate import Gate
from office_hub.work import HelpTaken
from officelib.assets import asset
from officelib.enrolment import VALID_MS, new_token, write_token
from officelib.errand import Paper
from officelib.texts import read_texts
from tests.office_hub.hub import Hub

ANA = Clerk("ana", "Ana <b>Ruiz</b>", hash_pin("2580"))
BIEL = Clerk("biel", "Biel Serra", hash_pin("1470"), edits=True, it=True)


class Web:
    """A console in front of a real engine, without a socket."""

    def __init__(self, hub: Hub, file: Path) -> None:
        self.hub, self.feed, self.well = hub, Feed(), True
        texts = read_texts(asset("i18n"), "console", ("es", "en"))
        file.write_text(asset("demo", "office.toml").read_text())
        kiosk_texts = read_texts(asset("i18n"), "kiosk", ("es", "ca", "en", "fr", "ar"))
        self.keeper = CatalogueKeeper(file, kiosk_texts, lambda: hub.engine.catalogue, hub.round)
        self.fleet = Fleet(hub.path, lambda: hub.engine.office, hub.engine.now_ms, lambda: True)
        self.asked: list[tuple[str, Paper]] = []
        self.errands = Errands(
            hub.path,
            "o12",
            hub.store.authority.sign,
            lambda *sent: self.asked.append(sent),
            hub.engine.now_ms,
            lambda: [device for device, on in hub.engine.devices_on.items() if on],
            self.fleet.wellness,
        )
        self.updates = file.with_name("updates")
        console = Console(
            door=Door({"ana": ANA, "biel": BIEL}),
            feed=self.feed,
            texts=texts,
            catalogue=lambda: hub.engine.catalogue,
            submit=self.submit,
            help_taken=lambda *taken: hub.round(HelpTaken(*taken)),
            is_well=lambda: self.well,
            keeper=self.keeper,
            fleet=self.fleet,
            errands=self.errands,
            updates=self.updates,
            address="http://hub:8420",
            invite=lambda device: Invited(self.token(device), hub.engine.now_ms() + VALID_MS),
            gate=Gate(key=b"", office="o12", authority="", brokers=(), submit=hub.round),
        )
        transport = httpx.ASGITransport(console.app("secret"))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://console")

    def token(self, device: str) -> str:
        key = self.hub.store.enrolment_key
        return write_token(new_token(key, device, 0, self.hub.engine.now_ms(), ("http://antesala-hub.local:8420",)))

    def submit(self, request: str, clerk: str, command: desk.AnyCommand, reply: Callable[[bytes], None]) -> None:
        answer = self.hub.command(command, request, clerk)
        reply(msgspec.json.encode(answer))

    async def sign_in(self, pin: str = "2580", counter: str = "c1", clerk: str = "ana") -> httpx.Response:
        return await self.client.post("/sign-in", data={"clerk": clerk, "pin": pin, "counter": counter})

    async def command(self, action: str, request: str = "r", **more: object) -> httpx.Response:
        body = {"request": request, "command": {"action": action, "counter": "c1", **more}}
        return await self.client.post("/api/command", json=body)


def run(steps: Callable[[Web], object], web: Web) -> None:
    async def go() -> None:
        await steps(web)  # type: ignore[misc]
        await web.client.aclose()

    asyncio.run(go())
