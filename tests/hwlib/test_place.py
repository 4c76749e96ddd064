"""A window and its panel, which comes and goes. Real windows and screens of Qt; that one goes is said by the test."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow
from hwlib.screen import place

output = sys.argv[1]
app = QGuiApplication(sys.argv)
every = {screen.name(): screen for screen in app.screens()}
window = QQuickWindow()
one = place.Place(window, output, window.showFullScreen)
said = []

def tell():
    said.append([window.isVisible(), window.screen().name(), one.problem])

def goes(*there):
    place._panels = lambda: [every[name] for name in there]
    for screen in every.values():
        (app.screenAdded if screen.name() in there else app.screenRemoved).emit(screen)
    window.setScreen(every["HDMI-A-1"])  # as Qt does

steps = iter([tell, lambda: goes("HDMI-A-1"), tell, goes, tell, lambda: goes("HDMI-A-1", "HDMI-A-2"), tell, app.quit])

def on():
    next(steps)()
    QTimer.singleShot(2 * place.SETTLE_MS, on)

QTimer.singleShot(2 * place.SETTLE_MS, on)
app.exec()
print(json.dumps(said))
"""


def lived(tmp_path: Path, output: str) -> list[tuple[bool, str, str]]:
    """Visible, where, and what is told: both panels there, one, none, both again."""
    shape = {"y": 0, "width": 640, "height": 480, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [{"name": f"HDMI-A-{number + 1}", "x": number * 640, **shape} for number in range(2)]
    plugged = tmp_path / "screens.json"
    plugged.write_text(json.dumps({"screens": screens}))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, output],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={plugged}", "QT_QUICK_BACKEND": "software"},
    )
    assert done.returncode == 0, done.stderr
    return [(visible, where, problem) for visible, where, problem in json.loads(done.stdout)]


def test_a_window_is_seen_on_its_own_panel_and_on_no_other(tmp_path: Path) -> None:
    both, one, none, again = lived(tmp_path, "HDMI-A-2")
    assert both == again == (True, "HDMI-A-2", "")
    assert (one[0], none[0]) == (False, False)
    assert one[2].startswith("no panel on output HDMI-A-2, there is one on: HDMI-A-1;")


def test_a_window_of_the_only_panel_waits_for_it(tmp_path: Path) -> None:
    both, _, none, again = lived(tmp_path, "")
    assert both[0]
    assert both[2] == again[2] == ""
    assert none[0], "it is there once a panel is"
    assert none[2].startswith("no panel;")
