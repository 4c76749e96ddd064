"""The life of a program with a window: painted, turning, told to end or to begin anew."""

import signal
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow

PANEL_MS = 20_000
"""A panel that is off or gone paints nothing: the program lives all the same, and its voice with it."""
TURN_MS = 200
"""Python sees signals between two turns of Qt's loop."""
ENDS = (signal.SIGTERM, signal.SIGINT)


def live(
    app: QGuiApplication,
    window: QQuickWindow,
    *,
    painted: Callable[[], None],
    turned: Callable[[], None],
    may_begin_anew: Callable[[], bool],
) -> bool:
    """Run until SIGTERM or SIGINT, until the window is closed, or, after SIGHUP, until nobody is disturbed by it.

    Args:
        app: Whose loop it is.
        window: The program's.
        painted: Called when the first frame is on the panel, and after 20 s in any case.
        turned: Called from the loop, five times a second, as long as it goes round.
        may_begin_anew: Asked after SIGHUP.

    Returns:
        Whether the program is to begin anew.
    """
    asked: int | None = None

    def ask(number: int, _: object) -> None:
        """Python calls this within whatever it runs, a window's own event among them: here nothing may be closed."""
        nonlocal asked
        if asked not in ENDS:
            asked = number

    def turn() -> None:
        turned()
        if asked in ENDS or (asked is not None and may_begin_anew()):
            app.quit()

    for number in (*ENDS, signal.SIGHUP):
        signal.signal(number, ask)
    window.frameSwapped.connect(
        painted,
        Qt.ConnectionType(Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value),
    )
    turns = QTimer(interval=TURN_MS)
    turns.timeout.connect(turn)
    turns.start()
    QTimer.singleShot(PANEL_MS, painted)
    app.exec()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # also for the new beginning, until it listens
    return asked == signal.SIGHUP
