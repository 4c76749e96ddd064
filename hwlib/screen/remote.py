"""What somebody far away does with a screen: looks at it, or has it say who it is."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt, QTimer
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickItem, QQuickWindow

from hwlib.errors import HardwareError
from hwlib.screen.window import Stage

MOST_PX = 1280
"""Of a picture's longer side: enough to read every line of a page."""
QUALITY = 80


def picture_of(window: QQuickWindow) -> bytes:
    """What stands on the screen now, a JPEG.

    Raises:
        HardwareError: nothing is painted.
    """
    image = window.grabWindow()
    if image.isNull():
        raise HardwareError("the window is not painted")
    if max(image.width(), image.height()) > MOST_PX:
        image = image.scaled(
            MOST_PX, MOST_PX, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    content = QByteArray()
    file = QBuffer(content)
    file.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(file, "JPEG", QUALITY)  # type: ignore[call-overload]  # Qt takes a device, too
    return bytes(content.data())


def show_name(stage: Stage, name: str, for_ms: int) -> None:
    """Write a name over the whole window for a while.

    Args:
        stage: The window.
        name: What stands there.
        for_ms: How long.

    Raises:
        HardwareError: the badge's file has errors, and Qt has said which.
    """
    component = QQmlComponent(stage.engine)
    component.loadFromModule("Antesala", "Badge")
    badge = component.createWithInitialProperties({"name": name})
    if not isinstance(badge, QQuickItem):
        raise HardwareError(component.errorString())
    badge.setParent(stage.window)
    badge.setParentItem(stage.window.contentItem())
    QTimer.singleShot(for_ms, badge, badge.deleteLater)
