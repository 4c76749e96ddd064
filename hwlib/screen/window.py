"""A QML window on a panel: fonts that ship with the release, sizes in millimetres, a simulated finger if asked for."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import PySide6.QtQuick  # noqa: F401 (without it the root object is no QQuickWindow)
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from hwlib.errors import HardwareError
from hwlib.screen.panel import Panel
from hwlib.screen.place import Place

FAMILIES = ("Noto Sans", "Noto Sans Arabic")


@dataclass(frozen=True)
class Stage:
    """What must be kept alive while the window is open."""

    engine: QQmlApplicationEngine
    window: QQuickWindow
    finger: object | None
    place: Place


def application(name: str) -> QGuiApplication:
    """The process's one Qt application, with the fonts that every language needs."""
    existing = QGuiApplication.instance()
    app = existing if isinstance(existing, QGuiApplication) else QGuiApplication(sys.argv[:1])
    app.setApplicationName(name)
    fonts = Path(str(resources.files("assets"))) / "fonts"
    for path in sorted(fonts.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    font = QFont()
    font.setFamilies(list(FAMILIES))
    app.setFont(font)
    return app


def open_window(
    page: Path,
    properties: Mapping[str, object],
    panel: Panel,
    *,
    full_screen: bool,
    control: Path | None,
    output: str = "",
    on_key: Callable[[str], None] = lambda _: None,
) -> Stage:
    """Open a QML file's window.

    Args:
        page: Its root is a Window.
        properties: Its required properties; `pitchMm` is added.
        panel: The panel that it is for.
        full_screen: Cover the panel; else a window of the panel's proportions that fits the desktop.
        control: Where a simulated finger listens; None in service.
        output: The output that the panel is on, as HDMI-A-2, also while that is off; "" where there is but one panel.
        on_key: Takes the keys that it presses on a simulated keypad.

    Raises:
        HardwareError: the file has errors, and Qt has said which.
    """
    engine = QQmlApplicationEngine()
    engine.addImportPath(str(Path(str(resources.files("assets"))) / "qml"))
    width, height, pitch_mm = _fitted(panel, full_screen=full_screen)
    engine.setInitialProperties({**properties, "pitchMm": pitch_mm, "width": width, "height": height})
    engine.load(QUrl.fromLocalFile(str(page)))
    roots = engine.rootObjects()
    if not roots or not isinstance(roots[0], QQuickWindow):
        raise HardwareError(f"{page} shows no window")
    window = roots[0]
    if full_screen:
        QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)  # a window's own gives way to those of items
    place = Place(window, output, window.showFullScreen if full_screen else window.show)
    finger = None
    if control is not None:
        from hwlib.sim.panel import PanelSim  # noqa: PLC0415 (never loaded in service)

        finger = PanelSim(window, control, on_key)
    return Stage(engine, window, finger, place)


def _fitted(panel: Panel, *, full_screen: bool) -> tuple[int, int, float]:
    """Width, height and pitch: the panel's own, or scaled down to a desktop that is smaller."""
    screen = QGuiApplication.primaryScreen()
    if full_screen or screen is None or QGuiApplication.platformName() == "offscreen":
        return panel.width_px, panel.height_px, panel.pitch_mm
    free = screen.availableGeometry()
    scale = min(1.0, free.width() * 0.95 / panel.width_px, free.height() * 0.9 / panel.height_px)
    return round(panel.width_px * scale), round(panel.height_px * scale), panel.pitch_mm / scale
