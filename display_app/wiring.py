"""Builds a display from its configuration: board, announcer and voice between the bridge and the screen."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from display_app.config import DisplayConfig
from display_app.core import lobby
from display_app.core.lobby import Lobby
from display_app.core.phrases import sentence
from display_app.core.scene import Scene, scene_of
from display_app.core.schedule import span_at
from display_app.media import Schedule
from display_app.memory import Memory
from display_app.screens import Fitted, setup_of
from display_app.ui.view_model import ViewModel
from display_app.voice import Order, Outcome, Voice
from hwlib.audio.player import AlsaPlayer, FolderPlayer, Player
from hwlib.audio.speech import Speech
from hwlib.contact import Contact
from hwlib.errors import HardwareError
from hwlib.screen.loop import live
from hwlib.screen.pictures import PictureShow
from hwlib.screen.power import PanelPower, Wanted
from hwlib.screen.remote import picture_of, show_name
from hwlib.screen.window import Stage, application, open_window
from officelib import inbound
from officelib.assets import texts_folder
from officelib.board import Call
from officelib.clock import Clock, system_clock
from officelib.decoders import make_ready
from officelib.enrolment import read_admission
from officelib.errand import Outcome as ErrandOutcome
from officelib.health import OK, AppHealth
from officelib.supervision import Supervision, begin_anew
from officelib.texts import Texts, languages_in, read_texts

log = logging.getLogger(__name__)

SECOND_MS = 1_000
MISSED_S = 30
"""A television that is switched on needs so long at most until it is there."""
AGAIN = ".again"
"""Ends the name of a sound that repeats another one."""
FULL_PERCENT = 100
IDENTIFY = "identify"
IDENTIFY_MS = 20_000
FIRST = Call("", "", ("A001",), "1", 0, "")
"""Said to nobody at the start: the voice is awake when the first call comes."""


class View:
    """One screen: what it is for, what it shows, and its pictures."""

    def __init__(
        self, fitted: Fitted, texts: Mapping[str, Texts], config: DisplayConfig, now: Callable[[], datetime | None]
    ) -> None:
        self.fitted = fitted
        width_mm = fitted.panel.width_px * fitted.panel.pitch_mm
        self.model = ViewModel(texts, config.language, fitted.layout, width_mm, fitted.arrows, still=config.still)
        folder = None if fitted.config.pictures == Path() else fitted.config.pictures
        schedule = Schedule(folder) if folder else None
        self.pictures = PictureShow(
            folder, fitted.config.picture_s, lambda path: schedule is None or schedule.is_due(path, now())
        )

    def show(self, now: Lobby, hub_ms: int | None) -> Scene:
        """The screen as it is to be; returns what it shows."""
        screen = replace(self.fitted.screen, has_pictures=bool(self.pictures.url))
        scene = scene_of(now, screen, hub_ms, self.model.language)
        self.model.show(scene, now.catalogue, hub_ms, self.pictures.url)
        return scene


class Director(QObject):
    """Runs the core in the GUI thread."""

    _heard = Signal(object)
    _claimed = Signal(object, bool)
    _spoken = Signal(object, str)
    _alarm = Signal(bool)
    _errand = Signal(object)

    def __init__(
        self, config: DisplayConfig, clock: Clock, texts: Mapping[str, Texts], phrases: Mapping[str, Texts]
    ) -> None:
        super().__init__()
        setup = setup_of(config)
        self._phrases, self._dimmed = phrases, setup.dimmed
        self._lobby = Lobby(rules=setup.rules)
        self._default = config.language
        for incoming, handler in (
            (self._heard, self._hear),
            (self._claimed, self._was_claimed),
            (self._spoken, self._was_said),
            (self._alarm, self._was_alarmed),
            (self._errand, self._run_errand),
        ):
            incoming.connect(handler, Qt.ConnectionType.QueuedConnection)
        device = self._device = read_admission(config.identity).device
        self.stages: list[Stage] = []
        self.memory = Memory(config.journal, device, clock, self._heard.emit)
        self.link = inbound.BridgeLink(config.bridge_socket, self._take_in)
        self.memory.keeper.poke_bridge = self.link.poke
        speech = Speech(config.speech_cache, engine=config.voice, folder=config.voice_folder)
        has_loop = bool(config.loop_device)
        self.voice = Voice(speech, player_of(config), self._spoken.emit, loop=has_loop)
        self.views = tuple(View(one, texts, config, self._local) for one in setup.screens)
        for view in self.views:
            view.pictures.changed.connect(self._show)
        self._power = PanelPower(config.panel_off_by, config.dim_by)
        self._contact = Contact(config.alarm_contact, self._alarm.emit) if config.alarm_contact else None
        self._voice_is, self._is_lit, self._missed_s = OK, True, 0
        self.parts: dict[str, str] = {}
        self._second = QTimer(self, interval=SECOND_MS)
        self._second.timeout.connect(self.pass_second)

    def start(self) -> None:
        """Begin to listen."""
        self._show()
        self.memory.start()
        self.link.start()
        self._tell_health()
        self.voice.start()
        self.voice.prepare(self._order(FIRST, self._default))
        self._power.start()
        for part in (self._contact, *(view.pictures for view in self.views)):
            if part is not None:
                part.start()
        self._second.start()

    def stop(self) -> None:
        """End, with the journal closed."""
        if self._contact is not None:
            self._contact.stop()
        self.link.stop()
        self.voice.stop()
        self._power.stop()
        self.memory.stop()

    def _take_in(self, line: inbound.Inbound) -> None:
        """What the bridge says; called in the link's thread."""
        if isinstance(line, inbound.ErrandCame):
            self._errand.emit(line)
        else:
            self.memory.take_in(line)

    def _run_errand(self, errand: inbound.ErrandCame) -> None:
        """Somebody of IT wants something."""
        try:
            self._do_errand(errand)
        except HardwareError as error:
            self.link.end_errand(ErrandOutcome(errand.errand, "failed", str(error)))

    def _do_errand(self, errand: inbound.ErrandCame) -> None:
        """A name is said as a call is, with its chime."""
        match errand.kind, self.stages:
            case "identify", [_, *_] as stages:
                for stage in stages:
                    show_name(stage, self._device, IDENTIFY_MS)
                self.voice.say(Order(IDENTIFY, ((self._device, self._default),), IDENTIFY))
                self.link.end_errand(ErrandOutcome(errand.errand, "done"))
            case "picture", [stage, *_]:
                self.link.end_errand(ErrandOutcome(errand.errand, "done", picture=picture_of(stage.window)))
            case _:
                self.link.end_errand(ErrandOutcome(errand.errand, "failed", "this display does not do that"))

    def _hear(self, line: inbound.Inbound) -> None:
        self._handle(lobby.Heard(line))

    def _was_claimed(self, call: Call, first: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self._handle(lobby.Claimed(call, first))

    def _was_alarmed(self, on: bool) -> None:  # noqa: FBT001 (a Qt slot)
        log.warning("the alarm's contact is %s", "closed: the display is silent" if on else "open again")
        self._handle(lobby.AlarmChanged(on))

    @property
    def is_silent(self) -> bool:
        """No call is being said, or is about to be."""
        return self._lobby.is_silent

    def _local(self) -> datetime | None:
        """The office's local time, where it is known."""
        hub_ms, catalogue = self.memory.keeper.hub_ms(), self._lobby.catalogue
        return None if hub_ms is None or catalogue is None else catalogue.local(hub_ms)

    def pass_second(self) -> None:
        """Called once a second."""
        self._handle(lobby.TimePassed())
        is_missed = self._is_lit and any(stage.place.problem for stage in self.stages)
        self._missed_s = self._missed_s + 1 if is_missed else 0
        self._tell_health()

    def _tell_health(self) -> None:
        """How the display is, for the office's hub, where that has changed."""
        parts = {"voice": self._voice_is, "screen": "; ".join(self._screen_problems()) or OK}
        if parts != self.parts:
            self.parts = parts
            self.link.tell_health(AppHealth(version("antesala"), parts))

    def _screen_problems(self) -> Iterator[str]:
        """What keeps calls from being seen. A panel that is to be dark may be away, and takes its time to come back."""
        yield from (view.fitted.problem for view in self.views if view.fitted.problem)
        if self._power.problem:
            yield self._power.problem
        for stage in self.stages if self._missed_s >= MISSED_S else ():
            if stage.place.problem:
                yield stage.place.problem

    def _was_said(self, order: Order, outcome: Outcome) -> None:
        now_is = "calls are not heard; see the display's log" if outcome == "failed" else OK
        if outcome != "kept_quiet" and now_is != self._voice_is:
            self._voice_is = now_is
            self._tell_health()
        if order.call != IDENTIFY:
            self._handle(lobby.Said(order.call, aloud=outcome == "heard"))

    def _handle(self, event: lobby.Event) -> None:
        self._lobby, effects = lobby.step(self._lobby, event, self.memory.keeper.hub_ms())
        self._show()
        for effect in effects:
            self._do(effect)

    def _show(self) -> None:
        hub_ms = self.memory.keeper.hub_ms()
        scenes = [view.show(self._lobby, hub_ms) for view in self.views]
        moment = self._local()
        span = span_at(self._dimmed, moment) if moment else None
        self._is_lit = not all(scene.is_dark for scene in scenes)
        self._power.want(Wanted(self._is_lit, (span.value if span else None) or FULL_PERCENT))

    def _do(self, effect: lobby.Effect) -> None:
        match effect:
            case lobby.KeepBoard():
                self.memory.keep_board(effect.board, *effect.at)
            case lobby.ClaimCall(call):
                self.voice.prepare(self._order(call, call.language))
                self.memory.claim(call, lambda first: self._claimed.emit(call, first))
            case lobby.SayCall(call):
                self.voice.say(self._order(call, call.language, *effect.also_in, level_db=effect.level_db))
            case lobby.RepeatCall(call):
                self.voice.say(self._order(call, call.language, level_db=effect.level_db, again=True))
            case lobby.SayNotice(notice, language):
                said = ((notice.text[language], language),)
                self.voice.say(Order(effect.name, said, f"notice.{effect.name}"))
            case lobby.ReportCall():
                self.memory.announced(effect.call, aloud=effect.aloud)
            case lobby.Mute():
                self.voice.mute(on=effect.on)
            case _:
                assert_never(effect)

    def _order(self, call: Call, *languages: str, level_db: int | None = 0, again: bool = False) -> Order:
        default = self._lobby.catalogue.language if self._lobby.catalogue else self._default
        sentences = tuple(dict.fromkeys(sentence(call, self._phrases, one, default, again=again) for one in languages))
        return Order(call.id, sentences, "-".join(call.labels) + AGAIN * again, level_db)


def player_of(config: DisplayConfig) -> Player:
    """Where the sound goes."""
    if config.sound == "folder":
        return FolderPlayer(config.sound_folder, config.sound_pace)
    return AlsaPlayer({"speaker": config.speaker_device, "loop": config.loop_device})


def open_windows(director: Director, config: DisplayConfig) -> list[Stage]:
    """A window on each panel; a simulated camera sees the first."""
    control = config.control_socket if config.control_socket != Path() else None
    return [
        open_window(
            Path(__file__).parent / "ui" / "qml" / "Main.qml",
            {"board": view.model},
            view.fitted.panel,
            full_screen=config.full_screen,
            output=view.fitted.config.output,
            control=control if view is director.views[0] else None,
        )
        for view in director.views
    ]


def serve(config: DisplayConfig) -> int:
    """Run a display until SIGTERM or SIGINT, or until its window is closed; SIGHUP: with its configuration anew."""
    make_ready()
    supervision = Supervision()
    folder = texts_folder(config.texts)
    languages = languages_in(folder, "display")
    app = application("display-app")
    director = Director(
        config, system_clock(), read_texts(folder, "display", languages), read_texts(folder, "speech", languages)
    )
    stages = director.stages = open_windows(director, config)
    director.start()
    anew = live(
        app,
        stages[0].window,
        painted=lambda: supervision.ready("the board is up"),
        turned=supervision.fed,
        may_begin_anew=lambda: director.is_silent,
    )
    (supervision.beginning_anew if anew else supervision.ending)()
    director.stop()
    stages.clear()
    return begin_anew() if anew else 0
