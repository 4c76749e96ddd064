"""The kiosk's voice between keypad, page and loudspeaker: runs its core in the GUI thread."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtQuick import QQuickWindow

from hwlib.audio.level import USUAL_DB, steps_db
from hwlib.audio.player import AlsaPlayer, FolderPlayer, Player
from hwlib.audio.speech import Speech
from hwlib.errors import HardwareError
from hwlib.keypad import Event as KeypadEvent
from hwlib.keypad import JackMoved, Keypad, KeypadReader, KeyStruck, read_table
from kiosk_app.config import KioskConfig
from kiosk_app.core import audio_nav
from kiosk_app.core import events as ev
from kiosk_app.core.audio_nav import AudioNav, Page, Utterance
from kiosk_app.narrator import Narrator
from kiosk_app.ui.page_reader import PageReader
from kiosk_app.ui.view_model import ViewModel
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.texts import Texts

log = logging.getLogger(__name__)

SETTLE_MS = 40
"""A page that changes is read when its pieces stand."""
REST_CHECK_MS = 5_000


class AudioGuide(QObject):
    """Speaks, and obeys the keypad."""

    _came = Signal(object)
    _began = Signal(object)
    _ended = Signal(int, bool)

    def __init__(
        self,
        config: KioskConfig,
        clock: Clock,
        guide: Mapping[str, Texts],
        view_model: ViewModel,
        window: QQuickWindow,
        act: Callable[[ev.Event], None],
    ) -> None:
        """Args:
        config: Names keypad, jack, loudspeaker and voice.
        clock: The machine's.
        guide: Texts of the kind "guide", by language.
        view_model: Of the pages.
        window: That shows them.
        act: Takes what the citizen did.

        Raises:
            KnownError: the keypad's table is wrong, or the loudspeaker is too quiet for the room.
        """
        super().__init__()
        self._clock, self._guide, self._view_model, self._act = clock, guide, view_model, act
        self._levels_db = _levels(config)
        usual = self._levels_db.index(USUAL_DB)
        self.nav = AudioNav(level=usual, levels=len(self._levels_db), usual_level=usual)
        self.reader = PageReader(window)
        self._caption, self._ring = "", QRectF()
        self._is_awaited = True
        self._narrator = Narrator(
            Speech(_cache_of(config), engine=config.voice, folder=config.voice_folder),
            _player(config),
            config.full_scale_db,
            on_begin=self._began.emit,
            on_end=self._ended.emit,
        )
        self._narrator.set_level(self._levels_db[usual])
        self._keypads = [Keypad(path, reader, self._came.emit) for path, reader in _keypads(config)]
        queued = Qt.ConnectionType.QueuedConnection
        self._came.connect(self.obey, queued)
        self._began.connect(self._saying, queued)
        self._ended.connect(self._said, queued)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look)
        view_model.changed.connect(self._page_changes)
        self._rest = QTimer(self, interval=REST_CHECK_MS)
        self._rest.timeout.connect(lambda: self._handle(audio_nav.TimePassed()))

    @property
    def is_settling(self) -> bool:
        """Whether a page has changed that was not read yet."""
        return self._settle.isActive()

    def start(self) -> None:
        """Begin to listen to keys."""
        self._narrator.start()
        for keypad in self._keypads:
            keypad.start()
        self._rest.start()
        self._settle.start()

    def stop(self) -> None:
        """Be silent, and look at the window no more."""
        self._rest.stop()
        self._settle.stop()
        self._view_model.changed.disconnect(self._page_changes)
        for keypad in self._keypads:
            keypad.stop()
        self._narrator.stop()

    def say_once(self, utterance: Utterance) -> None:
        """A sentence that no page asked for, whether the kiosk speaks or not."""
        self._narrator.say((utterance,), order=-1)

    def look_again(self) -> None:
        """Something was plugged in."""
        for keypad in self._keypads:
            keypad.look_again()

    def obey(self, event: KeypadEvent) -> None:
        """A key, or the jack. While the kiosk asks whether somebody is there, a key is the answer and nothing else."""
        if isinstance(event, JackMoved):
            if event.inserted == self.nav.headphones:
                return
            self._narrator.set_headphones(inserted=event.inserted)
        asked = bool(self._view_model.warning)
        self._act(ev.StillHere())
        self._look()
        match event:
            case JackMoved():
                self._handle(audio_nav.JackMoved(event.inserted))
            case KeyStruck() if asked and self.nav.on:
                pass
            case KeyStruck(key):
                self._handle(audio_nav.KeyPressed(key))

    def _page_changes(self) -> None:
        """The end of a visit is seen at once, before the next citizen touches anything."""
        if str(self._view_model.page) == "attract" and not self.nav.page.is_first:
            self._look()
        self._settle.start()

    def _look(self) -> None:
        view = self._view_model
        key, question = str(view.page), self.reader.question()
        is_first = key == "attract" and not view.warning
        page = Page(f"{key}?{question}", str(view.language), self.reader.read(), is_first)
        if page != self.nav.page:
            self._handle(audio_nav.PageSeen(page))

    def _handle(self, event: audio_nav.Event) -> None:
        before = self.nav
        self.nav, effects = audio_nav.step(self.nav, event, self._clock.mono_ms(), self._guide)
        if not isinstance(event, audio_nav.SaidOne | audio_nav.TimePassed):
            is_same_page = isinstance(event, audio_nav.PageSeen) and event.page.key == before.page.key
            self._is_awaited = (self._is_awaited and before.talking) if is_same_page else True
        for effect in effects:
            self._do(effect)
        self._ring = self.reader.rect(self.nav.at) if self.nav.on and self.nav.at else QRectF()
        self._show_voice()

    def _show_voice(self) -> None:
        """What is said, on the screen as well."""
        self._view_model.tell_voice(self._caption if self.nav.on else "", self._ring)

    def _do(self, effect: audio_nav.Effect) -> None:
        match effect:
            case audio_nav.Say(utterances, order):
                self._narrator.say(utterances, order)
            case audio_nav.SayMore(utterances):
                self._narrator.say_more(utterances)
            case audio_nav.Hush():
                self._narrator.say(())
            case audio_nav.Focus(node):
                self.reader.focus(node)
            case audio_nav.Press(node):
                if not self.reader.press(node):
                    log.info("the button '%s' is gone", node)
            case audio_nav.SetLevel(level):
                self._narrator.set_level(self._levels_db[level])
            case audio_nav.SwitchSpeech(on):
                self._caption = ""
                self._act(ev.SpeechSwitched(on))

    def _saying(self, utterance: Utterance) -> None:
        self._listened()
        self._caption = utterance.mask if utterance.is_private and utterance.mask else utterance.text
        self._show_voice()

    def _said(self, order: int, was_last: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self._listened()
        self._handle(audio_nav.SaidOne(was_last, order))
        if was_last and order == self.nav.order:
            self._caption = ""
            self._show_voice()

    def _listened(self) -> None:
        """Who hears what a key or a new page made it say is there; figures that change by themselves show nobody."""
        if self._is_awaited:
            self._act(ev.Spoke())


def _levels(config: KioskConfig) -> tuple[float, ...]:
    try:
        return steps_db(config.full_scale_db, config.ambient_db)
    except ValueError as error:
        raise KnownError(
            str(error),
            where="keys 'full_scale_db' and 'ambient_db'",
            mend="Measure again with the mixer at full, or use a louder loudspeaker.",
        ) from error


def _cache_of(config: KioskConfig) -> Path:
    return config.journal.with_suffix(".speech") if config.speech_cache == Path() else config.speech_cache


def _player(config: KioskConfig) -> Player:
    if config.sound == "folder":
        return FolderPlayer(config.sound_folder, config.sound_pace)
    one_device = config.speaker_device == config.headphones_device
    if (config.keypad or config.jack) and one_device and not config.jack_switches:
        raise KnownError(
            f"loudspeaker and headphones are both '{config.speaker_device}': everybody would hear what is private",
            where="keys 'speaker_device' and 'headphones_device'",
            mend="Name both, as 'aplay -L' lists them, or set jack_switches where the plug cuts the loudspeaker off.",
        )
    return AlsaPlayer({"speaker": config.speaker_device, "headphones": config.headphones_device})


def _keypads(config: KioskConfig) -> list[tuple[str, KeypadReader]]:
    """The keypad, and the jack where it is a device of its own."""
    try:
        table = read_table(config.keypad_keys)
    except HardwareError as error:
        raise KnownError(str(error), where="key 'keypad_keys'", mend="Name a table that is there.") from error
    return [(path, KeypadReader(keys)) for path, keys in ((config.keypad, table), (config.jack, {})) if path]
