"""The page of a machine that has no other: what to mend, where to hold the enrolment code, where a hub's console is."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import Property, QObject, QTimer, Signal

from appliance.state import SETUP_FOLDER, TOKEN, Answer, Appliance, read_answer, read_appliance
from hwlib.hotplug import Hotplug
from hwlib.scanner import Scan
from hwlib.scanner.address import scanner_at
from hwlib.scanner.layouts import LayoutFinder
from hwlib.screen.loop import live
from hwlib.screen.panel import panel
from hwlib.screen.window import application, open_window
from officelib.assets import texts_folder
from officelib.enrolment import BadToken, read_token
from officelib.files import write_whole
from officelib.health import addresses
from officelib.supervision import Supervision
from officelib.texts import RIGHT_TO_LEFT, Texts, in_language, languages_in, read_texts

log = logging.getLogger(__name__)

LOOK_MS = 1_000
SUBSYSTEMS = frozenset({"usb", "tty", "input", "hidraw", "video4linux"})


def is_token(text: str) -> bool:
    """Whether a text is an enrolment code, whole."""
    try:
        read_token(text)
    except BadToken:
        return False
    return True


class SetupModel(QObject):
    """Shows the machine's problems, or how far its entering the office is."""

    changed = Signal()
    _scanned = Signal(str)
    _readied = Signal(bool)

    def __init__(
        self, appliance: Appliance, texts: Texts, folder: Path, read_addresses: Callable[[], list[str]]
    ) -> None:
        """Args:
        appliance: What the start of the machine found.
        texts: Of the kind "setup".
        folder: Where the code goes, and the answer comes.
        read_addresses: The machine's own.
        """
        super().__init__()
        self._appliance, self._texts, self._folder, self._read_addresses = appliance, texts, folder, read_addresses
        self._answer: Answer | None = None
        self._is_asking, self._has_misread, self._addresses = (folder / TOKEN).exists(), False, read_addresses()
        self._has_scanner = False
        self._scanned.connect(self._take)
        self._readied.connect(self._ready)

    def scan(self, scan: Scan) -> None:
        """A code was read; in the scanner's thread."""
        self._scanned.emit(scan.text or scan.problem)

    def scanner_is(self, why_not: str) -> None:
        """The scanner is read, or not; in the scanner's thread."""
        self._readied.emit(not why_not)

    def _ready(self, has_scanner: bool) -> None:  # noqa: FBT001 (a Qt slot)
        self._has_scanner = has_scanner
        self.changed.emit()

    def look(self) -> None:
        """See what has changed."""
        answer = read_answer(self._folder)
        now = (answer, self._read_addresses(), (self._folder / TOKEN).exists())
        if now != (self._answer, self._addresses, self._is_asking):
            self._answer, self._addresses, self._is_asking = now
            self.changed.emit()

    def _take(self, text: str) -> None:
        self._has_misread = not is_token(text)
        if not self._has_misread:
            try:
                write_whole(self._folder / TOKEN, text.strip() + "\n")
            except OSError:
                log.exception("the code cannot be handed on")
        self.changed.emit()
        self.look()

    @Property(str, notify=changed)
    def title(self) -> str:
        if self._appliance.problems:
            return self._texts.get("title_wrong")
        return self._texts.get("title_hub" if self._appliance.is_hub_alone else "title")

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]
    def problems(self) -> list[dict[str, str]]:
        return [{"where": one.where, "what": one.what, "mend": one.mend} for one in self._appliance.problems]

    @Property(str, notify=changed)
    def advice(self) -> str:
        """What to do, in one line."""
        if self._appliance.problems:
            return self._texts.get("mend_file")
        if self._appliance.is_hub_alone:
            return self._texts.get("console")
        return self._texts.get("show_code" if self._has_scanner else "no_scanner")

    @Property(str, notify=changed)
    def more(self) -> str:
        if self._appliance.problems:
            return ""
        return self._texts.get("where_devices" if self._appliance.is_hub_alone else "where_code")

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def consoles(self) -> list[str]:
        """Where a hub's console is; none on the page of another machine, or of one with problems."""
        if self._appliance.problems or not self._appliance.is_hub_alone:
            return []
        hosts = [f"{self._appliance.name}.local", *self._addresses]
        return [f"http://{host}{self._appliance.console}" for host in hosts]

    @Property(str, notify=changed)
    def news(self) -> str:
        """How far entering is."""
        answer = self._answer
        if answer is not None and answer.device:
            return self._texts.get("entered", device=answer.device)
        if self._has_misread:
            return self._texts.get("no_code")
        if self._is_asking:
            return self._texts.get("not_yet" if answer is not None and not answer.is_final else "entering")
        return self._texts.get("refused") if answer is not None else ""

    @Property(str, notify=changed)
    def why(self) -> str:
        answer = self._answer
        return f"{answer.what}. {answer.mend}" if answer is not None and not answer.device and answer.what else ""

    @Property(str, notify=changed)
    def network(self) -> str:
        if not self._addresses:
            return self._texts.get("no_network")
        return self._texts.get("network", addresses=", ".join(self._addresses))

    @Property(str, constant=True)
    def release(self) -> str:
        return self._texts.get("release", release=self._appliance.release or version("antesala"))

    @Property(bool, constant=True)
    def mirrored(self) -> bool:
        return self._texts.language in RIGHT_TO_LEFT


def main(argv: Sequence[str] | None = None) -> int:
    """Show the page until SIGTERM."""
    line = argparse.ArgumentParser(prog="antesala-setup", description=__doc__)
    line.add_argument("--folder", type=Path, default=SETUP_FOLDER)
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="antesala-setup: %(levelname)s %(message)s", stream=sys.stderr)
    supervision, app, appliance = Supervision(), application("antesala-setup"), read_appliance()
    folder = texts_folder(Path())
    texts = in_language(read_texts(folder, "setup", languages_in(folder, "setup")), appliance.language, "es")
    model = SetupModel(appliance, texts, given.folder, addresses)
    size = panel(appliance.width_px, appliance.height_px, appliance.diagonal_in)
    page = Path(__file__).parent / "qml/Setup.qml"
    stage = open_window(page, {"model": model}, size, full_screen=True, control=None)
    timer = QTimer(interval=LOOK_MS)
    timer.timeout.connect(model.look)
    timer.start()
    scanner = scanner_at(
        appliance.scanner, appliance.scanner_baud, lambda: LayoutFinder(is_token, lambda _: False), model.scan
    )
    plugs = Hotplug(lambda _: scanner.look_again(), SUBSYSTEMS)
    scanner.on_state = model.scanner_is
    scanner.start()
    plugs.start()
    live(
        app,
        stage.window,
        painted=lambda: supervision.ready("waits for a technician"),
        turned=supervision.fed,
        may_begin_anew=lambda: False,
    )
    supervision.ending()
    plugs.stop()
    scanner.stop()
    del stage
    return 0


if __name__ == "__main__":
    sys.exit(main())
