"""Where a window stands: on its panel, and nowhere while that is off or unplugged."""

import logging
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QScreen, QWindow

log = logging.getLogger(__name__)

SETTLE_MS = 500
"""Panels come and go together, and are told one by one, at places that they do not keep."""


class Place(QObject):
    """Shows a window, and keeps it on one of several panels.

    Where one of them goes, as a television does that is switched off, Qt moves its window onto another one, over what
    is shown there, and never back. Where there is but one panel, the window waits for it.
    """

    def __init__(self, window: QWindow, output: str, show: Callable[[], None]) -> None:
        """Args:
        window: Not shown yet. What keeps it in its place ends with it.
        output: The panel's, as HDMI-A-2; "" where there is but one.
        show: Shows the window, whenever its panel is there.
        """
        super().__init__(window)
        self._window, self._output, self._show = window, output, show
        self._was_there = True
        self._soon = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._settle)
        app = cast("QGuiApplication", QGuiApplication.instance())
        for changed in (app.screenAdded, app.screenRemoved, window.screenChanged):
            changed.connect(self._look)
        self._settle()

    @property
    def problem(self) -> str:
        """What keeps the window from being seen; empty while it is."""
        if self._screen() is not None:
            return ""
        there = ", ".join(screen.name() for screen in _panels())
        which = f" on output {self._output}, there is one on: {there}" if self._output and there else ""
        return f"no panel{which}; switch it on, look at its cable"

    def _screen(self) -> QScreen | None:
        return next((screen for screen in _panels() if self._output in ("", screen.name())), None)

    def _look(self) -> None:
        if self._output and self._screen() is None:
            self._window.hide()
        self._soon.start()

    def _settle(self) -> None:
        screen = self._screen()
        if not self._output:
            if not self._window.isVisible():
                self._show()
        elif screen is None:
            self._window.hide()
        elif not self._window.isVisible() or self._window.screen() is not screen:
            self._window.hide()
            self._window.setScreen(screen)
            self._window.setPosition(screen.geometry().topLeft())
            self._show()
        if (screen is not None) != self._was_there:
            self._was_there = screen is not None
            log.warning("%s", self.problem or f"a panel is there again{self._output and f', on {self._output}'}")


def _panels() -> list[QScreen]:
    """Without any, Qt has a screen of no size."""
    return [screen for screen in QGuiApplication.screens() if not screen.geometry().isEmpty()]
