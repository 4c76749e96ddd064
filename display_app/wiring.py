"""Builds a display from its configuration: board, announcer and voice between the bridge and the screen."""

import logging
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from display_app.config import DisplayConfig
from display_app.core import lobby
from display_app.core.board_view import view_of
from display_app.core.lobby import Lobby
from display_app.core.phrases import sentence
from display_app.memory import Memory
from display_app.ui.view_model import ViewModel
from display_app.voice import Order, Voice
from hwlib.audio.sink import FolderSink, Sink, SpeakerSink
from hwlib.audio.speech import Speech
from hwlib.screen.loop import live
from hwlib.screen.panel import panel
from hwlib.screen.window import application, open_window
from officelib import inbound
from officelib.assets import texts_folder
from officelib.board import Call
from officelib.clock import Clock, system_clock
from officelib.enrolment import read_admission
from officelib.health import OK, AppHealth
from officelib.supervision import Supervision, begin_anew
from officelib.texts import Texts, languages_in, read_texts

log = logging.getLogger(__name__)

SECOND_MS = 1_000
AGAIN = ".again"
"""Ends the name of a sound that repeats another one."""


class Director(QObject):
    """Runs the core in the GUI thread."""

    _heard = Signal(object)
    _claimed = Signal(object, bool)
    _spoken = Signal(object, bool)

    def __init__(
        self, config: DisplayConfig, clock: Clock, texts: Mapping[str, Texts], phrases: Mapping[str, Texts]
    ) -> None:
        super().__init__()
        self._phrases = phrases
        self._lobby = Lobby()
        self._default = config.language
        for incoming, handler in (
            (self._heard, self._hear),
            (self._claimed, self._was_claimed),
            (self._spoken, self._was_said),
        ):
            incoming.connect(handler, Qt.ConnectionType.QueuedConnection)
        device = read_admission(config.identity).device
        self.memory = Memory(config.journal, device, clock, self._heard.emit)
        self.link = inbound.BridgeLink(config.bridge_socket, self.memory.take_in)
        self.memory.keeper.poke_bridge = self.link.poke
        speech = Speech(config.speech_cache, engine=config.voice, folder=config.voice_folder)
        self.voice = Voice(speech, sink_of(config), config.speech_cache, self._spoken.emit)
        self.view_model = ViewModel(texts, config.language, config.viewing_mm)
        self._second = QTimer(self, interval=SECOND_MS)
        self._second.timeout.connect(lambda: self._handle(lobby.TimePassed()))

    def start(self) -> None:
        """Begin to listen."""
        self._handle(lobby.TimePassed())
        self.memory.start()
        self.link.start()
        self._tell_health(OK)
        self.voice.start()
        self._second.start()

    def stop(self) -> None:
        """End, with the journal closed."""
        self.link.stop()
        self.voice.stop()
        self.memory.stop()

    def _hear(self, line: inbound.Inbound) -> None:
        self._handle(lobby.Heard(line))

    def _was_claimed(self, call: Call, first: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self._handle(lobby.Claimed(call, first))

    @property
    def is_silent(self) -> bool:
        """No call is being said, or is about to be."""
        return self._lobby.announcer.is_silent

    def _tell_health(self, voice: str) -> None:
        """How the display is, for the office's hub."""
        self.link.tell_health(AppHealth(version("antesala"), {"voice": voice}))

    def _was_said(self, order: Order, aloud: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self._tell_health(OK if aloud else "calls are not heard; see the display's log")
        self._handle(lobby.Said(order.call, aloud))

    def _handle(self, event: lobby.Event) -> None:
        hub_ms = self.memory.keeper.hub_ms()
        self._lobby, effects = lobby.step(self._lobby, event, hub_ms)
        now = self._lobby
        view = view_of(now.board, hub_ms=hub_ms, link_up=now.link_up, last_news_ms=now.last_news_ms)
        self.view_model.show(view, now.catalogue, hub_ms)
        for effect in effects:
            self._do(effect)

    def _do(self, effect: lobby.Effect) -> None:
        match effect:
            case lobby.KeepBoard():
                self.memory.keep_board(effect.board, *effect.at)
            case lobby.ClaimCall(call):
                self.memory.claim(call, lambda first: self._claimed.emit(call, first))
            case lobby.SayCall(call):
                self._say(call)
            case lobby.RepeatCall(call):
                self._say(call, again=True)
            case lobby.ReportCall():
                self.memory.announced(effect.call, aloud=effect.aloud)
            case _:
                assert_never(effect)

    def _say(self, call: Call, *, again: bool = False) -> None:
        language = self._lobby.catalogue.language if self._lobby.catalogue else self._default
        text, spoken = sentence(call, self._phrases, language, again=again)
        self.voice.say(Order(call.id, text, spoken, "-".join(call.labels) + AGAIN * again))


def sink_of(config: DisplayConfig) -> Sink:
    """Where the sound goes."""
    return FolderSink(config.sound_folder, config.sound_pace) if config.sound == "folder" else SpeakerSink()


def serve(config: DisplayConfig) -> int:
    """Run a display until SIGTERM or SIGINT, or until its window is closed; SIGHUP: with its configuration anew."""
    supervision = Supervision()
    folder = texts_folder(config.texts)
    languages = languages_in(folder, "display")
    app = application("display-app")
    director = Director(
        config, system_clock(), read_texts(folder, "display", languages), read_texts(folder, "speech", languages)
    )
    stage = open_window(
        Path(__file__).parent / "ui" / "qml" / "Main.qml",
        {"board": director.view_model},
        panel(config.width_px, config.height_px, config.diagonal_in),
        full_screen=config.full_screen,
        control=config.control_socket if config.control_socket != Path() else None,
    )
    director.start()
    anew = live(
        app,
        stage.window,
        painted=lambda: supervision.ready("the board is up"),
        turned=supervision.fed,
        may_begin_anew=lambda: director.is_silent,
    )
    (supervision.beginning_anew if anew else supervision.ending)()
    director.stop()
    del stage
    return begin_anew() if anew else 0
