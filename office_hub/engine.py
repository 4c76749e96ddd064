"""The one thread that changes an office: takes what came, decides, commits it all at once, and then tells the world."""

import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec

from mqtt_bridge.messages import Down, Up, UpEvent
from office_hub.core import desk, intake, views
from officelib import arrival
from officelib import events as e
from officelib.booking import Booking
from officelib.catalogue import DAY_STARTS_AT, Catalogue
from officelib.clock import Clock
from officelib.ids import EventId
from officelib.inbound import Result
from officelib.journal.office_log import Commit, OfficeLog
from officelib.office import LIVE, DeviceState, Office, State

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64
UNWELL_MS = 10_000
EXIT_BROKEN = 70
TICK_S = 0.25


class UpCame(NamedTuple):
    """A device's batch."""

    up: Up


class CommandCame(NamedTuple):
    """A clerk's command; the answer goes to `reply` as JSON, from the engine's thread."""

    request: str
    clerk: str
    command: desk.AnyCommand
    reply: Callable[[bytes], None]


class BookingsCame(NamedTuple):
    """Bookings to take in; once they are on the disk `done` is called with the refs that could not be."""

    bookings: list[Booking]
    done: Callable[[list[str]], None]


class CatalogueCame(NamedTuple):
    """A catalogue that was checked and takes effect now."""

    catalogue: Catalogue


class DeviceCame(NamedTuple):
    """A device's bridge appeared or went away."""

    device: str
    on: bool


class BoardAsked(NamedTuple):
    """A display wants the board as a whole."""


Work = UpCame | CommandCame | BookingsCame | CatalogueCame | DeviceCame | BoardAsked


class Publisher:
    """What the engine tells the world. All methods are called in the engine's thread."""

    def down(self, device: str, down: Down) -> None:
        """A device's answer."""

    def committed(self, entries: list[e.LogEntry]) -> None:
        """New entries of the log."""

    def changed(self) -> None:
        """The office looks different."""

    def catalogue_changed(self) -> None:
        """Every device is to hear of the new catalogue."""

    def board_asked(self) -> None:
        """A display has nothing, or has a gap."""

    def tick(self) -> float:
        """A round is over. Returns after how many seconds the next one should be, at the latest."""
        return TICK_S


@dataclass
class Draft:
    """What will be committed together, already applied to the office in memory."""

    office: Office
    epoch: int
    now_ms: int
    entries: list[e.LogEntry] = field(default_factory=list)
    marks: dict[tuple[str, int], int] = field(default_factory=dict)
    requests: dict[str, bytes] = field(default_factory=dict)

    def add(self, bodies: list[e.LogBody], source: EventId | None = None) -> None:
        """Append entries and apply them."""
        for body in bodies:
            entry = e.LogEntry(self.office.n + 1, self.epoch, self.now_ms, body, source)
            self.office.apply(entry)
            self.entries.append(entry)

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.marks or self.requests)


class Engine:
    """Owns the office, its log and its catalogue."""

    def __init__(self, store: OfficeLog, catalogue: Catalogue, clock: Clock, hub: str, publisher: Publisher) -> None:
        self._store, self._clock, self._hub, self._publisher = store, clock, hub, publisher
        self.catalogue = catalogue
        self.epoch = store.epoch
        self.devices_on: dict[str, bool] = {}
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._decoder = msgspec.json.Decoder(e.DeviceEvent)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.last_round_ms = clock.mono_ms()
        self.office, self._marks = self._recall()

    def is_well(self) -> bool:
        """Whether the engine's thread goes round."""
        return self._clock.mono_ms() - self.last_round_ms < UNWELL_MS

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the work that is under way."""
        self._ended.set()
        self._thread.join(5)

    def submit(self, work: Work) -> None:
        """Hand over work; may be called from any thread."""
        self._work.put(work)

    def now_ms(self) -> int:
        """Hub time."""
        return self._clock.wall_ms()

    def _recall(self) -> tuple[Office, dict[tuple[str, int], int]]:
        office = Office(n=self._store.head)
        for device, inc, journal, slot in self._store.devices():
            office.devices[device] = DeviceState(inc, journal, slot)
            office.slots_used.add(slot)
        today = list(self._store.entries_of_today())
        office.n = today[0].n - 1 if today else 0
        for entry in today:
            office.apply(entry)
        return office, self._store.marks()

    def _run(self) -> None:
        wait_s = 0.0
        try:
            while not self._ended.is_set():
                wait_s = self.round(self._gather(wait_s))
        except BaseException:
            log.critical("the hub cannot go on; it ends, so that it is started again", exc_info=True)
            os._exit(EXIT_BROKEN)

    def round(self, work: Sequence[Work]) -> float:
        """Decide on all this work, commit it at once, then tell. Called by the engine's own thread while that runs.

        Returns:
            After how many seconds the next round is due, work or not.
        """
        draft = Draft(self.office, self.epoch, self._clock.wall_ms())
        self._open_day(draft)
        afterwards: list[Callable[[], None]] = []
        for item in work:
            try:
                afterwards.append(self._handle(draft, item))
            except Exception:
                log.exception("could not handle %s", type(item).__name__)
        if not self._commit(draft):
            if len(work) > 1:
                return min(self.round([item]) for item in work)
            return TICK_S
        self._tell(draft, afterwards)
        self.last_round_ms = self._clock.mono_ms()
        return min(TICK_S, self._publisher.tick())

    def _gather(self, wait_s: float) -> list[Work]:
        try:
            work = [self._work.get(timeout=wait_s)]
        except queue.Empty:
            return []
        while len(work) < MOST_AT_ONCE:
            try:
                work.append(self._work.get_nowait())
            except queue.Empty:
                break
        return work

    def _commit(self, draft: Draft) -> bool:
        """Write the round; when that fails nothing of it counts, and the office is what the disk says."""
        if draft.is_empty:
            return True
        commit = Commit(draft.entries, draft.marks, draft.requests, self._day_before(draft))
        try:
            self._store.commit(commit, draft.now_ms)
        except sqlite3.Error:
            log.exception("the log could not be written: nothing of this round counts; check the disk")
            self.office, self._marks = self._recall()
            return False
        self._marks.update(draft.marks)
        return True

    def _tell(self, draft: Draft, afterwards: list[Callable[[], None]]) -> None:
        if draft.entries:
            self._publisher.committed(draft.entries)
        for tell in afterwards:
            tell()
        if draft.entries:
            self._publisher.changed()

    def _day_before(self, draft: Draft) -> str:
        opened = [entry for entry in draft.entries if isinstance(entry.body, e.DayOpened)]
        return "" if opened else self.office.day

    def _open_day(self, draft: Draft) -> None:
        """Days only go forward: a clock that steps back, as after a start without a battery, opens none again."""
        day = self.catalogue.business_day(draft.now_ms)
        if day > self.office.day:
            draft.add([e.DayOpened(day)])
            self._store.forget_requests(draft.now_ms)

    def _day_start_ms(self) -> int:
        start = datetime.fromisoformat(self.office.day).replace(tzinfo=self.catalogue.zone) + DAY_STARTS_AT
        return int(start.timestamp() * 1000)

    def _handle(self, draft: Draft, work: Work) -> Callable[[], None]:
        """Decide; what it returns is called after the commit."""
        match work:
            case UpCame():
                return self._up(draft, work.up)
            case CommandCame():
                return self._command(draft, work)
            case BookingsCame():
                collided = self._store.put_bookings(work.bookings)
                return lambda: work.done(collided)
            case CatalogueCame():
                return self._take_catalogue(work.catalogue)
            case DeviceCame():
                self.devices_on[work.device] = work.on
                return self._publisher.changed
            case BoardAsked():
                return self._publisher.board_asked

    def _take_catalogue(self, catalogue: Catalogue) -> Callable[[], None]:
        orphans = {t.service for t in self.office.tickets.values() if t.state in LIVE} - set(catalogue.services)
        if orphans:
            log.error("the catalogue lacks %s, for which people wait: the old one stays", ", ".join(sorted(orphans)))
            return lambda: None
        self.catalogue = catalogue
        return self._publisher.catalogue_changed

    # --- clerks

    def _command(self, draft: Draft, work: CommandCame) -> Callable[[], None]:
        known = draft.requests.get(work.request) or self._store.reply(work.request)
        if known is not None:
            return lambda: work.reply(known)
        bodies, answer = desk.decide(self.office, self.catalogue, work.command, work.clerk, draft.now_ms, self._hub)
        draft.add(bodies)
        reply = msgspec.json.encode(answer)
        draft.requests[work.request] = reply
        return lambda: work.reply(reply)

    # --- devices

    def _up(self, draft: Draft, up: Up) -> Callable[[], None]:
        state = self.office.devices.get(up.device)
        if up.inc == 0 and (state is None or state.journal != up.journal):
            draft.add([self._grant(up), *self._orphans_of(up.device)])
            state = self.office.devices[up.device]
        if state is None or state.journal != up.journal or up.inc not in (0, state.inc):
            log.error("%s speaks with a journal that is not its newest: copied or restored from a backup?", up.device)
            return lambda: None
        if up.inc:
            self._take_in(draft, up)
        mark = self._mark(draft, up.device, state.inc)
        results = self._results(up, state.inc)
        down = Down(
            ep=self.epoch,
            device=up.device,
            journal=up.journal,
            inc=state.inc,
            acked=mark,
            slot=state.slot,
            hub_ms=self._clock.wall_ms(),
            boot=up.boot,
            echo_mono_ms=up.sent_mono_ms,
            results=results,
        )
        return lambda: self._publisher.down(up.device, down)

    def _orphans_of(self, device: str) -> list[e.LogBody]:
        """Numbers whose paper a lost journal may have printed: called in vain rather than lost."""
        return [
            e.TicketWaiting(ticket.id)
            for ticket in self.office.tickets.values()
            if ticket.state is State.NUMBERED and ticket.stands.device == device
        ]

    def _mark(self, draft: Draft, device: str, inc: int) -> int:
        return draft.marks.get((device, inc), self._marks.get((device, inc), 0))

    def _grant(self, up: Up) -> e.DeviceGranted:
        before = self.office.devices.get(up.device)
        slot = 0
        if up.device.startswith("k"):
            slot = next((s for s in range(1, 10) if s not in self.office.slots_used), 0)
            if not slot:
                log.error("%s gets no lane: all nine slot digits are in use today", up.device)
        return e.DeviceGranted(up.device, before.inc + 1 if before else 1, up.journal, slot)

    def _take_in(self, draft: Draft, up: Up) -> None:
        rules = intake.Intake(
            self.catalogue,
            lambda claim: self._store.booking(ref=claim.ref, short=claim.short),
            _settled_wants(up, self._decoder),
            self._day_start_ms(),
        )
        for event in up.events:
            mark = self._mark(draft, up.device, up.inc)
            if event.seq <= mark:
                continue
            if event.seq != mark + 1:
                break
            source = EventId(up.device, up.inc, event.seq)
            draft.add(self._bodies(rules, source, event, up.anchors.get(event.boot), draft.now_ms), source)
            draft.marks[up.device, up.inc] = event.seq

    def _bodies(
        self, rules: intake.Intake, source: EventId, came: UpEvent, anchor: arrival.Anchor | None, now_ms: int
    ) -> list[e.LogBody]:
        try:
            event = self._decoder.decode(came.body)
            when = arrival.estimate(anchor, came.mono_ms, now_ms)
            return intake.take_in(self.office, rules, source, event, when)
        except ValueError as error:
            log.error("event %s makes no sense: %s", source, error)
            return [e.EventRejected(source.device, str(error)[:200])]

    def _results(self, up: Up, inc: int) -> tuple[Result, ...]:
        found = (
            views.want_result(self.office, self.catalogue, event.seq, str(EventId(up.device, inc, event.seq)))
            for event in up.events
        )
        return tuple(result for result in found if result is not None)


def _settled_wants(up: Up, decoder: msgspec.json.Decoder[e.DeviceEvent]) -> frozenset[int]:
    settled = set()
    for event in up.events:
        try:
            decoded = decoder.decode(event.body)
        except ValueError:
            continue
        if isinstance(decoded, e.Lane | e.Abandon) and decoded.want:
            settled.add(decoded.want)
    return frozenset(settled)
