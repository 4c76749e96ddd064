"""Records what this release says: python -m tests.contract.record RELEASE. The file stays for ever, never made again.

Messages, journal events and log entries of simulated offices, a few of each kind. Every later release must read them.
"""

import json
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from kiosk_app.core.events import CodeScanned, WriteBook, WriteBooked, WriteLeft, WriteRating
from kiosk_app.core.states import Slip
from mqtt_bridge import topics
from mqtt_bridge.messages import BookingFound, CityNotices, ErrandMessage, ErrandTold, HelpAnswered, OfficeState, encode
from office_hub.central import Central
from office_hub.core import desk
from office_hub.work import EnrolCame, OfficeCame, RenewCame, RevokeCame
from officelib import events as e
from officelib.assets import asset
from officelib.authority import new_key, request_of
from officelib.catalogue import Notice
from officelib.catalogue_file import read_catalogue
from officelib.enrolment import Invitation
from officelib.errand import Errand, sign
from officelib.signature import signer
from officelib.ticket_code import TicketCode, write_code
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub
from tests.sim.office import SimOffice, seeded_names
from tests.sim.world import MINUTE

CORPUS = Path(__file__).parent / "corpus"
SEEDS = (50, 100, 227)
OF_EACH = 6
KEY = new_key()


Keep = Callable[[str, str, bytes], None]


def main() -> int:
    """Write corpus/RELEASE.jsonl."""
    logging.disable(logging.CRITICAL)
    lines: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()

    def keep(what: str, kind: str, payload: bytes) -> None:
        if counts[what, kind] < OF_EACH:  # type: ignore[index]
            counts[what, kind] += 1  # type: ignore[index]
            lines.append({"what": what, "kind": kind, "payload": json.loads(payload)})

    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder, seeded_names(seed):
            office = SimOffice(seed, Path(folder))
            for broker in office.brokers:
                broker.spy = lambda topic, payload: keep("message", kind_of(topic), payload)
            office.watch.judge = lambda office=office: _keep_journals(office, keep)  # type: ignore[method-assign, misc]
            for minute, part in enumerate((_enrol, _renew, _renew, _revoke, _show_paper, _show_paper), start=1):
                office.world.after(minute * MINUTE, part, office, KEY)
            office.play()
    _meet(keep)
    CORPUS.mkdir(exist_ok=True)
    path = CORPUS / f"{sys.argv[1]}.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    sys.stdout.write(f"{len(lines)} lines, {len(counts)} kinds: {path}\n")
    return 0


def _enrol(office: SimOffice, key: EllipticCurvePrivateKey) -> None:
    engine = office.hubs[office.leader].engine
    if engine is not None:
        invitation = Invitation("s9", 0, engine.now_ms() + MINUTE, bytes(8))
        engine.submit(EnrolCame(invitation, request_of(key, "s9"), lambda _: None))


def _renew(office: SimOffice, key: EllipticCurvePrivateKey) -> None:
    engine = office.hubs[office.leader].engine
    if engine is not None:
        request = request_of(key, "s9")
        engine.submit(RenewCame("s9", request, signer(key)(request.encode())))


def _revoke(office: SimOffice, _key: EllipticCurvePrivateKey) -> None:
    hub = office.hubs[office.leader]
    if hub.engine is not None:
        serials = tuple(one.serial for one in hub.store.registry.of("s9"))
        hub.engine.submit(RevokeCame("s9", serials, lambda _: None))


class Spy:
    """A link that only keeps what is published."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def __call__(self, *_: object, **__: object) -> "Spy":
        return self

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._keep("message", kind_of(topic), payload)


def _meet(keep: Keep) -> None:
    """An office sends somebody to another one, and takes somebody from it."""
    with tempfile.TemporaryDirectory() as folder:
        demo = read_catalogue(asset("demo", "office.toml"))
        services = tuple(msgspec.structs.replace(one, per_slot=1) for one in demo.service)
        catalogue = msgspec.structs.replace(demo, service=services)
        hub = Hub(Path(folder) / "office.db", catalogue, ManualClock())
        central = Central(Spy(keep), "h1", catalogue.office.id)
        central.attach(hub.engine)
        there = {"entry": {"es": "Registro"}}
        hub.round(OfficeCame(OfficeState(ep=1, st="on", ses="1", office="o13", services=there)))
        hub.sign_in()
        kiosk = hub.enrol()
        hub.take_ticket(kiosk)
        booked = len(kiosk.events) + 1
        free = hub.engine.slots.offered(catalogue, hub.engine.now_ms())["taxes"]
        hub.write(kiosk, e.Book("taxes", free[0]))
        hub.write(kiosk, e.Abandon(booked, "no answer in time"))
        (ticket,) = hub.engine.office.tickets.values()
        hub.command(desk.Transfer("c1", ticket.id, ticket.rev, "entry", to_office="o13"))
        notice = Notice("storm", {"es": "Hoy cerramos a las 14:00."}, datetime(2026, 1, 7, 20))  # noqa: DTZ001 (local)
        keep("message", "CityNotices", encode(CityNotices(at_ms=NINE_MS, notices=(notice,))))
        keep("message", "HelpAnswered", encode(HelpAnswered(device="k1", asked=1, answer="coming")))
        paper = sign(Errand(id=1, office="o12", device="k1", kind="log", until_ms=NINE_MS), hub.store.authority.sign)
        keep("message", "ErrandMessage", encode(ErrandMessage(device="k1", paper=paper)))
        for told in (
            ErrandTold(device="k1", errand=1, st="taken"),
            ErrandTold(device="k1", errand=1, st="done", picture=b"jpeg"),
            ErrandTold(device="k1", errand=1, st="failed", text="no printer"),
        ):
            keep("message", "ErrandTold", encode(told))
        keep("message", "BookingFound", encode(BookingFound(device="k1", asked=1, short="A7K2M9QX")))
        central.greet()
        central.tick(0)
        central.referrals_taken("o13", list(hub.engine.office.referred))
        for entry in hub.heard.entries:
            keep("log", str(type(entry.body).__struct_config__.tag), msgspec.json.encode(entry.body))
        hub.close()


def _show_paper(office: SimOffice, key: EllipticCurvePrivateKey) -> None:
    text = write_code(TicketCode(12, "k1", 1, 1, "A1-001", 101, "es", 0, -1), signer(key))
    for kiosk in office.kiosks:
        kiosk.touch(CodeScanned(text, None))
        if kiosk.memory is not None:
            kiosk.memory.do(WriteLeft(text))
            kiosk.memory.do(WriteRating("register", 3))
            kiosk.memory.do(WriteBook("certificates", office.catalogue.opens_ms(kiosk.hub_ms() or 0) or 0))
            kiosk.memory.do(WriteBooked(Slip(1, "ab" * 10, "certificates", "es", 0, "A7K2M9QX", "QB1")))


def kind_of(topic: str) -> str:
    """The message that goes over a topic."""
    if topic.startswith(topics.CITY):
        return {"state": "OfficeState", "referrals": "Referrals", "taken": "ReferralsTaken"}[
            topic.rsplit("/", maxsplit=1)[-1]
        ]
    match topic.removeprefix(topics.ROOT).split("/")[2:]:
        case ["dev", _, leaf]:
            return {"state": "DeviceState", "up": "Up", "down": "Down"}[leaf]
        case ["hub", leaf, *_]:
            return {"state": "HubState", "beat": "Beat", "follow": "Follow", "replica": "Replica"}[leaf]
        case ["log"]:
            return "LogMessage"
        case ["snap", view]:
            return {"board": "BoardMessage", "services": "ServicesMessage"}[view]
        case ["cfg", to]:
            return "ConfigMessage" if to == "all" else "CertificateMessage"
        case _:
            return "Ask"


def _keep_journals(office: SimOffice, keep: Any) -> None:
    for device in [*office.kiosks, *office.displays]:
        journal = device.memory.keeper._journal  # type: ignore[attr-defined]
        for (body,) in journal._connection.execute("SELECT body FROM event"):
            keep("event", msgspec.json.decode(body)["t"], body.encode())
    for hub in office.hubs:
        for (body,) in hub.store._connection.execute("SELECT body FROM log"):
            keep("log", msgspec.json.decode(body)["t"], body.encode())


if __name__ == "__main__":
    sys.exit(main())
