"""What must hold in every simulated office, watched from outside: people, papers and voices, then logs and journals."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from kiosk_app.core.states import Screen, ShowingTicket, TicketFacts
from mqtt_bridge.messages import Down
from officelib import events as e
from officelib import inbound
from officelib.board import Call
from officelib.ids import EventId, parse_label
from officelib.journal import chain
from officelib.office import Office, State, Ticket
from tests.sim.promptness import Promptness

if TYPE_CHECKING:
    from tests.sim.devices import Device, DisplayNode, KioskNode
    from tests.sim.hubs import HubNode
    from tests.sim.office import SimOffice
    from tests.sim.people import Clerk, Visitor

PERSONAL = b"GARCIA"
MOST_WAITING = 512
MOST_UNSURE_MS = 5_000
"""An answer takes a second at most, a crystal drifts three in a day; more is not known to anybody, and no excuse."""
UNDER_WAY_MS = 2_000
"""What was written so recently may be on its way."""
SAID_WITHIN_MS = 31_000
"""A call is said only while it is young: 30 s, and a moment to write down that it is said."""
MOST_WAL_BYTES = 8 * 1024 * 1024


class Watch:
    """Collects what people see while the office lives, and judges at its end."""

    def __init__(self, office: "SimOffice") -> None:
        self.office, self.world = office, office.world
        self.faults: list[tuple[str, str]] = []
        self._papers: dict[tuple[str, str], str] = {}
        self._paper_of: dict[str, str] = {}
        self._shown_of: dict[str, str] = {}
        self._said: dict[tuple[str, str], str] = {}
        self._left = 0
        self._seen: list[tuple[Visitor, str, str]] = []
        self._told: dict[tuple[str, int, str, int], int] = {}
        self._answers: dict[str, bytes] = {}
        self._announced: dict[str, Counter[str]] = defaultdict(Counter)
        self._links: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self._epochs: dict[str, int] = defaultdict(int)
        self._cancelled: set[str] = set()
        self._lossy = 0
        self._got: Counter[tuple[int, str]] = Counter()
        self._disk_was_full = office.plan.disks_full > 0
        self._promptness = Promptness(office, self.fault)

    def fault(self, invariant: str, what: str) -> None:
        """Something did not hold."""
        if len(self.faults) < 50:
            self.faults.append((invariant, f"at {self.world.now / 1000:.0f} s: {what}"))

    # --- while the office lives

    def spy(self, topic: str, payload: bytes) -> None:
        """Every message that reaches a broker."""
        self.world.count("messages")
        if PERSONAL in payload:
            self.fault("I19", f"personal data on {topic}")
        if topic.endswith("/down"):
            down = msgspec.json.decode(payload, type=Down)
            hub = next((h.name for h in self.office.hubs if h.on and h.engine and h.engine.epoch == down.ep), "")
            key = (hub, down.ep, down.device, down.inc)
            self._told[key] = max(self._told.get(key, 0), down.acked)

    def line(self, device: "Device", line: inbound.Inbound) -> None:
        """A line that an app hears of its bridge."""
        if isinstance(line, inbound.LinkChanged):
            self._links[device.name].append((self.world.now, line.up))
        elif isinstance(line, inbound.Acked):
            before = self._epochs[device.name]
            if line.epoch < before:
                self.fault("I12", f"{device.name} heard a hub of epoch {line.epoch} after one of {before}")
            self._epochs[device.name] = max(before, line.epoch)

    def app_died(self, device: "Device") -> None:
        self._links[device.name].append((self.world.now, False))

    def kiosk_shows(self, kiosk: "KioskNode", screen: Screen) -> None:
        """A kiosk's screen. What is shown for a ticket stays."""
        if isinstance(screen, ShowingTicket) and not screen.again:
            ticket = self._id(kiosk, screen.ticket.seq)
            before = self._shown_of.setdefault(ticket, screen.ticket.label)
            if before != screen.ticket.label:
                self.fault("I2", f"{ticket} was shown as {before} and as {screen.ticket.label}")

    def paper(self, kiosk: "KioskNode", ticket: TicketFacts) -> None:
        """Paper comes out."""
        self.world.count("papers")
        day, identity = self.office.day(), self._id(kiosk, ticket.seq)
        if ticket.copies == 0 and self._paper_of.get(identity):
            self.fault("I2", f"two papers of {ticket.label}, and neither is marked as a copy")
        self._paper_of[identity] = ticket.label
        self._own(day, ticket.label, identity)
        shown = self._shown_of.get(identity)
        if shown is not None and shown != ticket.label:
            self.fault("I2", f"the screen said {shown}, the paper {ticket.label}")

    def _id(self, kiosk: "KioskNode", seq: int) -> str:
        assert kiosk.memory is not None
        return str(EventId(kiosk.name, kiosk.memory.keeper._journal.identity.inc, seq))

    def said_by_clerk(self, label: str, ticket: str) -> None:
        """A clerk tells a citizen a number."""
        day = self.office.day()
        self._said[day, label] = ticket
        self._own(day, label, ticket)

    def _own(self, day: str, label: str, ticket: str) -> None:
        owner = self._papers.setdefault((day, label), ticket)
        if owner != ticket:
            self.fault("I1", f"{label} on {day} is the number of {owner} and of {ticket}")

    def number_seen(self, visitor: "Visitor", kiosk: "KioskNode", screen: ShowingTicket) -> None:
        """A citizen reads a number."""
        self.world.count("numbers seen")
        self._seen.append((visitor, self.office.day(), screen.ticket.label))

    def cancelled(self, ref: str) -> None:
        self._cancelled.add(ref)

    def answered(self, hub: "HubNode", request: str, text: bytes) -> None:
        """A hub's answer to a clerk: the same however often it is asked."""
        before = self._answers.setdefault(f"{hub.name}/{request}", text)
        if before != text:
            self.fault("I15", f"{request} was answered {before!r} and {text!r}")

    def clerk_got(self, clerk: "Clerk", ticket: str) -> None:
        engine = clerk.hub.engine
        self._got[engine.epoch if engine else 0, ticket] += 1

    def announced(self, display: "DisplayNode", call: Call) -> None:
        """A voice begins."""
        self.world.count("announcements")
        self._announced[display.name][call.id] += 1
        hub_ms = display.memory.keeper.hub_ms() if display.memory else None
        if hub_ms is not None and hub_ms - call.at_ms > SAID_WITHIN_MS:
            self.fault("I11", f"{display.name} announced call {call.id} {(hub_ms - call.at_ms) / 1000:.0f} s late")
        if self._announced[display.name][call.id] > 1 and not self._disk_was_full:
            self.fault("I11", f"{display.name} announced call {call.id} again")

    def hub_started(self, hub: "HubNode") -> None:
        """A leader is there: what it acknowledged before, it has."""
        engine = hub.engine
        assert engine is not None
        marks = hub.store.marks()
        for (name, epoch, device, inc), acked in self._told.items():
            if name == hub.name and epoch == engine.epoch and inc:
                mark = marks.get((device, inc))
                if acked > (mark.seq if mark else 0):
                    self.fault("I9", f"{hub.name} forgot what it acknowledged to {device}: {acked}, has {mark}")

    def hub_round(self, hub: "HubNode") -> None:
        """After each round of a hub."""
        self._promptness.hub_round(hub)

    def display_began(self, display: "DisplayNode") -> None:
        """A display's app starts beside a running bridge."""
        self._promptness.app_began(display)

    def restoring(self) -> None:
        """From here on what came after the backup is known to devices alone; clerks' requests since are new ones."""
        self._lossy += 1
        self._answers.clear()

    def promoting(self, standby: "HubNode") -> None:
        """From here on what the leader before still decides is lost, and so is what the standby lacked."""
        self._lossy += 1
        leader = self.office.hubs[self.office.leader]
        if not leader.on or leader.store.head > standby.store.head:
            self.world.count("promotions of a standby that lacked entries")

    # --- a minute after everything was mended

    def healed(self) -> None:
        """Nothing is on its way any more."""
        marks = self._leader().store.marks()
        for device in [*self.office.kiosks, *self.office.displays]:
            journal = device.memory.keeper.journal  # type: ignore[attr-defined]
            mark = marks.get((device.name, journal.identity.inc))
            written_ms = device.clock.mono_ms() - UNDER_WAY_MS
            (due,) = journal._connection.execute(
                "SELECT coalesce(max(seq), 0) FROM event WHERE mono_ms < ? OR boot != ?",
                (written_ms, device.clock.boot),
            ).fetchone()
            if due > min(journal.acked, mark.seq if mark else 0):
                self.fault("I17", f"{device.name} has {due} events, {journal.acked} acknowledged, hub: {mark}")
            waiting = len(device.bridge.relay._downlink.waiting) if device.bridge else 0
            if waiting > MOST_WAITING:
                self.fault("I16", f"{waiting} entries wait in the bridge of {device.name}")
        for path in self.office.folder.rglob("*-wal"):
            if path.stat().st_size > MOST_WAL_BYTES:
                self.fault("I16", f"{path.name} has {path.stat().st_size} bytes")
        leaders = [hub.name for hub in self.office.hubs if hub.role == "leader"]
        if len(leaders) != 1:
            self.fault("I12", f"leaders after the heal: {leaders}")

    def is_drained(self) -> bool:
        """Whether nobody waits and nobody is served."""
        engine = self._leader().engine
        if engine is None:
            return False
        live = (State.WAITING, State.CALLED, State.SERVING, State.PARKED)
        return not any(t.state in live for t in engine.office.tickets.values())

    # --- at the end

    def judge(self) -> None:
        """Everything that can be said once all is over."""
        leader = self._leader()
        log = list(leader.store.entries_after(0))
        self.world.count("log entries", len(log))
        self._log_is_whole(log)
        self._papers_are_known(log)
        self._calls(log)
        self._visitors(log)
        self._displays(leader)
        self._journals(leader)
        self._files()
        for hub in self.office.hubs:
            self._chain(hub)
        if len(self.office.hubs) > 1:
            self._standby_is_same(leader)
        left = Counter(t.state for t in self._fold(log).tickets.values())
        for state in (State.NUMBERED, State.WAITING, State.CALLED, State.SERVING):
            if left[state]:
                self.fault("I4", f"{left[state]} tickets are {state} at the end")

    def digest(self) -> str:
        """Of the leader's log."""
        hub = self._leader()
        return hub.store.link_at(hub.store.head).hex()[:16] if hub.store.head else ""  # type: ignore[union-attr]

    def _leader(self) -> "HubNode":
        return next((h for h in self.office.hubs if h.role == "leader"), self.office.hubs[self.office.leader])

    def _fold(self, log: list[e.LogEntry]) -> Office:
        office = Office()
        for entry in log:
            office.apply(entry)
        return office

    def _log_is_whole(self, log: list[e.LogEntry]) -> None:
        places = [entry.n for entry in log]
        if places != list(range(1, len(log) + 1)):
            self.fault("I8", "the log has gaps")
        epochs = [entry.ep for entry in log]
        if epochs != sorted(epochs):
            self.fault("I12", "an entry of a lower epoch follows one of a higher")
        sources = Counter(entry.src for entry in log if entry.src is not None)
        takes: dict[tuple[str, int], int] = {}
        for entry in log:
            if entry.src is not None:
                journal = (entry.src.device, entry.src.inc)
                if entry.src.seq < takes.get(journal, 0):
                    self.fault("I8", f"{entry.src} after event {takes[journal]} of the same journal")
                takes[journal] = entry.src.seq
        for entry in log:
            if isinstance(entry.body, e.TicketNumbered) and entry.body.flag == "cancelled" and not self._lossy:
                self.fault("I7", f"{entry.body.label} was given to a booking that was known to be cancelled")
            if isinstance(entry.body, e.EventRejected):
                self.fault("I8", f"an honest event was rejected: {entry.src} {entry.body.reason}")
        self.world.count("device events in the log", len(sources))

    def _papers_are_known(self, log: list[e.LogEntry]) -> None:
        """Printed means in the hub."""
        known: dict[tuple[str, str], str] = {}
        same: dict[str, str] = {}
        day = ""
        for entry in log:
            body = entry.body
            if isinstance(body, e.DayOpened):
                day = body.day
            elif isinstance(body, e.TicketNumbered | e.LaneTicket | e.TicketAliased | e.PastTicket):
                if isinstance(body, e.TicketAliased):
                    same[body.ticket] = body.of
                owner = known.get((day, body.label), "")
                is_again = isinstance(body, e.TicketAliased) and body.of in (owner, same.get(owner))
                if not isinstance(body, e.PastTicket) and owner and not is_again:
                    self.fault("I1", f"{body.label} is twice in the log of {day}")
                known[day, body.label] = body.ticket
                self.world.count("lane tickets" if parse_label(body.label).slot else "main numbers")
        for (day, label), ticket in self._papers.items():
            found = known.get((day, label), "")
            if same.get(found, found) == same.get(ticket, ticket):
                continue
            if (day, label) in self._said and self._lossy:
                self.world.count("numbers said by clerks that a promotion lost")
                continue
            self.fault("I3", f"paper {label} of {ticket} is not in the log: {known.get((day, label))}")

    def _calls(self, log: list[e.LogEntry]) -> None:
        """Who was called, and whether it was their turn."""
        arrivals = self._true_arrivals()
        office = Office()
        calls: Counter[str] = Counter()
        chances: Counter[str] = Counter()
        moved: set[str] = set()
        for entry in log:
            body = entry.body
            match body:
                case e.TicketCalled() if not body.recall:
                    ticket = office.tickets[body.ticket]
                    if ticket.state not in (State.WAITING, State.PARKED, State.NO_SHOW):
                        self.fault("I7", f"{ticket.label} was called while it was {ticket.state}")
                    calls[body.ticket] += 1
                    self._is_fair(office, ticket, arrivals, moved)
                case e.TicketTransferred() | e.VisitWentOn():
                    old = office.tickets[body.ticket]
                    chances[body.ticket] += 1
                    moved.add(body.ticket)
                    if isinstance(body, e.VisitWentOn):
                        self.world.count("visits that went on")
                    if self.office.catalogue.order.transfer == "keep" and body.stands != old.stands:
                        self.fault("I14", f"{old.label} lost its place in a transfer")
                case e.TicketResumed() | e.TicketWaiting():
                    chances[body.ticket] += 1
                    if isinstance(body, e.TicketResumed):
                        moved.add(body.ticket)
                case e.LaneTicket():
                    chances[body.ticket] += 1
                case e.TicketAliased():
                    moved.add(body.of)
                case _:
                    pass
            office.apply(entry)
        self._are_told(office, calls, {x.body.ticket for x in log if isinstance(x.body, e.WantRefused)})
        self.world.count("calls", sum(calls.values()))
        for ticket_id, count in calls.items():
            if count > chances[ticket_id]:
                self.fault("I4", f"{office.tickets[ticket_id].label} was called {count} times")
        bookings: Counter[str] = Counter()
        for ticket_id in calls:
            booking = office.tickets[ticket_id].booking
            if booking:
                bookings[booking] += 1
        for ref, count in bookings.items():
            visits = [t for t in office.tickets.values() if t.booking == ref and t.state is not State.VOID]
            if count > 1 and not _are_visits(visits):
                self.fault("I13", f"booking {ref} was called as {[t.label for t in visits]}")
        for (epoch, ticket_id), count in self._got.items():
            if count > chances[ticket_id] and not self._lossy:
                self.fault("I4", f"{ticket_id} was given to {count} clerks in epoch {epoch}")

    def walk_in_was_left(self) -> None:
        """A clerk went to the other hub before the first said which number somebody got: it may be called in vain."""
        self._left += 1

    def _are_told(self, office: Office, calls: Counter[str], promised: set[str]) -> None:
        """Nobody is called by a number that no kiosk took, and that none was told for a booking shown again."""
        told = set(promised)
        labels = {label for _, label in self._said} | {label for _, _, label in self._seen}
        for kiosk in self.office.kiosks:
            journal = kiosk.memory.keeper.journal  # type: ignore[union-attr]
            for seq, body in journal._connection.execute("SELECT seq, body FROM event"):
                event = msgspec.json.decode(body, type=e.DeviceEvent)
                if isinstance(event, e.Print | e.Lane):
                    told.add(str(EventId(kiosk.name, journal.identity.inc, event.want or seq)))
        told |= {office.aliases[ticket] for ticket in told & set(office.aliases)}
        for ticket_id in calls:
            ticket = office.tickets[ticket_id]
            if ticket_id not in told and not labels & set(ticket.labels):
                if ticket_id.startswith("h") and self._left:
                    self._left -= 1
                    continue
                self.fault("I4", f"{ticket.label} of {ticket_id} was called, and nobody had that number")

    def _is_fair(
        self, office: Office, called: Ticket, arrivals: dict[str, tuple[int, str, int]], moved: set[str]
    ) -> None:
        """Nobody waits who came before the one that is called, by more than what clocks can know."""
        if called.stands.err_ms > MOST_UNSURE_MS:
            self.fault(
                "I6", f"{called.label} came {called.stands.err_ms / 1000:.1f} s before or after what was thought"
            )
        mine = arrivals.get(called.id)
        if mine is None or called.id in moved or called.kind != "walk_in":
            return
        came_ms, device, seq = mine
        for queue in office.queues.values():
            for _, other_id in queue:
                theirs = arrivals.get(other_id)
                other = office.tickets[other_id]
                if theirs is None or other_id in moved or other.kind != "walk_in" or other_id == called.id:
                    continue
                if theirs[1] == device and other.service == called.service and theirs[2] < seq:
                    self.fault("I5", f"{called.label} was called before {other.label}, issued earlier at {device}")
                known = called.stands.err_ms >= 0 and other.stands.err_ms >= 0
                if known and theirs[0] + called.stands.err_ms + other.stands.err_ms < came_ms:
                    self.fault(
                        "I6",
                        f"{called.label} was called while {other.label} waited, who came"
                        f" {(came_ms - theirs[0]) / 1000:.1f} s earlier",
                    )

    def _true_arrivals(self) -> dict[str, tuple[int, str, int]]:
        """Of each ticket: (world time, device, seq) of the event that asked for it."""
        found = {}
        for kiosk in self.office.kiosks:
            journal = kiosk.memory.keeper.journal  # type: ignore[union-attr]
            inc = journal.identity.inc
            rows = journal._connection.execute("SELECT seq, boot, mono_ms FROM event").fetchall()
            for seq, boot, mono_ms in rows:
                found[str(EventId(kiosk.name, inc, seq))] = (kiosk.clock.true_at(boot, mono_ms), kiosk.name, seq)
        return found

    def _visitors(self, log: list[e.LogEntry]) -> None:
        """One citizen, one place."""
        office = self._fold(log)
        for visitor in self.office.visitors:
            labels = {label for day, label in visitor.labels if day == office.day}
            if visitor.booking is None and len(labels) > 1:
                self.fault("I2", f"citizen {visitor.no} has the numbers {sorted(labels)}")
            tickets = {office.by_label.get(label) for label in labels}
            if None in tickets:
                self.fault("I3", f"citizen {visitor.no} saw {sorted(labels)}, which the hub does not know")
            found = [office.tickets[t] for t in tickets if t is not None]
            if visitor.booking is not None and len(found) > 1 and not _are_visits(found):
                self.fault("I2", f"one booking, two places: {sorted(labels)}")

    def _displays(self, leader: "HubNode") -> None:
        engine = leader.engine
        if engine is None:
            return
        for display in self.office.displays:
            if display.lobby.board != engine.office.board:
                self.fault("I11", f"{display.name} does not show what the hub's board says")
        if self.office.plan.weather.loss or self._disk_was_full or self._lossy:
            return
        calls = [
            (entry, entry.body) for entry in leader.store.entries_after(0) if isinstance(entry.body, e.TicketCalled)
        ]
        offset_ms = engine.now_ms() - self.world.now
        replaced = {one[1].ticket: one[0].n for one in calls}
        for entry, body in calls:
            at = entry.at_ms - offset_ms
            for display in self.office.displays:
                said = self._announced[display.name][entry.call_id]
                if replaced[body.ticket] == entry.n and not said and self._was_online(display.name, at):
                    self.fault("I11", f"{display.name} never announced {entry.call_id} of {body.labels}")

    def _was_online(self, device: str, at: int) -> bool:
        """Whether the link stood from a moment before a call until it was too old to say."""
        up = False
        for time, now_up in self._links[device]:
            if time <= at - 60_000:
                up = now_up
            elif time <= at + 31_000:
                return False
        return up

    def _journals(self, leader: "HubNode") -> None:
        """Device journals and the hub agree, and their chains hold."""
        marks = leader.store.marks()
        for device in [*self.office.kiosks, *self.office.displays]:
            journal = device.memory.keeper.journal  # type: ignore[attr-defined]
            inc = journal.identity.inc
            mark = marks.get((device.name, inc))
            if journal.head != (mark.seq if mark else 0):
                self.fault("I8", f"{device.name} wrote {journal.head} events, the hub has {mark}")
            rows = journal._connection.execute(
                "SELECT seq, boot, mono_ms, body, link FROM event ORDER BY seq"
            ).fetchall()
            broken = chain.first_break(chain.GENESIS, ((r[0], r[4], (r[0], r[1], r[2], r[3].encode())) for r in rows))
            if broken is not None:
                self.fault("I8", f"the chain of {device.name} breaks at {broken}")
            wants = {r[0] for r in rows if r[3].startswith('{"t":"want"')}
            ends: Counter[int] = Counter()
            for _, _, _, body, _ in rows:
                event = msgspec.json.decode(body, type=e.DeviceEvent)
                if isinstance(event, e.Print | e.Lane | e.Abandon) and event.want:
                    ends[event.want] += 1
            for want in wants:
                if ends[want] != 1:
                    self.fault("I10", f"want {want} of {device.name} has {ends[want]} ends")
            self.world.count("device events", len(rows))
            open_jobs = journal._connection.execute("SELECT count(*) FROM print_job WHERE state != 'ended'").fetchone()[
                0
            ]
            if open_jobs:
                self.fault("I10", f"{device.name} left {open_jobs} papers neither printed nor given up")
            owed = journal._connection.execute("SELECT count(*) FROM print_job").fetchone()[0]
            made = sum(1 for r in rows if r[3].startswith(('{"t":"print"', '{"t":"lane"')))
            if owed != made:
                self.fault("I10", f"{device.name} owes {owed} papers for {made} tickets")

    def _chain(self, hub: "HubNode") -> None:
        rows = hub.store._connection.execute(
            "SELECT n, ep, at_ms, device, inc, seq, body, link FROM log ORDER BY n"
        ).fetchall()
        broken = chain.first_break(
            chain.GENESIS,
            ((r[0], r[7], (r[0], r[1], r[2], str(EventId(*r[3:6])) if r[3] else "", r[6].encode())) for r in rows),
        )
        if broken is not None:
            self.fault("I8", f"the log of {hub.name} breaks at {broken}")
        labels = hub.store._connection.execute("SELECT label FROM label_used").fetchall()
        written = [
            msgspec.json.decode(r[6])["label"]
            for r in rows
            if r[6].startswith(('{"t":"ticket.numbered"', '{"t":"ticket.lane"', '{"t":"ticket.aliased"'))
        ]
        if len(labels) != len(set(written)):
            self.fault("I10", f"{hub.name}: {len(labels)} labels used, {len(written)} written")

    def _standby_is_same(self, leader: "HubNode") -> None:
        other = next(hub for hub in self.office.hubs if hub is not leader)
        if not other.on or other.role != "standby":
            self.fault("I9", f"{other.name} does not stand by: {other.role}")
        elif other.store.head != leader.store.head:
            self.fault("I9", f"the standby has {other.store.head} entries, the leader {leader.store.head}")
        elif other.store.link_at(other.store.head) != leader.store.link_at(leader.store.head):
            self.fault("I9", "the standby has another log than the leader")

    def _files(self) -> None:
        for path in self.office.folder.rglob("*"):
            if path.is_file() and PERSONAL in path.read_bytes():
                self.fault("I19", f"personal data in {path.name}")


def _are_visits(tickets: list[Ticket]) -> bool:
    """Whether all but the last of a booking's tickets were served to their end before the next one came."""
    done = sorted(tickets, key=lambda t: t.arrived_ms)
    return all(t.state is State.FINISHED for t in done[:-1])
