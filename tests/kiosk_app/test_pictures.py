"""Pictures of the office on the first page: any folder, whatever is in it, and never in the way of a finger."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from hwlib.screen.pictures import MOST_PIXELS, PictureShow
from hwlib.screen.window import application
from kiosk_app.core import events as ev
from kiosk_app.core.states import Attract, Choosing
from officelib.catalogue import Catalogue
from tests.visual.shown import KIOSK_PANEL, SMALL_PANEL, Shown, check_texts, items, named, overlaps, rect, texts


def picture(path: Path, width: int = 1600, height: int = 900, colour: str = "#336699") -> None:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    assert image.save(str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    application("test")
    for name in ("b.jpg", "a.png", "c.JPEG"):
        picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "broken.png").write_bytes(b"no picture either")
    return tmp_path


def shown(show: PictureShow, turns: int) -> list[str]:
    found = []
    for _ in range(turns):
        show.turn()
        found.append(show.url.rsplit("/", maxsplit=1)[-1])
    return found


def test_pictures_follow_each_other_by_name(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    show = PictureShow(folder, 12)
    assert shown(show, 4) == ["a.png", "b.jpg", "c.JPEG", "a.png"]
    assert "broken.png" in caplog.text, "it came in its turn"
    (folder / "b.jpg").unlink()
    picture(folder / "aa.png")
    assert shown(show, 3) == ["aa.png", "c.JPEG", "a.png"], "the folder may change at any time"
    assert caplog.text.count("broken.png is not shown") == 1, "told once"


def test_of_many_pictures_one_is_opened_a_turn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    show = PictureShow(folder, 12)

    def is_good(path: Path) -> bool:
        opened.append(path)
        return True

    monkeypatch.setattr(show, "_is_good", is_good)
    assert shown(show, 1) == ["a.png"]
    assert [path.name for path in opened] == ["a.png"]


def test_a_picture_that_takes_too_much_memory_is_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    application("test")
    width = 8_000
    picture(tmp_path / "huge.png", width, MOST_PIXELS // width + 1)
    assert shown(PictureShow(tmp_path, 12), 1) == [""]
    assert "8000 x 6251 pixels" in caplog.text


@pytest.mark.parametrize("folder_of", [None, "missing", "empty"])
def test_without_pictures_there_are_none(folder_of: str | None, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    show = PictureShow(tmp_path / folder_of if folder_of else None, 12)
    show.start()
    assert shown(show, 2) == ["", ""]


@pytest.mark.parametrize("panel", [KIOSK_PANEL, SMALL_PANEL], ids=["21.5", "15.6"])
@pytest.mark.parametrize("language", ["es", "ar"])
def test_a_picture_takes_no_room_from_what_matters(
    catalogue: Catalogue, folder: Path, panel: object, language: str
) -> None:
    pictures = PictureShow(folder, 12)
    one = Shown(catalogue, panel, pictures=pictures)  # type: ignore[arg-type]
    one.show(screen=Attract(), language=language)
    bare = {item.objectName(): rect(item).size() for item in items(one.stage.window) if item.objectName() == "start"}
    pictures.turn()
    QTest.qWait(200)
    one.stage.window.grabWindow()
    check_texts(one.stage.window, panel.pitch_mm, 4.8)  # type: ignore[attr-defined]
    assert not overlaps(texts(one.stage.window))
    assert {i.objectName(): rect(i).size() for i in items(one.stage.window) if i.objectName() == "start"} == bare
    if panel is KIOSK_PANEL:
        assert named(one.stage.window, "picture").height() * KIOSK_PANEL.pitch_mm > 50
    one.close()


@pytest.mark.ux("RB3")
def test_a_finger_does_not_wait_for_a_picture(catalogue: Catalogue, tmp_path: Path) -> None:
    """The largest picture there may be is still being decoded when the touch is answered."""
    application("test")
    picture(tmp_path / "large.jpg", 8_000, MOST_PIXELS // 8_000)
    pictures = PictureShow(tmp_path, 12)
    one = Shown(catalogue, pictures=pictures)
    one.show(screen=Choosing())
    one.show(screen=Attract())
    one.stage.window.grabWindow()
    QTest.qWait(1)
    pictures.turn()
    QGuiApplication.processEvents()
    image = named(one.stage.window, "picture")
    assert image.property("progress") < 1
    middle = rect(named(one.stage.window, "start")).center().toPoint()
    QTest.mouseClick(one.stage.window, Qt.MouseButton.LeftButton, pos=middle)
    assert one.acted == [ev.Started()]
    assert image.property("progress") < 1, "and it is not there yet"
    one.close()
