"""Builds a kiosk from its configuration: the core between its devices, its memory, its bridge and its screen."""

import logging
import threading
from importlib.metadata import version
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from hwlib.errors import HardwareError
from hwlib.hotplug import Hotplug
from hwlib.keypad import JackMoved, KeyStruck, function_of
from hwlib.printer.document import Document
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.scanner import Scan
from hwlib.screen.loop import live
from hwlib.screen.panel import panel
from hwlib.screen.pictures import PictureShow
from hwlib.screen.remote import picture_of, show_name
from hwlib.screen.window import Stage, application, open_window
from kiosk_app.commissioning import HIGHEST_REACH_MM
from kiosk_app.config import KioskConfig
from kiosk_app.core import events as ev
from kiosk_app.core.audio_nav import Utterance
from kiosk_app.core.check_in import is_signed_code
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Kiosk, TicketFacts, Timings
from kiosk_app.devices import scanner_of
from kiosk_app.maintenance import LogTail, facts_of, page_of
from kiosk_app.memory import Memory
from kiosk_app.paper_out import Listeners, PaperOut
from kiosk_app.ui.audio_guide import AudioGuide
from kiosk_app.ui.maintenance_model import MaintenanceModel
from kiosk_app.ui.view_model import ViewModel
from officelib.assets import texts_folder
from officelib.clock import Clock, system_clock
from officelib.decoders import make_ready
from officelib.enrolment import read_admission, read_key
from officelib.errand import Outcome
from officelib.errors import KnownError
from officelib.health import OK, AppHealth
from officelib.identity import who_hash
from officelib.inbound import BridgeLink, ErrandCame, Inbound
from officelib.signature import Sign, signer, unsigned
from officelib.supervision import Supervision, begin_anew
from officelib.texts import in_language, languages_in, read_texts

log = logging.getLogger(__name__)

IDENTIFY_MS = 20_000
PRIVATE_PAGES = frozenset({"typing", "lookingup"})
"""Nobody far away sees these."""
CLOCK_MS = 10_000
SUBSYSTEMS = frozenset({"usb", "usbmisc", "tty", "input", "hidraw", "video4linux"})
"""Of devices that a kiosk has."""


class Director(QObject):
    """Runs the core in the GUI thread: events come in from every thread, effects go out to their owners."""

    _came = Signal(object)
    _errand = Signal(object)

    def __init__(self, config: KioskConfig, clock: Clock, folder: Path) -> None:
        """Args:
        config: The kiosk's.
        clock: The machine's.
        folder: Of the translations.
        """
        super().__init__()
        self._config, self._clock = config, clock
        languages = languages_in(folder, "kiosk")
        self._guide_texts = read_texts(folder, "guide", languages)
        self._maintenance_texts = read_texts(folder, "maintenance", languages)
        self._log_tail = LogTail()
        logging.getLogger().addHandler(self._log_tail)
        self._guide: AudioGuide | None = None
        self._parts: dict[str, str] = {}
        timings = Timings(
            answer_ms=config.answer_ms,
            idle_ms=config.idle_ms,
            warning_ms=config.warning_ms,
            speech_idle_ms=config.speech_idle_ms,
            ticket_ms=config.ticket_ms,
        )
        self.kiosk = Kiosk(language=config.language, timings=timings, door=config.door)
        self._came.connect(self._handle, Qt.ConnectionType.QueuedConnection)
        device = self._device = read_admission(config.identity).device
        self.memory = Memory(config.journal, device, clock, self._came.emit, sign=_sign_of(config.identity))
        self._errand.connect(self._run_errand, Qt.ConnectionType.QueuedConnection)
        self._stage: Stage | None = None
        self.link = BridgeLink(config.bridge_socket, self._hear)
        self.memory.keeper.poke_bridge = self.link.poke
        listeners = Listeners(self._came.emit, self._part_is, self._tell_health, self._end_errand)
        self.paper = PaperOut(config, read_texts(folder, "ticket", languages), self.memory, listeners)
        self.hotplug = Hotplug(lambda _: self._plugged(), SUBSYSTEMS)
        self.scanner = scanner_of(config, lambda text: is_signed_code(text, self.kiosk.keys), self._scanned)
        self.scanner.on_state = self._scanner_is
        self._pictures = PictureShow(None if config.pictures == Path() else config.pictures, config.picture_s)
        self._panel = panel(config.width_px, config.height_px, config.diagonal_in)
        self.view_model = ViewModel(
            read_texts(folder, "kiosk", languages),
            read_texts(folder, "speech", languages),
            self._handle,
            self.memory.keeper.hub_ms,
            config.screen_bottom_mm + self._panel.height_mm - HIGHEST_REACH_MM,
            MaintenanceModel(self._maintenance_texts, self._handle, self._facts, lambda: list(self._log_tail.lines)),
            self._pictures,
        )
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(lambda: self._handle(ev.TimePassed()))
        self._minute = QTimer(self, interval=CLOCK_MS)
        self._minute.timeout.connect(self._look_around)

    def open(self) -> Stage:
        """Show the window, and give the kiosk its voice.

        Raises:
            KnownError: what the configuration says of keypad and sound cannot be.
        """
        control = self._config.control_socket if self._config.control_socket != Path() else None
        stage = open_window(
            Path(__file__).parent / "ui" / "qml" / "Main.qml",
            {"kiosk": self.view_model},
            self._panel,
            full_screen=self._config.full_screen,
            control=control,
            on_key=self._key,
        )
        self._guide = AudioGuide(
            self._config, self._clock, self._guide_texts, self.view_model, stage.window, self._handle
        )
        self._stage = stage
        return stage

    def _key(self, name: str) -> None:
        """A simulated keypad's; "jack_in" and "jack_out" for its jack."""
        guide = self._guide
        if guide is not None:
            jack = name.startswith("jack_")
            guide.obey(JackMoved(name == "jack_in") if jack else KeyStruck(function_of(name)))

    def start(self) -> None:
        """Begin to listen to everything."""
        self.view_model.show(self.kiosk)
        if self._guide is not None:
            self._guide.start()
        self.memory.start()
        self.link.start()
        self._tell_health()
        self.paper.start()
        self.hotplug.start()
        self.scanner.start()
        self._pictures.start()
        self._minute.start()

    def stop(self) -> None:
        """End, with the journal closed."""
        logging.getLogger().removeHandler(self._log_tail)
        self._stage = None
        if self._guide is not None:
            self._guide.stop()
        self.scanner.stop()
        self.link.stop()
        self.hotplug.stop()
        self.paper.stop()
        self.memory.stop()

    @property
    def is_unused(self) -> bool:
        """Nobody stands before the screen."""
        return isinstance(self.kiosk.screen, Attract) and self.kiosk.due_ms is None

    def _tell_health(self) -> None:
        """How the kiosk is, for the office's hub; called in any thread."""
        left = self.paper.tickets_left
        figures = {} if left is None else {"tickets_left": float(left)}
        self.link.tell_health(AppHealth(version("antesala"), dict(self._parts), figures))

    def _look_around(self) -> None:
        """The clock on the page; whether there is a panel that shows it."""
        self.view_model.changed.emit()
        problem = self._stage.place.problem if self._stage else ""
        if problem or "screen" in self._parts:
            self._part_is("screen", problem or OK)

    def _part_is(self, name: str, state: str) -> None:
        """Told where it is new; called in any thread."""
        if self._parts.get(name) != state:
            self._parts[name] = state
            self._tell_health()

    def _scanner_is(self, why_not: str) -> None:
        """Called in the scanner's thread."""
        self._part_is("scanner", f"absent, {why_not}: see that it is plugged in" if why_not else OK)
        self._came.emit(ev.ScannerSwitched(not why_not))

    def _hear(self, line: Inbound) -> None:
        """What the bridge says; called in the link's thread."""
        if isinstance(line, ErrandCame):
            self._errand.emit(line)
        else:
            self.memory.hear(line)

    def _run_errand(self, errand: ErrandCame) -> None:
        """Somebody of IT wants something."""
        try:
            self._do_errand(errand)
        except HardwareError as error:
            self._end_errand(errand.errand, str(error))

    def _do_errand(self, errand: ErrandCame) -> None:
        """What a citizen types now is nobody's to see."""
        stage = self._stage
        match errand.kind:
            case "identify" if stage is not None:
                show_name(stage, self._device, IDENTIFY_MS)
                if self._guide is not None:
                    self._guide.say_once(Utterance(self._device, self.kiosk.language))
                self._end_errand(errand.errand)
            case "picture" if stage is not None and str(self.view_model.page) in PRIVATE_PAGES:
                self._end_errand(errand.errand, "a citizen types there; ask again in a minute")
            case "picture" if stage is not None:
                self.link.end_errand(Outcome(errand.errand, "done", picture=picture_of(stage.window)))
            case "test_print":
                self.paper.test(self._test_page(), errand.errand)
            case _:
                self._end_errand(errand.errand, "this kiosk does not do that")

    def _end_errand(self, errand: int, why_not: str = "") -> None:
        self.link.end_errand(Outcome(errand, "failed" if why_not else "done", why_not))

    def _scanned(self, scan: Scan) -> None:
        self._came.emit(ev.ScanFailed() if scan.problem else ev.CodeScanned(scan.text, self.memory.keeper.hub_ms()))

    def _plugged(self) -> None:
        self.paper.look_again()
        self.scanner.look_again()
        if self._guide is not None:
            self._guide.look_again()

    def _handle(self, event: ev.Event) -> None:
        self.kiosk, effects = step(self.kiosk, event, self._clock.mono_ms())
        for effect in effects:
            self._do(effect)
        self._arm()
        self.view_model.show(self.kiosk)

    def _do(self, effect: ev.Effect) -> None:
        match effect:
            case ev.PrintPaper():
                self.paper.ticket(effect.ticket, self.kiosk.catalogue)
            case ev.PrintLeaflet():
                self.paper.leaflet(effect.service, effect.language, self.kiosk.catalogue)
            case ev.AskBooking():
                self._ask_booking(effect)
            case ev.CallHelp():
                self.link.call_help(effect.asked, on=effect.on)
                if effect.on:
                    unanswered = ev.HelpUnanswered(effect.asked)
                    QTimer.singleShot(self.kiosk.timings.reserve_ms, self, lambda: self._handle(unanswered))
            case ev.PrintSlip():
                self.paper.slip(effect.slip, self.kiosk.catalogue)
            case ev.RunTest():
                self._run_test(effect)
            case (
                ev.LookUpBooking()
                | ev.WriteWant()
                | ev.WritePrint()
                | ev.WriteLane()
                | ev.WriteAbandon()
                | ev.WriteBook()
                | ev.WriteBooked()
                | ev.TellPaper()
                | ev.WriteLeft()
                | ev.ForgetBooking()
                | ev.WriteRating()
            ):
                self.memory.do(effect)
            case _:
                assert_never(effect)

    def _ask_booking(self, effect: ev.AskBooking) -> None:
        """The hash takes a moment: the screen does not wait for it."""

        def ask() -> None:
            self.link.ask_booking(who_hash(effect.typed, effect.office), effect.asked)

        threading.Thread(target=ask, name="who", daemon=True).start()

    def _facts(self) -> dict[str, str]:
        """The device's state, for a technician."""
        return facts_of(self.kiosk, self._device, self._parts, self._config.journal, self.memory.keeper.hub_ms)

    def _run_test(self, test: ev.RunTest) -> None:
        texts = in_language(self._maintenance_texts, self.kiosk.language, "")
        if test.what == "sound":
            if self._guide is not None:
                self._guide.say_once(Utterance(texts.get("test_sentence"), texts.language))
            return
        self.paper.test(self._test_page())

    def _test_page(self) -> Document:
        return page_of(self._facts(), in_language(self._maintenance_texts, self.kiosk.language, ""))

    def _arm(self) -> None:
        due_ms = self.kiosk.due_ms
        if due_ms is None:
            self._timer.stop()
        else:
            self._timer.start(max(0, due_ms - self._clock.mono_ms()))


def serve(config: KioskConfig) -> int:
    """Run a kiosk until SIGTERM or SIGINT, or until its window is closed; SIGHUP: with its configuration read anew."""
    make_ready(TicketFacts, PaperGauge)
    supervision = Supervision()
    app = application("kiosk-app")
    director = Director(config, system_clock(), texts_folder(config.texts))
    stage = director.open()
    director.start()
    anew = live(
        app,
        stage.window,
        painted=lambda: supervision.ready("the screen is up"),
        turned=supervision.fed,
        may_begin_anew=lambda: director.is_unused,
    )
    (supervision.beginning_anew if anew else supervision.ending)()
    director.stop()
    del stage
    return begin_anew() if anew else 0


def _sign_of(identity: Path) -> Sign:
    """Signs papers; a device that was revoked has no key, gives no tickets, and says so on its screen."""
    try:
        return signer(read_key(identity))
    except KnownError as error:
        log.error("%s", error)
        return unsigned
