"""A finger and a camera for a window: touches items by their names and takes pictures, at a test's command.

The only part of hwlib that knows Qt; an app loads it when its configuration names a control socket, and not otherwise.
"""

import queue
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

from hwlib.sim.control import serve_control

ANSWER_S = 10.0
KEPT_FRAMES = 2_000
FRAME_MS = 16


class PanelSim(QObject):
    """Obeys {"touch": objectName}, {"key": function}, {"picture": file} and {"look": true} in the window's thread."""

    _asked = Signal(object, object)

    def __init__(self, window: QQuickWindow, control: Path, on_key: Callable[[str], None]) -> None:
        super().__init__()
        self._window, self._on_key = window, on_key
        self._finger = QTest.createTouchDevice()
        self._asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._painted: deque[tuple[int, str]] = deque(maxlen=KEPT_FRAMES)
        self._touched_ms = 0
        window.frameSwapped.connect(self._frame)
        self._server = serve_control(control, self._ask)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._asked.emit(command, answers)
        return answers.get(timeout=ANSWER_S)

    def _answer(self, command: dict[str, Any], answers: "queue.Queue[dict[str, Any]]") -> None:
        try:
            if "touch" in command:
                if not self._is_painted():
                    QTimer.singleShot(FRAME_MS, lambda: self._answer(command, answers))
                    return
                self._touch(str(command["touch"]))
                QTimer.singleShot(0, lambda: answers.put(self._look()))
                return
            if "key" in command:
                self._on_key(str(command["key"]))
            if "picture" in command:
                self._window.grabWindow().save(str(command["picture"]))
            answers.put(self._look())
        except Exception as error:  # noqa: BLE001 (told to the test that asked)
            answers.put({"error": str(error)})

    def _touch(self, name: str) -> None:
        item = self.item(name)
        if item is None or not item.isVisible() or not item.isEnabled():
            raise LookupError(f"no item '{name}' can be touched now; there are: {sorted(self._names())}")
        middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
        QTest.touchEvent(self._window, self._finger).press(0, middle, self._window).commit()
        self._touched_ms = _mono_ms()
        QTest.touchEvent(self._window, self._finger).release(0, middle, self._window).commit()

    def item(self, name: str) -> QQuickItem | None:
        """The visible item of a name."""
        return next((item for item in self._items() if item.objectName() == name), None)

    def _look(self) -> dict[str, Any]:
        screen = self.item("screen")
        return {
            "screen": screen.property("stateName") if screen else "",
            "items": sorted(self._names()),
            "painted": list(self._painted),
            "touched_ms": self._touched_ms,
        }

    def _frame(self) -> None:
        """Note what is on the panel since when: the screen's `mark` changes with everything that a person waits for."""
        screen = self.item("screen")
        mark = str(screen.property("mark")) if screen else ""
        if not self._painted or self._painted[-1][1] != mark:
            self._painted.append((_mono_ms(), mark))

    def _is_painted(self) -> bool:
        """Whether what is shown has been on the panel: no finger touches what no eye has seen."""
        screen = self.item("screen")
        return bool(self._painted) and screen is not None and self._painted[-1][1] == str(screen.property("mark"))

    def _names(self) -> list[str]:
        return [item.objectName() for item in self._items() if item.objectName()]

    def _items(self) -> list[QQuickItem]:
        found, waiting = [], [self._window.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.isVisible():
                found.append(item)
                waiting += item.childItems()
        return found


def _mono_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
