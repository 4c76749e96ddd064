"""The one thread that changes an office: takes what came, decides, commits it all at once, and then tells the world."""

import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from mqtt_bridge.messages import CityNotices, Follow, Referrals, Up
from office_hub.core import desk, enrolling, intake, leading, uplinks, views
from office_hub.core.draft import Draft
from office_hub.core.followers import Followers
from office_hub.core.helpdesk import Helpdesk
from office_hub.core.lookups import Lookups
from office_hub.core.referring import Neighbours
from office_hub.replication import Replication
from office_hub.slots import Slots
from office_hub.work import (
    TICK_S,
    Archived,
    BoardAsked,
    BookingsCame,
    CatalogueCame,
    CityGone,
    CityNoticesCame,
    CommandCame,
    DeviceCame,
    EnrolCame,
    FollowCame,
    HelpCame,
    HelpTaken,
    HigherEpochHeard,
    OfficeCame,
    PageActed,
    PageOpened,
    Publisher,
    ReferralsCame,
    ReferralsWereTaken,
    RenewCame,
    RevokeCame,
    UpCame,
    WhoCame,
    Work,
)
from officelib import events as e
from officelib.booking import Booking
from officelib.catalogue import DAY_STARTS_AT, Catalogue
from officelib.clock import Clock, OfficeClock
from officelib.inbound import SlotDenied
from officelib.journal.ballast import Ballast
from officelib.journal.office_log import Commit, Mark, OfficeLog
from officelib.office import LIVE, DeviceState, Office

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64
UNWELL_MS = 10_000
EXIT_BROKEN = 70
KEEP_TIME_MS = 600_000
DISK_RESTS_MS = 1_000
"""After the disk refused, devices and clerks wait so long for a decision: each refusal costs reading the day anew."""


def recalled(store: OfficeLog) -> Office:
    """The office as the log says it is."""
    office = Office(n=store.head, restored_day=store.restored_day())
    for device, inc, journal, slot in store.devices():
        office.devices[device] = DeviceState(inc, journal, slot, store.head)
        office.slots_used.add(slot)
    today = list(store.entries_of_today())
    office.n = today[0].n - 1 if today else 0
    for entry in today:
        office.apply(entry)
    return office


class Engine:
    """Owns the office, its log and its catalogue. `written` gives the file that the catalogue came from."""

    def __init__(
        self,
        store: OfficeLog,
        catalogue: Catalogue,
        clock: Clock,
        hub: str,
        publisher: Publisher,
    ) -> None:
        """Args:
        store: The log.
        catalogue: The office's.
        clock: The machine's.
        hub: This hub's name.
        publisher: Is told what was committed.
        """
        self._store, self._clock, self._hub, self._publisher = store, clock, hub, publisher
        self.catalogue = catalogue
        self.epoch = store.epoch
        self.time = OfficeClock(clock, store.last_ms(), store.kept_time())
        self._time_kept_ms = -KEEP_TIME_MS
        self._disk_rests_until_ms = clock.mono_ms()
        self.devices_on: dict[str, bool] = {}
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.last_round_ms = clock.mono_ms()
        self.fenced_by = 0
        self.neighbours = Neighbours()
        self.written: Callable[[], str] = str
        self.office, self._marks = self._recall()
        self._replication = Replication(store, self.epoch, publisher.replica, self.time.now_ms)
        self.leading = self._replication.leading
        self.leading.wrote(self._marks, self._store.head)
        kept = store.kept_city_notices()
        self.city = msgspec.json.decode(kept, type=CityNotices) if kept else CityNotices(at_ms=0, notices=())
        self.slots = Slots(store)
        self.helpdesk = Helpdesk()
        self.followers = Followers()
        self._lookups = Lookups(store.bookings.of)
        self._ballast = Ballast(store.path)
        self._authority = store.authority

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
        return self.time.now_ms()

    def _recall(self) -> tuple[Office, dict[tuple[str, int], Mark]]:
        return recalled(self._store), self._store.marks()

    def _run(self) -> None:
        wait_s = 0.0
        try:
            while not self._ended.is_set():
                wait_s = self.round(self.gather(wait_s))
        except BaseException:
            log.critical("the hub cannot go on; it ends, so that it is started again", exc_info=True)
            os._exit(EXIT_BROKEN)

    def round(self, work: Sequence[Work]) -> float:
        """Decide on all this work, commit it at once, then tell. Called by the engine's own thread while that runs.

        Returns:
            After how many seconds the next round is due, work or not.
        """
        if self.fenced_by:
            return TICK_S
        self.time.correct()
        followed_to = self.leading.followed_to(self.office.standby)
        draft = Draft(self.office, self.epoch, self.time.now_ms(), followed_to)
        rests = self._clock.mono_ms() < self._disk_rests_until_ms
        if not rests:
            self._open_day(draft)
            if followed_to is not None:
                leading.raise_ceilings(draft, self.catalogue, followed_to)
        afterwards: list[Callable[[], None]] = []
        for item in work:
            if rests and isinstance(item, UpCame | CommandCame):
                continue  # whoever asked asks again
            try:
                afterwards.append(self._handle(draft, item))
            except Exception:
                log.exception("could not handle %s", type(item).__name__)
        if not self._commit(draft):
            if len(work) > 1:
                return min(self.round([item]) for item in work)
            return TICK_S
        self._tell(draft, afterwards)
        if self.helpdesk.forget(draft.now_ms) or self.followers.forget(draft.now_ms):
            self._publisher.changed()
        self._keep_time()
        self.last_round_ms = self._clock.mono_ms()
        return min(TICK_S, self._publisher.tick())

    def _keep_time(self) -> None:
        now_ms = self._clock.mono_ms()
        if now_ms - self._time_kept_ms < KEEP_TIME_MS:
            return
        self._time_kept_ms = now_ms
        self._ballast.take_in()
        try:
            self._store.keep_time(self.time.kept())
            self._store.bookings.forget_who(self.time.now_ms())
        except sqlite3.Error:
            log.exception("the office's time could not be written down; check the disk")

    def gather(self, wait_s: float) -> list[Work]:
        """The work of one round; waits for the first of it."""
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
            try:
                self._store.commit(commit, draft.now_ms)
            except sqlite3.OperationalError:
                if not self._ballast.give_up():
                    raise
                log.critical("the hub's disk is full: the ballast was given up; free the disk now")
                self._store.commit(commit, draft.now_ms)
        except sqlite3.Error as error:
            log.critical("the log could not be written (%s): nothing of this round counts; check the disk", error)
            if isinstance(error, sqlite3.OperationalError):
                self._disk_rests_until_ms = self._clock.mono_ms() + DISK_RESTS_MS
            self.office, self._marks = self._recall()
            return False
        self._marks.update(draft.marks)
        self.leading.wrote(draft.marks, self._store.head)
        return True

    def _tell(self, draft: Draft, afterwards: list[Callable[[], None]]) -> None:
        if draft.entries:
            self._publisher.committed(draft.entries)
            self._replication.send_on()
            self._publisher.changed()
            if draft.requests:
                self._publisher.show()
            if any(isinstance(entry.body, e.DeviceRevoked) for entry in draft.entries):
                self._publisher.revoked(self._store.registry.revoked())
        for tell in afterwards:
            tell()

    def _day_before(self, draft: Draft) -> str:
        opened = [entry for entry in draft.entries if isinstance(entry.body, e.DayOpened)]
        return "" if opened else self.office.day

    def _open_day(self, draft: Draft) -> None:
        """Days only go forward: a clock that steps back, as after a start without a battery, opens none again."""
        day = self.catalogue.business_day(draft.now_ms)
        if day > self.office.day:
            draft.add([self.office.next_day(day)])
            self._store.forget_requests(draft.now_ms)
            self.time.held_until_day = False
            self.followers.forget_day()

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
                return self._take_bookings(draft, work)
            case CatalogueCame():
                return self._take_catalogue(work)
            case DeviceCame():
                self.devices_on[work.device] = work.on
                if not work.on:
                    self.helpdesk.not_wanted(work.device)
                health = None if work.health is None else msgspec.json.encode(work.health)
                self._store.keep_health(work.device, health, draft.now_ms, on=work.on)
                return self._publisher.changed
            case BoardAsked():
                return self._publisher.board_asked
            case WhoCame():
                return self._look_up(draft, work)
            case HelpCame():
                return self._help(draft, work)
            case HelpTaken():
                return self._help_taken(draft, work)
            case PageOpened():
                return self._page_opened(draft, work)
            case PageActed():
                return self._page_acted(draft, work)
            case FollowCame():
                return self._follow(draft, work.follow)
            case EnrolCame():
                given = enrolling.admit(draft, self._store.registry, self._authority, work.invitation, work.request)
                return lambda: work.reply(given)
            case RenewCame():
                return self._renew(draft, work)
            case RevokeCame():
                is_safe = enrolling.revoke(draft, self._store.registry, work.device, work.serials)
                return lambda: work.reply(is_safe)
            case Archived():
                self._store.forget(work.n, draft.now_ms)
                return lambda: None
            case OfficeCame():
                self.neighbours.heard(work.state)
                return lambda: None
            case CityNoticesCame():
                return self._take_city_notices(work.notices)
            case CityGone():
                self.neighbours.gone()
                return lambda: None
            case ReferralsWereTaken():
                self.neighbours.took(work.taken)
                return lambda: None
            case ReferralsCame():
                return self._take_referrals(draft, work.referrals)
            case HigherEpochHeard():
                return lambda: self._be_fenced(work.epoch)

    def _take_bookings(self, draft: Draft, work: BookingsCame) -> Callable[[], None]:
        """What was cancelled after its citizen came stays in the queue; the clerk sees it."""
        collided = self._store.bookings.put(work.bookings)
        for booking in work.bookings:
            ticket = self.office.tickets.get(self.office.by_booking.get(booking.ref, ""))
            if booking.cancelled and ticket is not None and ticket.state in LIVE and ticket.flag != "cancelled":
                draft.add([e.TicketFlagged(ticket.id, "cancelled")])

        def told() -> None:
            work.done(collided)
            self._publisher.changed()

        return told

    def _take_referrals(self, draft: Draft, referrals: Referrals) -> Callable[[], None]:
        """Whom another office sends is known here from now on, like somebody with a booking; for this day."""
        expected = [item.as_booking(draft.now_ms) for item in referrals.items]
        known = {one.ref: self._store.bookings.find(ref=one.ref) for one in expected}
        collided = [ref for ref, one in known.items() if one is not None and not one.stands_ms]
        news = [one for one in expected if one.ref not in collided and not self._is_same(known[one.ref], one)]
        if news:
            collided += self._store.bookings.put(news)
        for ref in collided:
            log.error("%s sends somebody with %s, but another booking has that code", referrals.office, ref)
        taken = [item.ref for item in referrals.items if item.ref not in collided]
        return lambda: self._publisher.referrals_taken(referrals.office, taken)

    def _is_same(self, known: Booking | None, came: Booking) -> bool:
        """Whether somebody whom another office sends is known already. A reference may come again on another day."""
        return known is not None and known.service == came.service and known.stands_ms >= self._day_start_ms()

    def _take_catalogue(self, work: CatalogueCame) -> Callable[[], None]:
        if not work.is_wanted():
            return lambda: None
        catalogue = work.catalogue
        waited_for = {t.service for t in self.office.tickets.values() if t.state in LIVE}
        problem = ""
        if waited_for - set(catalogue.services):
            lacking = ", ".join(sorted(waited_for - set(catalogue.services)))
            problem = f"people wait for {lacking}: the catalogue cannot lose it before they are served"
        elif (catalogue.office.id, catalogue.office.code) != (self.catalogue.office.id, self.catalogue.office.code):
            problem = "the office's id and code stay as they are: devices and bookings go by them"
        if problem:
            log.error("%s; the old catalogue stays", problem)
            return lambda: work.reply(problem)
        self.catalogue = catalogue

        def told() -> None:
            self._publisher.catalogue_changed()
            work.reply("")

        return told

    def _look_up(self, draft: Draft, work: WhoCame) -> Callable[[], None]:
        found = self._lookups.find(work.device, work.who, self.office, self.catalogue, draft.now_ms)
        if found is None:
            return lambda: None
        return lambda: self._publisher.booking_found(work.device, work.asked, found)

    def _help(self, draft: Draft, work: HelpCame) -> Callable[[], None]:
        def tell() -> None:
            if not work.on:
                self.helpdesk.not_wanted(work.device)
                self._publisher.changed()
                return
            self.helpdesk.wanted(work.device, work.asked, draft.now_ms)
            self._publisher.help_answered(work.device, work.asked, "told" if self.office.clerks else "nobody")
            self._publisher.changed()

        return tell

    def _help_taken(self, draft: Draft, work: HelpTaken) -> Callable[[], None]:
        def tell() -> None:
            asked = self.helpdesk.taken(work.device, work.clerk, draft.now_ms)
            if asked is not None:
                self._publisher.help_answered(work.device, asked, "coming")
                self._publisher.changed()
            work.reply(asked is not None)

        return tell

    def _page_opened(self, draft: Draft, work: PageOpened) -> Callable[[], None]:
        try:
            _, bodies = intake.open_page(self.office, self._rules(), work.code, draft.now_ms)
        except intake.Poison:
            return lambda: work.reply(False)  # noqa: FBT003 (an answer)
        draft.add(bodies)
        return lambda: work.reply(True)  # noqa: FBT003

    def _page_acted(self, draft: Draft, work: PageActed) -> Callable[[], None]:
        try:
            counts, bodies = self.followers.act(self.office, self._rules(), work.code, work.action, draft.now_ms)
        except intake.Poison:
            return lambda: work.reply(False)  # noqa: FBT003
        draft.add(bodies)

        def tell() -> None:
            self._publisher.changed()
            work.reply(counts)

        return tell

    def _take_city_notices(self, came: CityNotices) -> Callable[[], None]:
        """The city's messages count until the next ones; they are kept, for a broker forgets them."""
        if came.at_ms <= self.city.at_ms:
            return lambda: None
        self._store.keep_city_notices(msgspec.json.encode(came))
        self.city = came
        return self._publisher.catalogue_changed

    @property
    def told_catalogue(self) -> Catalogue:
        """What devices hear: the office's catalogue, with the city's messages among its own."""
        return msgspec.structs.replace(self.catalogue, notice=(*self.city.notices, *self.catalogue.notice))

    def waits_min(self) -> dict[str, int]:
        """How long whoever comes now waits, by service that can be had before the doors shut."""
        if self.office.doors_closed or not self.catalogue.is_open(self.now_ms()):
            return {}
        view = views.services_view(self.office, self.catalogue, self.epoch, self.now_ms())
        left_min = ((self.catalogue.closes_ms(self.now_ms()) or 0) - self.now_ms()) / 60_000
        return {
            service: state.wait_min
            for service, state in view.services.items()
            if state.wait_min is not None
            and state.wait_min <= left_min
            and not state.full_until_ms
            and self.catalogue.services[service].walk_in
        }

    # --- clerks

    def _command(self, draft: Draft, work: CommandCame) -> Callable[[], None]:
        known = draft.requests.get(work.request) or self._store.reply(work.request)
        if known is not None:
            return lambda: work.reply(known)
        bodies, answer = desk.decide(
            self.office,
            self.catalogue,
            work.command,
            work.clerk,
            draft.now_ms,
            self._hub,
            draft.followed_to,
            lambda code: intake.bring_in(self.office, self._rules(), code, draft.now_ms),
            self.neighbours.services(),
        )
        draft.add(bodies)
        reply = msgspec.json.encode(answer)
        draft.requests[work.request] = reply
        return lambda: work.reply(reply)

    # --- devices

    def _certificates_of(self, device: str) -> list[str]:
        return [given.pem for given in self._store.registry.of(device) if given.signs_papers]

    def _rules(self) -> intake.Intake:
        """What a paper at a counter is judged by."""
        return intake.Intake(
            self.catalogue,
            self._find_booking,
            day_start_ms=self._day_start_ms(),
            certificates=self._certificates_of,
        )

    def _find_booking(self, claim: e.BookingClaim) -> Booking | None:
        return self._store.bookings.find(ref=claim.ref, short=claim.short)

    def _renew(self, draft: Draft, work: RenewCame) -> Callable[[], None]:
        given = enrolling.renew(draft, self._store.registry, self._authority, work.device, work.request, work.proof)
        return lambda: self._publisher.certificate(work.device, given.pem) if given else None

    def _up(self, draft: Draft, up: Up) -> Callable[[], None]:
        if self._store.registry.is_out(up.device):
            log.error("%s was revoked and is not heard; restart the broker if it is still there", up.device)
            return lambda: None
        ledger = uplinks.Ledger(
            self.catalogue,
            self._find_booking,
            self._marks,
            self._day_start_ms(),
            self._store.registry.slots,
            self._certificates_of,
            lambda service, slot_ms: self.slots.taken(self.office, self.catalogue, service, slot_ms),
            self.slots.fresh_ref,
            lambda want: self.slots.given_for(self.office, want),
            lambda given: self.slots.code_of(self.catalogue, given),
        )
        answer = uplinks.take_up(draft, ledger, up)
        if answer is None:
            return lambda: None

        def tell() -> None:
            stable = self.leading.stable_of(self.office.standby, (up.device, up.inc), answer.acked)
            now = msgspec.structs.replace(answer, hub_ms=self.time.now_ms(), clock=self.time.name, stable=stable)
            self._publisher.down(up.device, now)
            if any(isinstance(result, SlotDenied) for result in answer.results):
                self._publisher.changed()  # it was offered: kiosks are to hear what there is

        return tell

    # --- the standby

    def _follow(self, draft: Draft, follow: Follow) -> Callable[[], None]:
        if follow.ep > self.epoch:
            return lambda: self._be_fenced(follow.ep)
        return self._replication.follow(draft, self.catalogue, follow, self.written())

    def _be_fenced(self, epoch: int) -> None:
        """From here on this hub decides nothing."""
        if epoch > self.epoch and not self.fenced_by:
            log.critical(
                "another hub has taken over with epoch %d: this one, of epoch %d, decides no more", epoch, self.epoch
            )
            self.fenced_by = epoch
            self._publisher.fenced(epoch)
