"""Builds a display from its configuration: board, announcer and voice between the bridge and the screen."""

import logging
import signal
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from display_app.config import DisplayConfig
from display_app.core import announcer as voice_rules
from display_app.core.announcer import Announcer
from display_app.core.board_view import view_of
from display_app.core.phrases import sentence
from display_app.memory import Memory
from display_app.ui.view_model import ViewModel
from display_app.voice import Order, Voice
from hwlib.audio.sink import FolderSink, Sink, SpeakerSink
from hwlib.audio.speech import Speech
from hwlib.screen.panel import panel
from hwlib.screen.window import application, open_window
from officelib import inbound
from officelib.assets import texts_folder
from officelib.board import Board, Call
from officelib.catalogue import Catalogue
from officelib.clock import Clock, system_clock
from officelib.texts import Texts, read_texts

log = logging.getLogger(__name__)

LANGUAGES = ("es", "ca", "en", "fr", "ar")
SECOND_MS = 1_000


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
        self._board, self._at = Board(), (0, 0)
        self._announcer = Announcer()
        self._catalogue: Catalogue | None = None
        self._language = config.language
        self._link_up, self._last_news_ms = False, 0
        for incoming, handler in (
            (self._heard, self._hear),
            (self._claimed, self._may_say),
            (self._spoken, self._was_said),
        ):
            incoming.connect(handler, Qt.ConnectionType.QueuedConnection)
        self.memory = Memory(config.journal, config.device, clock, self._heard.emit)
        self.link = inbound.BridgeLink(config.bridge_socket, self.memory.take_in)
        self.memory.keeper.poke_bridge = self.link.poke
        speech = Speech(config.speech_cache, engine=config.voice, folder=config.voice_folder)
        self.voice = Voice(speech, sink_of(config), config.speech_cache, self._spoken.emit)
        self.view_model = ViewModel(texts, config.language, config.viewing_mm)
        self._second = QTimer(self, interval=SECOND_MS)
        self._second.timeout.connect(self._refresh)

    def start(self) -> None:
        """Begin to listen."""
        self._refresh()
        self.memory.start()
        self.link.start()
        self.voice.start()
        self._second.start()

    def stop(self) -> None:
        """End, with the journal closed."""
        self.link.stop()
        self.voice.stop()
        self.memory.stop()

    def _hear(self, line: inbound.Inbound) -> None:
        match line:
            case inbound.LinkChanged():
                if self._link_up and not line.up:
                    self._last_news_ms = self.memory.keeper.hub_ms() or 0
                self._link_up = line.up
            case inbound.BoardReset():
                self._board, self._at = Board(line.board.calls), (line.board.ep, line.board.n)
                self._last_news_ms = max(self._last_news_ms, line.board.at_ms)
            case inbound.LogLine():
                before = self._board
                self._board, self._at = before.after(line.entry), (line.entry.ep, line.entry.n)
                self._last_news_ms = max(self._last_news_ms, line.entry.at_ms)
                if self._board is not before:
                    self.memory.keep_board(self._board, *self._at)
            case inbound.ConfigChanged():
                self._catalogue = line.config.catalogue
                self._language = self._catalogue.language
            case _:
                pass
        self._refresh()

    def _refresh(self) -> None:
        hub_ms = self.memory.keeper.hub_ms()
        view = view_of(self._board, hub_ms=hub_ms, link_up=self._link_up, last_news_ms=self._last_news_ms)
        self.view_model.show(view, self._catalogue, hub_ms)
        self._next_call()

    def _next_call(self) -> None:
        hub_ms = self.memory.keeper.hub_ms()
        if hub_ms is None:
            return  # how old a call is, is not known yet
        self._announcer = voice_rules.see(self._announcer, self._board.calls, hub_ms)
        self._announcer, call = voice_rules.next_call(self._announcer, hub_ms)
        if call is not None:
            self.memory.claim(call, lambda first: self._claimed.emit(call, first))

    def _may_say(self, call: Call, first: bool) -> None:  # noqa: FBT001 (a Qt slot)
        if not first:
            self._free_voice()
            return
        text, language = sentence(call, self._phrases, self._language)
        self.voice.say(Order(call.id, text, language, "-".join(call.labels)))

    def _was_said(self, order: Order, aloud: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self.memory.announced(order.call, aloud=aloud)
        self._free_voice()

    def _free_voice(self) -> None:
        self._announcer = voice_rules.spoken(self._announcer)
        self._next_call()


def sink_of(config: DisplayConfig) -> Sink:
    """Where the sound goes."""
    return FolderSink(config.sound_folder, config.sound_pace) if config.sound == "folder" else SpeakerSink()


def serve(config: DisplayConfig) -> int:
    """Run a display until SIGTERM or SIGINT, or until its window is closed."""
    folder = texts_folder(config.texts)
    app = application("display-app")
    director = Director(
        config, system_clock(), read_texts(folder, "display", LANGUAGES), read_texts(folder, "speech", LANGUAGES)
    )
    stage = open_window(
        Path(__file__).parent / "ui" / "qml" / "Main.qml",
        {"board": director.view_model},
        panel(config.width_px, config.height_px, config.diagonal_in),
        full_screen=config.full_screen,
        control=config.control_socket if config.control_socket != Path() else None,
    )
    director.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.quit())
    status = app.exec()
    director.stop()
    del stage
    return status
