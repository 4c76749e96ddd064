"""A kiosk that is used with a keypad and heard, without eyes: the real pages, the real tree, the real voice.

Simulated are the fingers, the hub's answers and the printer; sentences go to WAV files instead of a loudspeaker.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtTest import QTest

from hwlib.keypad import JackMoved, KeyStruck
from hwlib.keypad.functions import Function
from hwlib.screen.window import open_window
from kiosk_app.config import KioskConfig
from kiosk_app.core import events as ev
from kiosk_app.core.audio_nav import TimePassed
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Kiosk, TicketFacts
from kiosk_app.ui.audio_guide import AudioGuide
from kiosk_app.ui.maintenance_model import MaintenanceModel
from kiosk_app.ui.view_model import ViewModel
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.inbound import ServiceState, ServicesView, SlotGranted, WantGranted
from officelib.texts import read_texts
from tests.conftest import NINE_MS, ManualClock
from tests.visual.shown import FACTS, KIOSK_PANEL, LANGUAGES, LINES, MAINTENANCE, ROOT, close

LIMIT_S = 60.0
SILENCE_MS = 80


@dataclass(frozen=True)
class Heard:
    """A sentence as it came out."""

    text: str
    way: str
    gain: float
    whole: bool
    began_ms: int
    ended_ms: int


class Ears:
    """A citizen with a keypad. Nothing is read from the screen."""

    def __init__(self, folder: Path, catalogue: Catalogue, pace: float = 0.0) -> None:
        self.clock = ManualClock()
        self.said = folder / "said"
        view = ServicesView(
            1, 1, 0, "2026-01-07", False, {s.id: ServiceState(n + 2, 5 * n) for n, s in enumerate(catalogue.service)}
        )
        self.kiosk = Kiosk(catalogue=catalogue, view=view, link_up=True, enrolled=True, has_lane=True)
        self.slot_ms = 0
        self.known: dict[str, str] = {}
        self.printer_works = True
        self.model = ViewModel(
            read_texts(asset("i18n"), "kiosk", LANGUAGES),
            read_texts(asset("i18n"), "speech", LANGUAGES),
            self.act,
            lambda: NINE_MS,
            maintenance=MaintenanceModel(MAINTENANCE, self.act, lambda: FACTS, lambda: LINES),
        )
        self.stage = open_window(
            ROOT / "kiosk_app" / "ui" / "qml" / "Main.qml",
            {"kiosk": self.model},
            KIOSK_PANEL,
            full_screen=False,
            control=None,
        )
        self.config = KioskConfig(
            journal=folder / "journal.db",
            bridge_socket=folder / "bridge.sock",
            printer="tcp://127.0.0.1:9",
            scanner="serial:///dev/null",
            sound="folder",
            sound_folder=self.said,
            sound_pace=pace,
            speech_cache=folder / "speech",
        )
        self.guide = AudioGuide(
            self.config,
            self.clock,  # type: ignore[arg-type]
            read_texts(asset("i18n"), "guide", LANGUAGES),
            self.model,
            self.stage.window,
            self.act,
        )
        self.model.show(self.kiosk)
        self.guide.start()
        self.listen()

    def close(self) -> None:
        self.guide.stop()
        close(self.stage)

    def act(self, event: ev.Event) -> None:
        """What the kiosk does, with a hub and a printer that answer at once."""
        self.kiosk, effects = step(self.kiosk, event, self.clock.mono)
        self.model.show(self.kiosk)
        for effect in effects:
            self._answer(effect)

    def _answer(self, effect: ev.Effect) -> None:
        match effect:
            case ev.LookUpBooking():
                self.act(ev.BookingNew(effect.claim))
            case ev.WriteWant():
                self.act(ev.WantWritten(7))
                service = effect.claim.service
                granted = WantGranted(7, "A042", service, 3, 12, self.slot_ms)
                self.act(ev.HubAnswered(granted, NINE_MS))
            case ev.WritePrint():
                self.act(ev.TicketWritten(effect.ticket))
            case ev.WriteLane():
                facts = TicketFacts(8, "A1-007", effect.claim.service, self.kiosk.language, None, None, 0, NINE_MS)
                self.act(ev.TicketWritten(facts))
            case ev.PrintPaper():
                self.act(ev.PaperEnded(effect.ticket.seq, self.printer_works))
            case ev.AskBooking():
                self.act(ev.BookingFound(effect.asked, self.known.get(effect.typed, ""), NINE_MS))
            case ev.CallHelp() if effect.on:
                self.act(ev.HelpAnswered(effect.asked, "told"))
            case ev.WriteBook():
                self.act(ev.WantWritten(9))
                slot = SlotGranted(9, "ab" * 10, effect.service, effect.slot_ms, "A7K2M9QX", "QB1")
                self.act(ev.HubAnswered(slot, NINE_MS))
            case ev.WriteBooked():
                self.act(ev.SlipWritten(effect.slip.seq))
            case ev.PrintSlip():
                self.act(ev.SlipEnded(effect.slip.seq, self.printer_works))
            case ev.PrintLeaflet():
                self.act(ev.LeafletEnded(effect.service, self.printer_works))
            case _:
                pass

    def pass_time(self, ms: int) -> None:
        """The clock goes on, and the screen's time may be over."""
        self.clock.advance(ms)
        self.act(ev.TimePassed())

    def show(self, **fields: object) -> list[str]:
        """Another state of the kiosk, at once; returns what is heard of it."""
        return self._hear(lambda: self._show(**fields))

    def _show(self, **fields: object) -> None:
        self.kiosk = replace(self.kiosk, **fields)  # type: ignore[arg-type]
        self.model.show(self.kiosk)

    def rest(self) -> None:
        """Nobody is there, and the voice is off."""
        self.guide.obey(JackMoved(inserted=False))
        self._show(screen=Attract(), language="es", warning=False, due_ms=None, modes=frozenset())
        self.listen()
        self.clock.advance(1_000_000)
        self.guide._handle(TimePassed())
        self.slot_ms = 0
        self.listen()

    def press(self, *keys: Function) -> list[str]:
        """Press keys one after the other, each when the voice is silent; returns what was heard since the first."""
        heard: list[str] = []
        for key in keys:
            self.clock.advance(1_000)
            heard += self._hear(lambda key=key: self.guide.obey(KeyStruck(key)))  # type: ignore[misc]
        return heard

    def begin(self) -> None:
        """Wake the voice, and go to the list of services."""
        self.press("down")
        self.find("Elegir un servicio")
        self.press("select")

    def plug(self, *, inserted: bool) -> list[str]:
        return self._hear(lambda: self.guide.obey(JackMoved(inserted)))

    def find(self, words: str, key: Function = "down", most: int = 40) -> list[str]:
        """Press a key until these words are heard, as somebody does who looks for them."""
        for _ in range(most):
            heard = self.press(key)
            if any(words in text for text in heard):
                return heard
        raise AssertionError(f"'{words}' was not heard with {most} presses of '{key}'")

    def _hear(self, happens: Callable[[], None]) -> list[str]:
        before = len(self.heard())
        happens()
        self.listen()
        return [one.text for one in self.heard()[before:]]

    def listen(self) -> None:
        """Until the voice is silent, and stays so for a moment."""
        deadline, count, since = time.monotonic() + LIMIT_S, -1, time.monotonic()
        while time.monotonic() < deadline:
            QTest.qWait(10)
            now = len(self.heard())
            if now != count or self.guide.nav.talking or self.guide.is_settling:
                count, since = now, time.monotonic()
            elif time.monotonic() - since > SILENCE_MS / 1000:
                return
        raise AssertionError("the voice does not come to an end")

    def heard(self) -> Sequence[Heard]:
        """Everything since the beginning."""
        path = self.said / "said.jsonl"
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = written[: written.rfind("\n") + 1].splitlines()
        return [Heard(**{k: v for k, v in json.loads(line).items() if k != "n"}) for line in lines]
