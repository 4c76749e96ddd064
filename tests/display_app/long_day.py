"""Eight hours of a lobby's display as a process of its own: python -m tests.display_app.long_day FOLDER HOURS.

The whole program with its window, its journal and its voice; the clock is the test's. Every second is lived; calls come
at the rate of a busy office. It says how much memory it has, as JSON, once an hour.
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop

from display_app.config import DisplayConfig
from display_app.core import lobby
from display_app.wiring import Director, open_windows
from hwlib.screen.window import application
from mqtt_bridge.identity import install
from officelib import authority as offices
from officelib import events as e
from officelib import inbound
from officelib.arrival import Anchor
from officelib.assets import asset
from officelib.authority import Authority, new_key, request_of
from officelib.board import BoardSnapshot
from officelib.catalogue_file import read_catalogue
from officelib.enrolment import Admission
from officelib.inbound import ServiceState, ServicesView
from officelib.texts import read_texts
from tests.conftest import NINE_MS, ManualClock

LANGUAGES = ("es", "ca", "en", "fr", "ar")
EVERY_S = 32
"""900 calls in eight hours."""


def memory_mb() -> float:
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Rss:"))) / 1024


class Day:
    """The display, and what its bridge would say."""

    def __init__(self, folder: Path, **keys: object) -> None:
        self.clock, self.n = ManualClock(), 1
        key, office = new_key(), Authority(offices.begin())
        pem = office.certify(request_of(key, "s1"), "s1", NINE_MS).pem
        (folder / "identity").mkdir(parents=True)
        install(folder / "identity", Admission("o12", "s1", 0, pem, office.certificate, ()), key)
        config = DisplayConfig(
            identity=folder / "identity",
            journal=folder / "journal.db",
            bridge_socket=folder / "bridge.sock",
            speech_cache=folder / "speech",
            sound="folder",
            sound_folder=folder / "said",
            sound_pace=0.0,
            full_screen=False,
            **keys,  # type: ignore[arg-type]
        )
        self.app = application("long-day")
        texts = [read_texts(asset("i18n"), kind, LANGUAGES) for kind in ("display", "speech")]
        self.director = Director(config, self.clock, *texts)  # type: ignore[arg-type]
        self.stages = self.director.stages = open_windows(self.director, config)
        self.director.start()
        self.catalogue = read_catalogue(asset("demo", "office.toml"))
        self.hear(inbound.ConfigChanged(inbound.OfficeConfig(self.catalogue, ())))
        self.hear(inbound.Granted("j1", 1, 1))
        self.anchor()
        self.hear(inbound.LinkChanged(up=True))
        self.hear(inbound.BoardReset(BoardSnapshot(1, 1, NINE_MS, ())))

    def hear(self, line: inbound.Inbound) -> None:
        self.director.memory.take_in(line)

    def anchor(self) -> None:
        now_ms = NINE_MS + self.clock.mono - 1_000_000
        self.hear(inbound.Acked(1, 0, self.clock.boot, Anchor(self.clock.mono, now_ms, 1)))

    def call(self, number: int) -> None:
        at_ms = NINE_MS + self.clock.mono - 1_000_000
        language, counter = LANGUAGES[number % 5], str(number % 12 + 1)
        done = e.ServiceFinished(f"k1.1.{number - 1}")
        called = e.TicketCalled(f"k1.1.{number}", (f"A{number % 999 + 1:03d}",), f"c{counter}", counter, language)
        for body in (done, called):
            self.n += 1
            self.hear(inbound.LogLine(e.LogEntry(self.n, 1, at_ms, body)))
        waits = {
            one.id: ServiceState(number % 17, number % 40, (number % 40, number % 40 + 9))
            for one in self.catalogue.service
        }
        view = ServicesView(1, self.n, at_ms, "2026-01-07", doors_closed=False, services=waits)
        self.hear(inbound.ServicesChanged(view))

    def live(self, seconds: int) -> None:
        for second in range(seconds):
            self.clock.advance(1_000)
            if second % EVERY_S == 0:
                self.anchor()
                self.call(second // EVERY_S + 1)
                self.turn(0.02)
                self.listen()
            self.director._handle(lobby.TimePassed())
            self.turn(0)
            if second % 3_600 == 3_599:
                self.turn(1)
                for sound in (self.director.voice._player._folder).glob("*.wav"):  # type: ignore[attr-defined]
                    sound.unlink()
                sys.stdout.write(json.dumps({"hour": second // 3_600 + 1, "mb": round(memory_mb(), 1)}) + "\n")

    def listen(self) -> None:
        """Until the call is said: the voice takes its own time, whatever the clock says."""
        until = time.monotonic() + 5
        while not self.director.is_silent and time.monotonic() < until:
            self.turn(0.01)

    def turn(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # which only a loop of its own does
            if time.monotonic() >= until:
                return


def main() -> int:
    """Live so many hours."""
    day = Day(Path(sys.argv[1]))
    day.live(int(float(sys.argv[2]) * 3_600))
    day.director.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
