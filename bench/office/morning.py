"""A scripted morning: citizens arrive, clerks call, things go wrong, and nothing is lost."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench.office.citizens import Entrance, Outcome, Papers, morning_bookings, opening_ms
from bench.office.citizens import booking as one_booking
from bench.office.clerk import ClerkClient
from bench.office.console_pictures import take_console_pictures
from bench.office.listener import Listener
from bench.office.phone import Phone
from bench.office.report import Notes, due_calls
from bench.office.stage import CLERKS, DISPLAY, KIOSK, Stage, wait_for
from hwlib.sim.control import command
from office_hub.tools import read_log
from officelib import events as e
from officelib.catalogue_file import read_catalogue
from officelib.journal.outbox import Outbox

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
DEBOUNCE_S = 2.2
NOTICE_S = 5
PHONE_S = 3


@dataclass
class Desk:
    """A clerk at work, with the board in sight."""

    stage: Stage
    notes: Notes
    client: ClerkClient
    counter: str
    served: list[str] = field(default_factory=list)

    def call_next(self) -> str:
        """Call the next ticket and wait until the board shows it; "" when nobody waits."""
        answer = self.client.do("call_next")
        if answer["answer"] != "done":
            return ""
        self._wait_for_board(answer)
        return str(answer["label"])

    def recall(self) -> None:
        """Call the ticket at the counter again."""
        self.client.do("recall")

    def serve(self) -> None:
        """Begin and end."""
        self.client.do("start")
        answer = self.client.do("finish")
        self.served.append(str(answer.get("label", "")))

    def _wait_for_board(self, answer: dict[str, Any]) -> None:
        """Until the number stands on the display, large or, when another call overtook it, in the list."""
        found: list[int] = []

        def painted() -> bool:
            frames = command(self.stage.control("display"), look=True)["painted"]
            found.extend(at for at, mark in frames if at >= answer["mono_ms"] and answer["label"] in mark.split())
            return bool(found)

        wait_for(painted, f"the board to show {answer['label']}", 10)
        self.notes.call_to_board_ms.append(found[0] - answer["mono_ms"])


class Morning:
    """The script. Each part leaves its checks in `notes`."""

    def __init__(self, stage: Stage, notes: Notes) -> None:
        self.stage, self.notes = stage, notes
        self.entrance = Entrance(stage)
        self.papers = Papers(stage, stage.run / "papers")
        self.desks = [
            Desk(stage, notes, ClerkClient(stage.console, clerk, CLERKS[clerk][1], counter), counter)
            for clerk, counter in (("ana", "c1"), ("biel", "c2"))
        ]
        self.labels: dict[str, str] = {}

    def play(self) -> None:
        """From the doors' opening to their closing."""
        self._open()
        start_ms = opening_ms(self.stage)
        bookings = morning_bookings(start_ms)
        self.papers.issue(bookings, listed=True)
        self._first_arrivals([b.short for b in bookings])
        self._wrong_codes(start_ms)
        self._notice()
        self._first_calls()
        self._outage()
        self._paper_out()
        self._late_arrivals([b.short for b in bookings])
        self._by_ear()
        self._idle_citizen()
        if take_console_pictures(self.stage):
            self._say("a third clerk serves in a browser, by keyboard alone")
        self._serve_everybody()
        self._close()

    def _open(self) -> None:
        self._say("the office opens")
        self.entrance.until("attract")
        for desk in self.desks:
            desk.client.sign_in()
        wait_for(self._everybody_is_there, "all devices to be on line")
        self.entrance.picture("attract")
        self._display("waiting")

    def _everybody_is_there(self) -> bool:
        on = self.desks[0].client.view()["devices"]
        return bool(on.get(KIOSK) and on.get(DISPLAY) and self._granted("kiosk") and self._granted("display"))

    def _granted(self, role: str) -> bool:
        outbox = Outbox(self.stage.run / role / "journal.db")
        identity = outbox.identity()
        outbox.close()
        return identity is not None and identity.inc > 0

    def _first_arrivals(self, codes: list[str]) -> None:
        self._say("eight booked citizens and four others arrive")
        walk_ins = iter((("register", ""), ("certificates", "ca"), ("taxes", "en"), ("entry", "fr")))
        for number, short in enumerate(codes[:8]):
            self._booked(short)
            if number % 2:
                self._walk_in(*next(walk_ins))
        time.sleep(DEBOUNCE_S)
        again = self.entrance.scan(self.papers.codes[codes[7]], "ticket-again")
        self.entrance.leave()
        same = again.label == self.labels[codes[7]]
        self.notes.check("a code scanned twice shows the same ticket", same, f"{again.label}, {self.labels[codes[7]]}")

    def _wrong_codes(self, start_ms: int) -> None:
        self._say("codes that are wrong")
        other_day = one_booking(30, "register", start_ms + 24 * HOUR_MS)
        early = one_booking(31, "taxes", start_ms + 6 * HOUR_MS)
        self.papers.issue([other_day, early], listed=False)
        good = self.papers.codes[early.short]
        for code, state in (
            (good[:-1] + ("A" if good[-1] != "A" else "B"), "problem-invalid_code"),
            ("8412345678905", "problem-invalid_code"),
            (self.papers.codes[other_day.short], "problem-other_day"),
            (self.papers.of_other_office(self.stage.catalogue, start_ms), "problem-other_office"),
            (good, "problem-too_early"),
        ):
            seen = self.entrance.scan(code, state)
            self.notes.check(f"{state} is told, and gives no ticket", seen.state == state and not seen.label, seen)
            self.entrance.leave()

    def _notice(self) -> None:
        """A message to everybody, written on a page, seen at the kiosk, taken back."""
        self._say("staff writes a notice")
        biel, languages = self.desks[1].client, self.stage.catalogue.office.languages
        text = {f"text.{language}": self.stage.catalogue.office.name[language] + " …" for language in languages}
        biel.edit("office/notices", end="2099-12-31T00:00", **text)
        saved = time.monotonic()
        wait_for(lambda: "notice" in self.entrance.look()["items"], "the kiosk to show the notice", NOTICE_S)
        took_s = time.monotonic() - saved
        self.notes.check("a notice is on the kiosk within seconds", took_s < NOTICE_S, f"{took_s:.1f} s")
        self.entrance.picture("notice")
        kept = read_catalogue(self.stage.run / "office.toml").notice
        biel.edit("office/notices", remove=kept[0].id)
        wait_for(lambda: "notice" not in self.entrance.look()["items"], "the notice to go away", NOTICE_S)

    def _first_calls(self) -> None:
        self._say("two clerks call: one ticket is called again, one is transferred, one does not come")
        ana, biel = self.desks
        first = ana.client.view()["waiting"][0]["label"]
        phone = Phone(self.stage.code_of_paper(first))
        self.notes.check("the paper's code opens its page on a phone", phone.state == "waiting" and first in phone.html)
        called = ana.call_next()
        self.notes.check("a first call", called == first, called)
        self.notes.check("a phone is told of its call", phone.hears("called", PHONE_S), phone.states)
        self._display("calling")
        ana.recall()
        ana.serve()
        called = biel.call_next()
        wait_for(lambda: (biel.client.mine() or {}).get("label") == called, f"{called} at the second counter")
        mine = biel.client.mine() or {}
        moved = biel.client.do("transfer", ticket=mine["id"], rev=mine["rev"], service="social")
        self.notes.check("a transfer", moved["answer"] == "done", moved)
        stale = biel.client.do("transfer", ticket=mine["id"], rev=mine["rev"], service="taxes")
        self.notes.check("a transfer of what was seen before is refused", stale.get("reason") == "stale", stale)
        absent = ana.call_next()
        ana.client.do("no_show")
        self.notes.check("a no-show", absent)
        ana.call_next()
        parked = ana.client.do("park")
        resumed = ana.client.do("resume", ticket=parked["ticket"])
        self.notes.check("a ticket is parked and resumed", resumed["answer"] == "done", resumed)
        both: list[str] = []
        threads = [threading.Thread(target=lambda d=desk: both.append(d.call_next())) for desk in self.desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.notes.check("two clerks at once get two tickets", len(set(both)) == 2 and all(both), both)
        for desk in self.desks:
            desk.serve()
        self._display("listed")

    def _outage(self) -> None:
        self._say("the broker is killed; two walk-ins take tickets; it comes back")
        self.stage.kill("broker")
        wait_for(
            lambda: command(self.stage.control("display"), look=True)["screen"].endswith("offline"),
            "the display to say that it is off line",
        )
        self._display("offline")
        for service, language in (("register", "ar"), ("certificates", "")):
            seen = self._walk_in(service, language)
            self.notes.check("a ticket without a hub is of the kiosk's lane", "-" in seen.label, seen)
        self._paper_at_the_counter(seen.label)
        self.stage.start("broker")
        wait_for(lambda: self._reached_hub("1-"), "the lane's tickets to reach the hub")
        wait_for(
            lambda: not command(self.stage.control("display"), look=True)["screen"].endswith("offline"),
            "the display to be on line again",
        )

    def _paper_at_the_counter(self, label: str) -> None:
        """A ticket that the hub has not heard of: its paper brings it."""
        clerk = self.desks[0].client
        known = {ticket["label"] for ticket in clerk.view()["waiting"]}
        code = self.stage.code_of_paper(label)
        answers = [clerk.do("take_paper", code=code) for _ in range(2)]
        waiting = [ticket["label"] for ticket in clerk.view()["waiting"]]
        self.notes.check(
            "the paper of a kiosk that is cut off is enough, and counts once",
            label not in known and waiting.count(label) == 1 and {a.get("label") for a in answers} == {label},
            answers,
        )

    def _reached_hub(self, part: str) -> bool:
        waiting = self.desks[0].client.view()["waiting"]
        return sum(part in ticket["label"] for ticket in waiting) == 2

    def _paper_out(self) -> None:
        self._say("the printer runs out of paper in front of a citizen")
        command(self.stage.control("printer"), paper=False)
        seen = self._walk_in("information", "", "ticket-fault")
        self.notes.check("without paper the number is on the screen", seen.state == "ticket-fault" and seen.label, seen)
        command(self.stage.control("printer"), paper=True)

    def _late_arrivals(self, codes: list[str]) -> None:
        self._say("the other booked citizens, one of them late, and three walk-ins")
        for short in codes[8:]:
            self._booked(short)
        for service, language in (("taxes", ""), ("social", "ca"), ("information", "en")):
            self._walk_in(service, language)

    def _by_ear(self) -> None:
        self._say("a citizen who does not see takes a ticket, by keypad and ear")
        heard = Listener(self.stage).takes_a_ticket("social")
        number = [text for text in heard if any(letter.isdigit() for letter in text) and "," in text]
        self.notes.check("a ticket is taken by keypad and ear alone", number and self.entrance.until("attract"), heard)

    def _idle_citizen(self) -> None:
        self._say("a citizen walks away")
        self.entrance.touch("start")
        wait_for(lambda: "still-here" in self.entrance.look()["items"], "the warning", 20)
        self.entrance.picture("warning")
        self.entrance.touch("still-here")
        self.entrance.until("choosing")
        self.entrance.until("attract")

    def _serve_everybody(self) -> None:
        self._say("everybody is served")
        threads = [threading.Thread(target=self._drain, args=(desk,)) for desk in self.desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        wait_for(lambda: self.desks[0].client.view()["waiting_total"] == 0, "the console to list nobody", 5)

    def _drain(self, desk: Desk) -> None:
        while desk.call_next():
            desk.serve()

    def _close(self) -> None:
        self._say("the doors close")
        self.desks[0].client.do("close_doors")
        self.entrance.touch("start")

        def refused() -> bool:
            seen = self.entrance.look()
            if seen["screen"] == "confirming":
                self.entrance.touch("back")
            if seen["screen"] in ("choosing", "confirming"):
                self.entrance.until("choosing")
                self.entrance.touch("service-register")
            return bool(seen["screen"] == "problem-closed")

        wait_for(refused, "the kiosk to say that the office is closed")
        self.entrance.picture("problem-closed")
        self.notes.check("a closed office gives no ticket", refused())
        self.notes.check("no process ended by itself", not self.stage.ended(), self.stage.ended())
        wait_for(self._all_told, "the last announcement to be reported", 40)

    def _all_told(self) -> bool:
        for role in ("kiosk", "display"):
            outbox = Outbox(self.stage.run / role / "journal.db")
            behind = outbox.head() - outbox.epoch_and_acked()[1]
            outbox.close()
            if behind:
                return False
        log_now = read_log(self.stage.hub_config.database)
        told = {entry.body.call for entry in log_now if isinstance(entry.body, e.CallAnnounced)}
        return due_calls(log_now) <= told

    def _booked(self, short: str) -> Outcome:
        seen = self.entrance.scan(self.papers.codes[short])
        self.labels[short] = seen.label
        self.notes.scan_to_answer_ms.append(seen.answer_ms)
        self.entrance.leave()
        return seen

    def _walk_in(self, service: str, language: str = "", *expected: str) -> Outcome:
        before = command(self.stage.control("printer"))["first_byte_mono_ms"]
        seen = self.entrance.walk_in(service, language, *expected)
        touched_ms = self.entrance.look()["touched_ms"]
        bytes_ms = command(self.stage.control("printer"))["first_byte_mono_ms"]
        if len(bytes_ms) > len(before):
            self.notes.touch_to_first_byte_ms.append(bytes_ms[-1] - touched_ms)
        self.entrance.leave()
        return seen

    def _display(self, name: str) -> None:
        command(self.stage.control("display"), picture=str(self.stage.out / "display" / f"{name}.png"))

    def _say(self, what: str) -> None:
        log.info("%s", what)
