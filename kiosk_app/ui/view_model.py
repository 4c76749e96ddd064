"""What QML shows and what a finger says: properties out, one call in. Decides nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, QRectF, Signal, Slot

from hwlib.screen.pictures import PictureShow
from kiosk_app.core import events as ev
from kiosk_app.core.entering import can_identify, keys_of, most_of
from kiosk_app.core.paper import then_text
from kiosk_app.core.slots import offers_slots
from kiosk_app.core.states import Kiosk, Leaving, Mode, Problem, ShowingProblem, ShowingTicket, TicketFacts, Typing
from kiosk_app.core.waits import wait_text
from kiosk_app.ui.maintenance_model import MaintenanceModel
from kiosk_app.ui.offers import Finder, chosen_of, page_of, search_of, slip_of, slots_of
from officelib.catalogue import Catalogue, text_in
from officelib.spoken import spoken_label
from officelib.texts import RIGHT_TO_LEFT, Texts, in_language, isolated

Act = Callable[[ev.Event], None]
OF_A_BOOKING = frozenset({Problem.OTHER_DAY, Problem.TOO_EARLY})
"""Problems whose time is that of somebody's booking."""
TEMPLATES = frozenset(
    {
        "where_to_wait",
        "booked_at",
        "then",
        "typed_count",
        "fee",
        "keyboard",
        "wait_between",
        "late_sure",
        "late_maybe",
        "late_next",
        "called_to",
        "when",
        "when_today",
        "slip_code",
    }
)


class ViewModel(QObject):
    """The kiosk for QML."""

    changed = Signal()

    heard = Signal()
    """What the voice says, or where it is, is otherwise."""

    def __init__(
        self,
        texts: Mapping[str, Texts],
        spoken: Mapping[str, Texts],
        act: Act,
        hub_ms: Callable[[], int | None],
        too_high_mm: float = 0.0,
        maintenance: MaintenanceModel | None = None,
        pictures: PictureShow | None = None,
    ) -> None:
        """Args:
        texts: Of the kind "kiosk", by language.
        spoken: Of the kind "speech", by language.
        act: Takes what the citizen did.
        hub_ms: Hub time; None while it is unknown.
        too_high_mm: How much of the panel, from its top, nobody can reach from a wheelchair.
        maintenance: The page behind the technician's door, where there is one.
        pictures: For the first page, where there are any.
        """
        super().__init__()
        self._shipped = self._texts = dict(texts)
        self._spoken, self._act, self._hub_ms = spoken, act, hub_ms
        self._too_high_mm = too_high_mm
        self._kiosk = Kiosk()
        self._finder = Finder()
        self._ready: dict[str, dict[str, Any]] = {}
        self._maintenance = maintenance
        self._pictures = pictures
        if pictures is not None:
            pictures.changed.connect(self.pictured)
        self._caption = ""
        self._ring = QRectF()

    pictured = Signal()
    """Another picture is shown."""

    def show(self, kiosk: Kiosk) -> None:
        """The kiosk as it stands now."""
        self._ready.clear()
        if kiosk.catalogue is not self._kiosk.catalogue:
            own = kiosk.catalogue.texts if kiosk.catalogue else {}
            self._texts = {code: texts.with_own(own.get(code, {})) for code, texts in self._shipped.items()}
        self._kiosk = kiosk
        if self._maintenance is not None:
            self._maintenance.show(kiosk)
        self.changed.emit()

    def tell_voice(self, caption: str, ring: QRectF) -> None:
        """What the voice says now, and which place of the window it reads, in pixels."""
        if (caption, ring) != (self._caption, self._ring):
            self._caption, self._ring = caption, ring
            self.heard.emit()

    # --- what is shown

    @Property(str, notify=changed)
    def stateName(self) -> str:
        """Which page, and which kind of it."""
        screen = self._kiosk.screen
        match screen:
            case ShowingTicket():
                return f"ticket-{'again' if screen.again else screen.paper.value}"
            case ShowingProblem():
                return f"problem-{screen.problem.value}"
            case _:
                return type(screen).__name__.lower()

    @Property(str, notify=changed)
    def page(self) -> str:
        """Which page: the part of `stateName` before its kind."""
        return str(self.stateName).split("-", maxsplit=1)[0]

    @Property(str, notify=changed)
    def language(self) -> str:
        return self._kiosk.language

    @Property(bool, notify=changed)
    def mirrored(self) -> bool:
        return self._kiosk.language in RIGHT_TO_LEFT

    @Property(bool, notify=changed)
    def warning(self) -> bool:
        return self._kiosk.warning

    @Property(bool, notify=changed)
    def asksHelp(self) -> bool:
        """The page that calls somebody lies over the screen."""
        return self._kiosk.asks_help

    @Property(str, notify=changed)
    def helpState(self) -> str:
        """How that call stands."""
        return self._kiosk.help.state.value

    @Property(bool, notify=changed)
    def helpIsOpen(self) -> bool:
        """Somebody of the office may be on the way."""
        return bool(self._kiosk.help.asked)

    @Property(bool, notify=changed)
    def speaks(self) -> bool:
        return self._kiosk.speaks

    @Property(str, notify=pictured)
    def picture(self) -> str:
        """The first page's picture; empty for none."""
        return self._pictures.url if self._pictures is not None else ""

    @Property(str, notify=heard)
    def caption(self) -> str:
        """What the voice says, for the eyes."""
        return self._caption

    @Property(QRectF, notify=heard)
    def ring(self) -> QRectF:
        """Around what the voice reads."""
        return self._ring

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def modes(self) -> dict[str, bool]:
        """How the citizen wants the screen."""
        return {mode.value: mode in self._kiosk.modes for mode in Mode}

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def switches(self) -> list[dict[str, Any]]:
        """What can be switched here."""
        offered = [Mode.LARGE, Mode.CONTRAST]
        if self._too_high_mm > 0:
            offered.append(Mode.LOWERED)
        if self._kiosk.speaks:
            offered.append(Mode.CURTAIN)
        now = self._now()
        return [{"mode": m.value, "name": now.get(m.value), "on": m in self._kiosk.modes} for m in offered]

    @Property(QObject, constant=True)
    def maintenance(self) -> MaintenanceModel | None:
        return self._maintenance

    @Property(float, constant=True)
    def tooHighMm(self) -> float:
        return self._too_high_mm

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def t(self) -> dict[str, str]:
        """The fixed texts by key."""
        entries = self._now().entries
        return {key: entry for key, entry in entries.items() if isinstance(entry, str) and key not in TEMPLATES}

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def languages(self) -> list[dict[str, str]]:
        """The languages to choose from, each in its own name."""
        catalogue = self._kiosk.catalogue
        codes = catalogue.office.languages if catalogue else tuple(self._texts)
        return [{"code": code, "name": self._texts[code].get("language_name")} for code in codes if code in self._texts]

    @Property(str, notify=changed)
    def office(self) -> str:
        catalogue = self._kiosk.catalogue
        return text_in(catalogue.office.name, self._kiosk.language) if catalogue else ""

    @Property(str, notify=changed)
    def notice(self) -> str:
        """The office's newest message to everybody; empty for none."""
        catalogue, hub_ms = self._kiosk.catalogue, self._hub_ms()
        due = catalogue.notices_at(hub_ms) if catalogue and hub_ms is not None else ()
        return text_in(due[0].text, self._kiosk.language) if due else ""

    @Property(bool, notify=changed)
    def scans(self) -> bool:
        """A code that is held to the reader is read."""
        return self._kiosk.scans

    @Property(str, notify=changed)
    def scanHint(self) -> str:
        """What to do with a booking's code."""
        return self._now().get("scan_hint" if self._kiosk.scans else "scan_not")

    @Property(str, notify=changed)
    def clock(self) -> str:
        catalogue, hub_ms = self._kiosk.catalogue, self._hub_ms()
        return f"{catalogue.local(hub_ms):%H:%M}" if catalogue and hub_ms is not None else ""

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def offer(self) -> dict[str, Any]:
        """What can be had without a booking, as far as this page shows it."""
        return self._made("offer", lambda: page_of(self._kiosk, self._now()))

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def searching(self) -> dict[str, Any]:
        """What was typed of a service's name, and what fits it."""
        return self._made("searching", lambda: search_of(self._kiosk, self._now(), self._finder))

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def keyboard(self) -> list[str]:
        """The letters of the citizen's language, as on its keyboards, row by row."""
        return self._now().get("keyboard").split()

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def chosen(self) -> dict[str, Any]:
        """The service that waits for a yes."""
        return chosen_of(self._kiosk, self._now(), self._hub_ms())

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def slots(self) -> dict[str, Any]:
        """Times to come back at."""
        return self._made("slots", lambda: slots_of(self._kiosk, self._now(), self._hub_ms()))

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def slip(self) -> dict[str, Any]:
        """The booking that the citizen got."""
        return slip_of(self._kiosk, self._now(), self._hub_ms())

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def typing(self) -> dict[str, Any]:
        """The short code as far as it is typed, and its keys."""
        screen = self._kiosk.screen
        if not isinstance(screen, Typing):
            return {}
        return typing_of(self._kiosk, screen, self._now())

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def codeKeys(self) -> list[str]:
        """What can be typed here."""
        screen = self._kiosk.screen
        return list(keys_of(self._kiosk, screen)) if isinstance(screen, Typing) else []

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def ticket(self) -> dict[str, Any]:
        """The citizen's ticket."""
        screen, catalogue = self._kiosk.screen, self._kiosk.catalogue
        if not isinstance(screen, ShowingTicket) or catalogue is None:
            return {}
        ticket, now = screen.ticket, self._now()
        service = catalogue.services.get(ticket.service)
        status = "already" if screen.again else {"fault": "paper_fault"}.get(screen.paper.value, screen.paper.value)
        area = text_in(catalogue.office.waiting_area, self._kiosk.language)
        called = now.get("called_to", counter=isolated(screen.counter)) if screen.counter else ""
        return {
            "label": ticket.label,
            "spoken": spoken_label(ticket.label, in_language(self._spoken, self._kiosk.language, "")),
            "personal": bool(ticket.slot_ms) or screen.again,
            "service": text_in(service.name, self._kiosk.language) if service else "",
            "facts": [] if called else _ticket_facts(ticket, catalogue, self._kiosk.language, now),
            "where": "" if called else now.get("where_to_wait", place=area),
            "status": called or now.get(status),
            "called": bool(called),
            "fault": screen.paper.value == "fault",
            "printing": screen.paper.value == "printing",
            "lane": now.get("lane_note") if "-" in ticket.label and not screen.waits else "",
            "waits": screen.waits,
            "goesOn": bool(ticket.then),
            "copies": screen.paper.value != "printing" and bool(ticket.seq),
        }

    @Property(str, notify=changed)
    def leaving(self) -> str:
        """The number that its citizen may give up."""
        screen = self._kiosk.screen
        return isolated(screen.ticket.label) if isinstance(screen, Leaving) else ""

    @Property(str, notify=changed)
    def leavingSpoken(self) -> str:
        """That number as it is said."""
        screen = self._kiosk.screen
        spoken = in_language(self._spoken, self._kiosk.language, "")
        return spoken_label(screen.ticket.label, spoken) if isinstance(screen, Leaving) else ""

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def problem(self) -> dict[str, Any]:
        """Why there is no ticket, and what to do."""
        screen, now = self._kiosk.screen, self._now()
        if not isinstance(screen, ShowingProblem):
            return {}
        places = {"when": self._when(screen), "hours": self._hours()}
        parts = {part: now.get(f"{screen.problem.value}_{part}", **places) for part in ("title", "cause", "next")}
        slots = offers_slots(self._kiosk, self._hub_ms())
        return {**parts, "kind": screen.problem.value, "personal": screen.problem in OF_A_BOOKING, "slots": slots}

    # --- what a finger says

    @Slot()
    def start(self) -> None:
        self._act(ev.Started())

    @Slot(str)
    def chooseLanguage(self, language: str) -> None:
        self._act(ev.LanguageChosen(language))

    @Slot(str)
    def chooseService(self, service: str) -> None:
        self._act(ev.ServiceChosen(service, self._hub_ms()))

    @Slot(str)
    def chooseGroup(self, group: str) -> None:
        self._act(ev.GroupChosen(group))

    @Slot()
    def askSearch(self) -> None:
        self._act(ev.SearchAsked())

    @Slot()
    def switchPriority(self) -> None:
        self._act(ev.PrioritySwitched())

    @Slot()
    def printList(self) -> None:
        self._act(ev.LeafletAsked())

    @Slot()
    def askSlots(self) -> None:
        self._act(ev.SlotsAsked(self._hub_ms()))

    @Slot(float)
    def chooseSlot(self, slot_ms: float) -> None:
        self._act(ev.SlotChosen(int(slot_ms)))

    @Slot()
    def askTyping(self) -> None:
        self._act(ev.TypingAsked())

    @Slot()
    def askWho(self) -> None:
        self._act(ev.TypingAsked(who=True))

    @Slot(str)
    def typeKey(self, character: str) -> None:
        self._act(ev.KeyTyped(character))

    @Slot()
    def enterCode(self) -> None:
        self._act(ev.CodeEntered(self._hub_ms()))

    @Slot()
    def confirm(self) -> None:
        self._act(ev.Confirmed())

    @Slot()
    def back(self) -> None:
        self._act(ev.BackPressed())

    @Slot()
    def done(self) -> None:
        self._act(ev.DonePressed())

    @Slot()
    def stillHere(self) -> None:
        self._act(ev.StillHere())

    @Slot(str)
    def switchMode(self, mode: str) -> None:
        self._act(ev.ModeSwitched(Mode(mode)))

    @Slot()
    def askHelp(self) -> None:
        self._act(ev.HelpAsked())

    @Slot()
    def callHelp(self) -> None:
        self._act(ev.HelpCalled())

    @Slot()
    def giveUpHelp(self) -> None:
        self._act(ev.HelpGivenUp())

    @Slot()
    def askLeave(self) -> None:
        self._act(ev.LeaveAsked())

    @Slot()
    def leaveQueue(self) -> None:
        self._act(ev.LeaveConfirmed())

    @Slot(int)
    def rate(self, score: int) -> None:
        self._act(ev.ScoreChosen(score))

    @Slot()
    def printAgain(self) -> None:
        self._act(ev.CopyAsked())

    # ---

    def _made(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What many bindings read is made once for each state of the kiosk."""
        if name not in self._ready:
            self._ready[name] = make()
        return self._ready[name]

    def _now(self) -> Texts:
        return self._texts.get(self._kiosk.language) or next(iter(self._texts.values()))

    def _when(self, screen: ShowingProblem) -> str:
        catalogue = self._kiosk.catalogue
        if catalogue is None or not screen.at_ms:
            return ""
        moment = catalogue.local(screen.at_ms)
        form = "%d/%m/%Y, %H:%M" if screen.problem is Problem.OTHER_DAY else "%H:%M"
        return isolated(moment.strftime(form))

    def _hours(self) -> str:
        catalogue, hub_ms = self._kiosk.catalogue, self._hub_ms()
        if catalogue is None or hub_ms is None:
            return ""
        spans = catalogue.hours_on(catalogue.local(hub_ms))
        return isolated(", ".join(f"{start:%H:%M}\u2013{end:%H:%M}" for start, end in spans) or "\u2014")


def typing_of(kiosk: Kiosk, typing: Typing, now: Texts) -> dict[str, Any]:
    """What is typed. Of what the office knows people by, only the last character can be seen."""
    most, count = most_of(kiosk, typing), len(typing.text)
    identify = kiosk.catalogue.identify if kiosk.catalogue else None
    shown = "\u2022" * (count - 1) + typing.text[-1:] if typing.who else typing.text
    wrong, usual = ("who_wrong", "who_hint") if typing.who else ("typed_wrong", "typed_hint")
    return {
        "title": text_in(identify.name, kiosk.language) if typing.who and identify else now.get("type_title"),
        "text": isolated(shown + "_" * (most - count)),
        "spoken": ", ".join(typing.text) or now.get("typed_nothing"),
        "mask": now.get("typed_count", n=count, most=most),
        "hint": now.get("still_wrong" if typing.again else wrong if typing.is_wrong else usual),
        "wrong": typing.is_wrong,
        "who": typing.who,
        "noCode": not typing.who and can_identify(kiosk),
    }


def _ticket_facts(ticket: TicketFacts, catalogue: Catalogue, language: str, now: Texts) -> list[str]:
    booked = [now.get("booked_at", time=isolated(f"{catalogue.local(ticket.slot_ms):%H:%M}"))] if ticket.slot_ms else []
    party = [now.get("party", n=ticket.persons)] if ticket.persons > 1 else []
    facts = [" \u00b7 ".join([*booked, *party])]
    if ticket.ahead is not None:
        facts.append(now.get("people_ahead", n=ticket.ahead))
    facts.append(wait_text(ticket.wait_min, ticket.spread_min, now))
    facts.append(then_text(ticket.then, catalogue, language, now))
    return [fact for fact in facts if fact]
