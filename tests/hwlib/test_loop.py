"""The life of a program with a window, in a process of its own: the signals are real, and so is the crash."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(60)
TERM = signal.SIGTERM
PROGRAM = """
import signal, sys, time
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow
from hwlib.screen.loop import live

app, window, told = QGuiApplication(), QQuickWindow(), {told}
window.show()
frames, since = [0], time.monotonic()

def painting():
    frames[0] += 1
    if frames[0] == 5:
        for number in told:
            signal.raise_signal(number)
    window.update()

window.afterAnimating.connect(painting, Qt.ConnectionType.DirectConnection)
free = lambda: time.monotonic() - since > 1
print(live(app, window, painted=lambda: print("painted"), turned=lambda: None, may_begin_anew=free))
print(free())
"""


def lived(*told: signal.Signals) -> list[str]:
    program = PROGRAM.format(told=[*map(int, told)])
    shown = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=shown, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("told", [(TERM,), (signal.SIGINT,), (signal.SIGHUP, TERM), (TERM, signal.SIGHUP)])
def test_who_is_told_to_end_in_the_middle_of_a_frame_ends_after_it(told: tuple[signal.Signals, ...]) -> None:
    """Closing the window within its own event is a segmentation fault: seen once in ten ends of a busy display."""
    assert lived(*told)[:2] == ["painted", "False"]


def test_a_new_beginning_waits_until_nobody_is_disturbed() -> None:
    assert lived(signal.SIGHUP) == ["painted", "True", "True"]
