"""A kiosk without its screen, on the real bridge socket: what tests of processes and networks take tickets with."""

from pathlib import Path

from bench.office.stage import wait_for
from kiosk_app.core import events as ev
from kiosk_app.core.states import TicketFacts
from kiosk_app.memory import Memory
from officelib import events as e
from officelib.catalogue import Catalogue
from officelib.clock import system_clock
from officelib.inbound import BridgeLink, WantGranted


class Kiosk:
    """A kiosk without its screen: takes tickets as fast as it is asked, through its own bridge's socket."""

    def __init__(self, folder: Path, name: str = "k1") -> None:
        self.labels: list[str] = []
        self.papers: list[str] = []
        self.found: list[str] = []
        self.helped: list[str] = []
        self._answered: set[int] = set()
        self.enrolled = self.up = False
        self.catalogue: Catalogue | None = None
        self.memory = Memory(folder / "journal.db", name, system_clock(), self._told)
        self.link = BridgeLink(folder / "bridge.sock", self.memory.hear)
        self.memory.keeper.poke_bridge = self.link.poke
        self.memory.start()
        self.link.start()

    def take(self, service: str = "register") -> str:
        """A ticket with the hub's number."""
        count = len(self.labels)
        self.memory.do(ev.WriteWant(e.Claim(service, "es")))
        wait_for(lambda: len(self.labels) > count, "a number", 20)
        return self.labels[-1]

    def stop(self) -> None:
        self.link.stop()
        self.memory.stop()

    def _told(self, event: ev.Event) -> None:
        match event:
            case ev.Enrolled():
                self.enrolled = event.granted
            case ev.OfficeTold():
                self.catalogue = event.catalogue
            case ev.BookingFound():
                self.found.append(event.short)
            case ev.HelpAnswered():
                self.helped.append(event.answer)
            case ev.LinkSwitched():
                self.up = event.up
            case ev.HubAnswered(result=WantGranted() as granted) if granted.seq not in self._answered:
                self._answered.add(granted.seq)
                facts = TicketFacts(granted.seq, granted.label, granted.service, "es", 0, 0, 0, 0)
                self.memory.do(ev.WritePrint(facts, ""))
            case ev.TicketWritten():
                self.labels.append(event.ticket.label)
                self.papers.append(event.ticket.code)
            case _:
                pass
