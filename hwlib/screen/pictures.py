"""Pictures of the office's own, one after the other, from a folder that may change at any time."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QImageReader

log = logging.getLogger(__name__)

SUFFIXES = (".jpg", ".jpeg", ".png")
MOST_PIXELS = 50_000_000
"""A larger picture takes more memory than an appliance has to spare; a page is 2 million."""


class PictureShow(QObject):
    """Which picture is shown now. Here only the heads of files are read; the page decodes in a thread of its own."""

    changed = Signal()

    def __init__(self, folder: Path | None, every_s: int, is_due: Callable[[Path], bool] = lambda _: True) -> None:
        """Args:
        folder: Of the pictures; None for none.
        every_s: How long each is shown, seconds.
        is_due: Whether a picture may be shown now.
        """
        super().__init__()
        self._is_due = is_due
        self._folder, self._told = folder, set[Path]()
        self._now: Path | None = None
        self._timer = QTimer(self, interval=every_s * 1000)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        if self._folder is not None:
            self.turn()
            self._timer.start()

    @property
    def url(self) -> str:
        """Of the picture; empty for none."""
        return QUrl.fromLocalFile(str(self._now)).toString() if self._now else ""

    def turn(self) -> None:
        """The next one by its name; after the last the first. What cannot be shown is told once, and left out."""
        files = self._files()
        after = [path for path in files if self._now is not None and path > self._now]
        chosen = next((path for path in [*after, *files] if self._is_good(path)), None)  # most are never opened
        if chosen != self._now:
            self._now = chosen
            self.changed.emit()

    def _files(self) -> list[Path]:
        try:
            found = list((self._folder or Path()).resolve().iterdir())
        except OSError as error:
            if self._folder is not None and self._folder not in self._told:
                log.error("no pictures: %s; check the key 'pictures' of the configuration, and the folder", error)
                self._told.add(self._folder)
            return []
        return sorted(path for path in found if path.suffix.lower() in SUFFIXES and self._is_due(path))

    def _is_good(self, path: Path) -> bool:
        reader = QImageReader(str(path))
        size = reader.size()
        if size.isValid() and size.width() * size.height() <= MOST_PIXELS:
            return True
        if path not in self._told:
            why = f"{size.width()} x {size.height()} pixels" if size.isValid() else reader.errorString()
            log.error("%s is not shown: %s; save it as JPEG or PNG, as large as the panel", path, why)
            self._told.add(path)
        return False
