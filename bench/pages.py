"""How soon a page answers a finger, a letter and a key: the real pages and the real voice, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QPointF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from bench.figures import Figure, figure
from hwlib.keypad import KeyStruck
from hwlib.keypad.functions import Function
from hwlib.screen.panel import panel
from hwlib.screen.window import application, open_window
from kiosk_app.config import KioskConfig
from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Kiosk, Searching
from kiosk_app.ui.audio_guide import AudioGuide
from kiosk_app.ui.view_model import ViewModel
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.catalogue_file import read_catalogue
from officelib.clock import system_clock
from officelib.texts import languages_in, read_texts

SERVICES = 300
MOST_S = 5.0
TOUCHES = 50
WORDS = ("empadronamiento", "aparcamiento", "tarjeta", "escuela")
KEYS: tuple[Function, ...] = ("down", "down", "up", "next", "down", "help", "down", "up", "next", "down")


class Pages:
    """The kiosk's pages, their core and their voice; nothing behind them."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        texts = asset("i18n")
        languages = languages_in(texts, "kiosk")
        self.kiosk = Kiosk(catalogue=catalogue, link_up=True, enrolled=True, has_lane=True)
        self.model = ViewModel(
            read_texts(texts, "kiosk", languages), read_texts(texts, "speech", languages), self.act, lambda: None
        )
        page = Path(__file__).parents[1] / "kiosk_app" / "ui" / "qml" / "Main.qml"
        self.stage = open_window(page, {"kiosk": self.model}, panel(1080, 1920, 21.5), full_screen=False, control=None)
        self.frames = 0
        self.stage.window.frameSwapped.connect(self._frame)
        config = KioskConfig(
            journal=folder / "journal.db",
            bridge_socket=folder / "bridge.sock",
            printer="tcp://127.0.0.1:9",
            scanner="serial:///dev/null",
            sound="folder",
            sound_folder=folder / "said",
            speech_cache=folder / "speech",
        )
        guide = read_texts(texts, "guide", languages)
        self.guide = AudioGuide(config, system_clock(), guide, self.model, self.stage.window, self.act)
        self._said = folder / "said" / "said.jsonl"
        self.model.show(self.kiosk)
        self.guide.start()

    def _frame(self) -> None:
        self.frames += 1

    def act(self, event: ev.Event) -> None:
        """What a finger or a key did."""
        self.kiosk, _ = step(self.kiosk, event, system_clock().mono_ms())
        self.model.show(self.kiosk)

    def show(self, **fields: object) -> None:
        """Another state, painted before anything is measured."""
        self.kiosk = replace(self.kiosk, **fields)  # type: ignore[arg-type]
        self.model.show(self.kiosk)
        QTest.qWait(60)

    def until(self, happens: Callable[[], bool], act: Callable[[], object]) -> float:
        """Milliseconds from an act until something is so.

        Raises:
            TimeoutError: it never was.
        """
        began = time.perf_counter()
        act()
        while not happens():
            if time.perf_counter() - began > MOST_S:
                raise TimeoutError("the page does not answer")
            QTest.qWait(0)
        return (time.perf_counter() - began) * 1000

    def painted(self, act: Callable[[], object]) -> float:
        """Milliseconds from an act until its frame is there."""
        before = self.frames
        return self.until(lambda: self.frames > before, act)

    def heard(self, act: Callable[[], object]) -> float:
        """Milliseconds from an act until a sentence has begun."""
        before = self._sentences()
        return self.until(lambda: self._sentences() > before, act)

    def _sentences(self) -> int:
        return self._said.read_bytes().count(b"\n") if self._said.exists() else 0

    def item(self, name: str) -> QQuickItem:
        """The visible item of a name."""
        waiting = [self.stage.window.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.isVisible():
                if item.objectName() == name:
                    return item
                waiting += item.childItems()
        raise LookupError(name)


def many(catalogue: Catalogue) -> Catalogue:
    """The city's services, again and again under other names, as a large office has them."""
    services = [
        msgspec.structs.replace(one, id=f"{one.id}-{turn}", code=one.code + 1000 * turn)
        for turn in range(SERVICES // len(catalogue.service) + 1)
        for one in catalogue.service
    ]
    return msgspec.structs.replace(catalogue, service=tuple(services[:SERVICES]))


def measure() -> list[Figure]:
    """In this process: Qt must paint off the screen."""
    folder = Path(sys.argv[1])
    application("bench")
    pages = Pages(many(read_catalogue(asset("demo", "city.toml"))), folder)
    pages.show(screen=Attract())
    pressed = []
    for _ in range(TOUCHES):
        item = pages.item("start")
        middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
        window, left = pages.stage.window, Qt.MouseButton.LeftButton
        pressed.append(pages.painted(lambda: QTest.mousePress(window, left, pos=middle)))  # noqa: B023 (called at once)
        QTest.mouseMove(window, middle.__class__(5, 5))
        QTest.mouseRelease(window, left, pos=middle.__class__(5, 5))
        QTest.qWait(40)
    typed = []
    for word in WORDS:
        pages.show(screen=Searching())
        typed += [pages.painted(lambda c=letter: pages.act(ev.KeyTyped(c))) for letter in word]  # type: ignore[misc]
    first = _keys(pages)
    again = _keys(pages)
    pages.guide.stop()
    return [
        figure("touch to pressed look", pressed, 100),
        figure(f"a letter to its finds among {SERVICES} services", typed, 100),
        figure("key to the voice's first sound, sentences never said before", first, 300),
        figure("key to the voice's first sound, said before", again, 150),
    ]


def _keys(pages: Pages) -> list[float]:
    pages.show(screen=Attract(), language="es")
    values = []
    for key in KEYS:
        values.append(pages.heard(lambda key=key: pages.guide.obey(KeyStruck(key))))  # type: ignore[misc]
        QTest.qWait(150)
    return values


def measure_pages(folder: Path) -> list[Figure]:
    """In a process without a screen."""
    folder.mkdir(parents=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages", str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"bench.pages: {done.stderr[-2000:]}")
    return [Figure(**one) for one in json.loads(done.stdout.splitlines()[-1])]


if __name__ == "__main__":
    print(json.dumps([asdict(one) for one in measure()]))  # noqa: T201 (read by `measure_pages`)
    sys.stdout.flush()
    os._exit(0)
