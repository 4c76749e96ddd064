"""A window as a blind person's software sees it: read from Qt's tree of accessibility, in this process, without a bus.

What is on a page is said once, in QML; the voice, the keys and the tests read the same tree.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtQuick import QQuickItem, QQuickWindow

from kiosk_app.core.audio_nav import Node

TEXTS = (QAccessible.Role.StaticText, QAccessible.Role.Heading)
SWITCHES = (QAccessible.Role.CheckBox, QAccessible.Role.RadioButton)
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")
"""Marks for the eye's order of letters: a voice would stumble."""


class PageReader:
    """Reads a window's page, and acts on its nodes. Of the window's own thread.

    Qt frees a node together with its item: nothing of the tree is kept, each question walks it anew, in 0.1 ms.
    """

    def __init__(self, window: QQuickWindow) -> None:
        QAccessible.setActive(True)
        self._window = window

    def read(self) -> tuple[Node, ...]:
        """The visible page's nodes in the order in which they are read; while a question is asked, only those of it."""
        return tuple(node for node, _ in self._walk())

    def question(self) -> str:
        """The name of the question that is asked over the page; empty for none."""
        dialog = self._dialog()
        return dialog.text(QAccessible.Text.Name) if dialog else ""

    def press(self, node: str) -> bool:
        """As a finger would; False when it is gone."""
        return self._do(node, "Press")

    def focus(self, node: str) -> bool:
        """Give it the keyboard's focus, or nothing at all where the name is empty; False when it is gone."""
        if not node:
            self._window.contentItem().forceActiveFocus()
            return True
        return self._do(node, "SetFocus")

    def rect(self, node: str) -> QRectF:
        """Where it is in the window, in pixels; empty when it is gone."""
        item = next((_item(one) for known, one in self._walk() if known.id == node), None)
        return QRectF() if item is None else item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))

    def _do(self, node: str, action: str) -> bool:
        found = next((one for known, one in self._walk() if known.id == node), None)
        if found is None:
            return False
        found.actionInterface().doAction(action)
        return True

    def _root(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._window)

    def _dialog(self) -> QAccessibleInterface | None:
        dialogs = (one for one in _all(self._root()) if one.role() == QAccessible.Role.Dialog and _is_shown(one))
        return next(dialogs, None)

    def _walk(self) -> Iterator[tuple[Node, QAccessibleInterface]]:
        counted: Counter[str] = Counter()
        for one in _all(self._dialog() or self._root()):
            node = _node_of(one)
            if node is not None:
                counted[node.id] += 1
                number = counted[node.id]
                yield (node if number == 1 else replace(node, id=f"{node.id} #{number}")), one


def _node_of(one: QAccessibleInterface) -> Node | None:
    """What somebody is told of it; None for what says nothing."""
    role, item = one.role(), _item(one)
    if item is None or not _is_shown(one) or role not in (*TEXTS, *SWITCHES, QAccessible.Role.Button):
        return None
    name = one.text(QAccessible.Text.Name).translate(ISOLATES)
    if not name:
        return None
    return Node(
        id=item.objectName() or f"text: {name}",
        role="text" if role in TEXTS else "switch" if role in SWITCHES else "button",
        name=name,
        note=one.text(QAccessible.Text.Description).translate(ISOLATES).replace(" · ", ". "),
        language=str(item.property("spokenLanguage") or ""),
        is_private=bool(item.property("personal")),
        mask=str(item.property("mask") or ""),
        is_on=bool(one.state().checked),
        is_frame=_is_frame(item),
    )


def _all(one: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield one
    for number in range(one.childCount()):
        child = one.child(number)
        if child is not None and child.isValid():
            yield from _all(child)


def _is_shown(one: QAccessibleInterface) -> bool:
    return not one.state().invisible


def _item(one: QAccessibleInterface) -> QQuickItem | None:
    thing: QObject | None = one.object()
    return thing if isinstance(thing, QQuickItem) else None


def _is_frame(item: QQuickItem) -> bool:
    parent: QQuickItem | None = item
    while parent is not None:
        if parent.property("isFrame"):
            return True
        parent = parent.parentItem()
    return False
