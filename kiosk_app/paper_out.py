"""All that a kiosk prints: tickets, of which the journal hears; leaflets, slips and tests, of which it does not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hwlib.printer.document import Document
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.pool import PrinterPool, WorkerOf
from hwlib.printer.profile import Profile
from hwlib.printer.status import PrinterStatus
from hwlib.printer.transports import Transport
from hwlib.printer.worker import PrinterWorker
from kiosk_app.config import KioskConfig
from kiosk_app.core import events as ev
from kiosk_app.core.leaflet import booking_slip, leaflet
from kiosk_app.core.paper import paper_fields
from kiosk_app.core.states import Slip, TicketFacts
from kiosk_app.device_memory import read_roll, write_roll
from kiosk_app.devices import PrinterNews, printers_of
from kiosk_app.memory import Memory
from kiosk_app.ticket_template import TicketTemplate
from officelib.catalogue import Catalogue
from officelib.texts import Texts, in_language

log = logging.getLogger(__name__)

TEST = "test"
LEAFLET = "leaflet."
SLIP = "slip."
"""Begins the keys of print jobs that are no tickets: of them nothing is written down."""
MANY_LEFT = 50


@dataclass(frozen=True)
class Listeners:
    """Who hears of what is printed; all are called in printers' threads.

    Attributes:
        emit: Takes what the core must know.
        part_is: Takes a printer's name and its state, as the hub hears it.
        recounted: About how many tickets are left is another number now.
        test_ended: Takes the number of a test print's errand, and what went wrong.
    """

    emit: Callable[[ev.Event], None]
    part_is: Callable[[str, str], None]
    recounted: Callable[[], None]
    test_ended: Callable[[int, str], None]


class PaperOut:
    """The printers, and what goes to them."""

    def __init__(self, config: KioskConfig, texts: dict[str, Texts], memory: Memory, listeners: Listeners) -> None:
        """Args:
        config: The kiosk's.
        texts: Of the kind "ticket", by language.
        memory: Hears how each ticket's print begins and ends.
        listeners: Who else hears of it.

        Raises:
            KnownError: an address, a profile or the ticket's template is wrong.
        """
        self._config, self._texts, self._memory, self._listeners = config, texts, memory, listeners
        self._rolls: dict[int, int] = {}
        self._errands: set[int] = set()
        printers = printers_of(config)
        template = None if config.ticket_template == Path() else config.ticket_template
        self._template = TicketTemplate(template, printers[0][1])
        self._pool = PrinterPool(
            [self._worker_of(number, *printer) for number, printer in enumerate(printers)], self._ended
        )

    def start(self) -> None:
        """Begin to print."""
        self._pool.start()

    def stop(self) -> None:
        """End with what is being printed."""
        self._pool.stop()

    def look_again(self) -> None:
        """Something was plugged in."""
        self._pool.look_again()

    @property
    def tickets_left(self) -> int | None:
        """About how many tickets all rolls hold; None where no printer tells."""
        return sum(self._rolls.values()) if self._rolls else None

    def ticket(self, ticket: TicketFacts, catalogue: Catalogue | None) -> None:
        """Print a ticket, or tell that it cannot be."""
        if catalogue is None:
            self._memory.print_ended(ticket.seq, "not_started", "none", ticket.copies)
            return
        fields = paper_fields(ticket, catalogue, in_language(self._texts, ticket.language, catalogue.language))
        self._submit(f"{ticket.seq}.{ticket.copies}", self._template.document(fields, ticket.language))

    def leaflet(self, service: str, language: str, catalogue: Catalogue | None) -> None:
        """Print what a service asks for, or tell that there is no such service any more."""
        if catalogue is None or service not in catalogue.services:
            self._listeners.emit(ev.LeafletEnded(service, printed=False))
            return
        texts = in_language(self._texts, language, catalogue.language)
        self._submit(LEAFLET + service, leaflet(catalogue.services[service], catalogue, language, texts))

    def slip(self, slip: Slip, catalogue: Catalogue | None) -> None:
        """Print a booking that was made here."""
        if catalogue is None or slip.service not in catalogue.services:
            self._listeners.emit(ev.SlipEnded(slip.seq, printed=False))
            return
        texts = in_language(self._texts, slip.language, catalogue.language)
        self._submit(f"{SLIP}{slip.seq}", booking_slip(slip, catalogue, texts))

    def test(self, page: Document, errand: int | None = None) -> None:
        """Print a page for whoever tries the printer, who stands before it or sent an errand: that once."""
        if errand is None:
            self._submit(TEST, page)
        elif errand not in self._errands:
            self._errands.add(errand)
            self._submit(f"{TEST}.{errand}", page)

    def _submit(self, key: str, document: Document) -> None:
        self._pool.submit(Job(key, document, self._config.print_expires_s))

    def _worker_of(self, number: int, transport: Transport, profile: Profile) -> WorkerOf:
        """A printer's worker; what it hears of its roll is kept beside the journal."""
        news = PrinterNews(number + 1)
        roll = self._config.journal.with_suffix(f".roll{number + 1}.json")

        def make(on_end: Callable[[PrintResult], None]) -> PrinterWorker:
            def ended(result: PrintResult) -> None:
                write_roll(roll, worker.gauge)
                on_end(result)
                count()

            def told(status: PrinterStatus) -> None:
                left = count()
                news.tell(status, left)
                self._listeners.part_is(f"printer {number + 1}", news.part(status, left))

            def count() -> int | None:
                left = worker.gauge.tickets_left()
                if left is not None and self._rolls.get(number) != coarse(left):
                    self._rolls[number] = coarse(left)
                    self._listeners.recounted()
                return left

            worker = PrinterWorker(
                transport,
                profile,
                on_start=self._begins,
                on_end=ended,
                on_status=told,
                on_fate=lambda key, fate: log.info("ticket %s in the printer's mouth: %s", key, fate),
                gauge=read_roll(roll, self._config.roll_m * 1000),
            )
            return worker

        return make

    def _begins(self, key: str) -> None:
        if not key.startswith((LEAFLET, SLIP, TEST)):
            self._memory.print_begins(_of_key(key)[0])

    def _ended(self, result: PrintResult) -> None:
        key, is_printed = result.key, result.outcome == "done"
        if key.startswith(LEAFLET):
            self._listeners.emit(ev.LeafletEnded(key.removeprefix(LEAFLET), is_printed))
        elif key.startswith(SLIP):
            self._memory.slip_ended()
            self._listeners.emit(ev.SlipEnded(int(key.removeprefix(SLIP)), is_printed))
        elif key == TEST:
            self._listeners.emit(ev.TestPrinted(is_printed))
        elif key.startswith(TEST):
            errand = int(key.removeprefix(f"{TEST}."))
            self._errands.discard(errand)
            why_not = "" if is_printed else f"{result.outcome} {result.fault}; look at the printer"
            self._listeners.test_ended(errand, why_not)
        else:
            seq, copies = _of_key(key)
            if not is_printed:
                log.error("ticket %d was not printed: %s %s; look at the printer", seq, result.outcome, result.fault)
            self._memory.print_ended(seq, result.outcome, result.level, copies)


def coarse(tickets_left: int) -> int:
    """In tens while there are many: the hub need not hear of each paper."""
    return tickets_left if tickets_left < MANY_LEFT else tickets_left // 10 * 10


def _of_key(key: str) -> tuple[int, int]:
    """A print job's ticket and which copy of it this is."""
    seq, _, copies = key.partition(".")
    return int(seq), int(copies)
