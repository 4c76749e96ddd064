"""The lobby's screens on every panel, in every language: read from the last row, nothing cut, nothing that misleads."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQuick import QQuickWindow
from PySide6.QtTest import QTest

from display_app.config import ScreenConfig
from display_app.core.layout import HISTORY_ROWS, STRIP_PART
from display_app.core.scene import pages_of
from display_app.screens import fitted
from hwlib.screen.panel import CALL_DEG, SIDE_DEG, cap_height_mm
from hwlib.screen.window import FAMILIES, application
from officelib.catalogue import LEGIBLE_SERIES, Catalogue
from officelib.errors import KnownError
from tests.conftest import NINE_MS
from tests.visual.lobby import BEFORE, HANGINGS, MOMENTS, Hung, Moment, call
from tests.visual.shown import (
    CAP_RATIO,
    LANGUAGES,
    NOTICE,
    check_texts,
    grabbed,
    items,
    keep,
    named,
    overlaps,
    pixel_size,
    rect,
    texts,
)

DIRECTIONS = range(0, 360, 45)


@pytest.fixture(scope="module", params=HANGINGS)
def hung(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[tuple[str, Hung]]:
    application("test")
    one = Hung(HANGINGS[request.param], catalogue)
    yield request.param, one
    one.close()


@pytest.fixture
def screen(catalogue: Catalogue) -> Iterator[Hung]:
    application("test")
    one = Hung(HANGINGS["landscape-far"], catalogue, still=False)
    yield one
    one.close()


def cap_mm(screen: Hung, name: str) -> float:
    return pixel_size(named(screen.window, name)) * CAP_RATIO * screen.fitted.panel.pitch_mm


@pytest.mark.ux("LD1", "LD2", "VI8")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MOMENTS)
def test_a_board_can_be_read_from_the_last_row(
    hung: tuple[str, Hung], name: str, language: str, request: pytest.FixtureRequest
) -> None:
    """UX LD1, LD2: 0.7 degrees for a number, 0.35 for its counter and for the list, nothing under distance / 250."""
    hanging, screen = hung
    screen.show(MOMENTS[name], language)
    picture = grabbed(screen.window)
    viewing_mm = screen.fitted.config.viewing_mm
    check_texts(screen.window, screen.fitted.panel.pitch_mm, viewing_mm / 250)
    assert not overlaps(texts(screen.window))
    shown = {item.objectName() for item in items(screen.window)}
    for number in range(4):
        suffix = f"-{number}" if number else ""
        if f"tile-{number}" in shown:
            labels = str(named(screen.window, f"called{suffix}").property("text")).split()
            if len(labels) == 1:
                assert cap_mm(screen, f"called{suffix}") >= cap_height_mm(viewing_mm, CALL_DEG) - 0.5
            else:
                assert cap_mm(screen, f"called{suffix}") >= cap_height_mm(viewing_mm, SIDE_DEG) - 0.5
            assert cap_mm(screen, f"called-counter{suffix}") >= cap_height_mm(viewing_mm, SIDE_DEG) - 0.5
    keep(request, picture, f"display/{hanging}/{language}/{name}")


@pytest.mark.ux("LD2", "LD5")
def test_a_number_in_the_list_is_as_large_as_its_counter(hung: tuple[str, Hung]) -> None:
    _, screen = hung
    screen.show(MOMENTS["calling"])
    grabbed(screen.window)
    rows = [item for item in items(screen.window) if item.objectName().startswith("listed-")]
    assert len(rows) >= HISTORY_ROWS
    least = cap_height_mm(screen.fitted.config.viewing_mm, SIDE_DEG)
    for row in rows:
        for text in [item for item in texts(screen.window) if item.parentItem() == row]:
            assert pixel_size(text) * CAP_RATIO * screen.fitted.panel.pitch_mm >= least - 0.5, text.property("text")


@pytest.mark.ux("LD5")
def test_the_newest_is_marked_by_a_word_and_its_place(hung: tuple[str, Hung]) -> None:
    _, screen = hung
    screen.show(Moment((call(42), call(41, "12"), call(40, "1"), call(39), *BEFORE)))
    grabbed(screen.window)
    tiles = sorted(
        (item for item in items(screen.window) if item.objectName().startswith("tile-")), key=lambda i: i.objectName()
    )
    assert len(tiles) == screen.fitted.layout.most_large
    assert "A042" in str(named(screen.window, "called").property("text"))
    word = next(t for t in texts(screen.window) if t.property("text") == screen.model.property("t")["now_calling"])
    assert rect(tiles[0]).contains(rect(word))
    assert all(rect(tiles[0]).height() >= rect(tile).height() for tile in tiles)


@pytest.mark.ux("LD10")
def test_the_strip_is_low_and_the_clock_is_there(hung: tuple[str, Hung]) -> None:
    _, screen = hung
    screen.show(MOMENTS["notice"])
    grabbed(screen.window)
    strip = rect(named(screen.window, "notice"))
    assert strip.height() <= STRIP_PART * screen.window.height() + 1
    assert any(item.property("text") == "09:00" for item in texts(screen.window))


@pytest.mark.ux("LD3", "LD4")
def test_letters_and_digits_are_told_apart(screen: Hung) -> None:
    """UX LD3: one sans serif family, upright; no two signs that a label may hold are painted alike."""
    screen.show(MOMENTS["calling"])
    pictures: dict[str, QImage] = {}
    for sign in (*sorted(LEGIBLE_SERIES), *"0123456789"):
        item = named(screen.window, "called")
        item.setProperty("text", sign)
        pictures[sign] = grabbed(screen.window).copy(rect(item).toRect())
        font = item.property("font")
        assert font.family() in FAMILIES
        assert not font.italic()
    names = list(pictures)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert differing(pictures[one], pictures[other]) > 0.002, (one, other)


def differing(one: QImage, other: QImage) -> float:
    """The part of the pixels in which two pictures differ clearly."""
    from PIL import Image, ImageChops

    def grey(picture: QImage) -> Image.Image:
        plain = picture.convertToFormat(QImage.Format.Format_Grayscale8)
        size = (plain.width(), plain.height())
        return Image.frombuffer("L", size, bytes(plain.constBits()), "raw", "L", plain.bytesPerLine(), 1)

    histogram = ImageChops.difference(grey(one), grey(other)).histogram()
    return sum(histogram[100:]) / (one.width() * one.height())


@pytest.mark.ux("LD6", "VI6")
def test_a_new_call_pulses_at_most_thrice_and_at_most_once_a_second(screen: Hung) -> None:
    """UX LD6, VI6: light that goes up and down over a tenth of the screen, counted in pictures 50 ms apart."""
    screen.show(Moment(BEFORE))
    screen.show(MOMENTS["calling"])
    lights = []
    for _ in range(90):
        QTest.qWait(50)
        lights.append(brightness(screen.window))
    steady = lights[-1]
    peaks = [
        at
        for at in range(1, len(lights) - 1)
        if lights[at] > steady + 1 and lights[at - 1] <= lights[at] > lights[at + 1]
    ]
    assert 1 <= len(peaks) <= 3
    assert all(later - earlier >= 10 for earlier, later in pairwise(peaks))
    assert max(lights[-15:]) - min(lights[-15:]) <= 1, "then it stands"


def brightness(window: QQuickWindow) -> float:
    small = window.grabWindow().scaled(16, 9).convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(small.pixelColor(x, y).lightness() for x in range(16) for y in range(9)) / 144


@pytest.mark.ux("VI7")
def test_where_nothing_may_move_nothing_moves(catalogue: Catalogue) -> None:
    application("test")
    one = Hung(HANGINGS["landscape-far"], catalogue, still=True)
    try:
        one.show(Moment(BEFORE))
        one.show(MOMENTS["calling"])
        before = grabbed(one.window)
        QTest.qWait(300)
        assert grabbed(one.window) == before
    finally:
        one.close()


def test_arrows_show_the_way_and_are_not_mirrored(screen: Hung) -> None:
    for language in ("es", "ar"):
        screen.show(Moment((call(42, "3"),)), language)
        grabbed(screen.window)
        assert screen.model.property("large")[0]["arrow"] == 270
    screen.show(Moment((call(42, "99"),)))
    assert screen.model.property("large")[0]["arrow"] == -1, "where nobody said where it is, none"


@pytest.mark.ux("LD8")
def test_the_picture_moves_by_two_millimetres_in_ten_minutes_and_stays_whole(screen: Hung) -> None:
    places = []
    for minutes in range(0, 161, 10):
        screen.show(Moment(busy=True), hub_ms=NINE_MS + minutes * 60_000)
        grabbed(screen.window)
        check_texts(screen.window, screen.fitted.panel.pitch_mm, 6_000 / 250)
        page = named(screen.window, "screen")
        places.append((page.x() * screen.fitted.panel.pitch_mm, page.y() * screen.fitted.panel.pitch_mm))
    steps = [max(abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in pairwise(places)]
    assert max(steps) <= 2.01
    assert len(set(places)) == 8


def test_a_message_that_is_long_is_said_in_pages_that_lose_no_word(hung: tuple[str, Hung]) -> None:
    _, screen = hung
    words = []
    text = NOTICE.text["es"]
    count = len(pages_of(text, screen.fitted.screen.strip_letters))
    for turn in range(count):
        screen.show(replace(MOMENTS["notice"], turn=turn))
        grabbed(screen.window)
        words += str(named(screen.window, "strip").property("text")).split()
    assert words == text.split()


@pytest.mark.ux("LD1")
@pytest.mark.parametrize(("diagonal_in", "viewing_mm"), [(43.0, 9_000), (15.0, 4_000), (10.0, 30_000)])
def test_a_panel_that_is_too_small_for_its_room_is_refused(diagonal_in: float, viewing_mm: int) -> None:
    config = ScreenConfig(diagonal_in=diagonal_in, viewing_mm=viewing_mm)
    with pytest.raises(KnownError, match="can be read from") as refused:
        fitted(config)
    far = int(str(refused.value).split("can be read from ")[1].split(" mm")[0])
    assert fitted(replace(config, viewing_mm=max(1_000, far))) if far >= 1_000 else True
    with pytest.raises(KnownError):
        fitted(replace(config, viewing_mm=far + 2))


def test_fewer_calls_stand_large_where_there_is_no_room_and_the_operator_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    far = fitted(ScreenConfig(calls=4))
    assert far.layout.most_large == 1
    assert "room for 1 large call" in far.problem
    assert "room for 1 large call" in caplog.text
    assert not fitted(ScreenConfig(calls=4, diagonal_in=75.0, viewing_mm=4_000)).problem


def test_a_picture_has_the_stage_until_somebody_is_called(screen: Hung, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.png"
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0xFF00AA)
    assert image.save(str(path))
    url = path.as_uri()
    screen.show(Moment(BEFORE, busy=True), picture=url)
    for _ in range(100):
        QTest.qWait(10)
        if grabbed(screen.window).pixelColor(500, 500).red() == 255:
            break
    else:
        pytest.fail("the picture is not seen")
    screen.show(Moment((call(42), *BEFORE), busy=True), picture=url)
    corner = rect(named(screen.window, "tile-0")).topLeft().toPoint()
    assert grabbed(screen.window).pixelColor(corner.x() + 30, corner.y() + 30).red() < 100
    assert screen.model.property("stateName") == "calling"


def test_a_night_is_black_and_a_call_lights_it(screen: Hung, catalogue: Catalogue) -> None:
    from display_app.core.scene import scene_of
    from display_app.core.schedule import spans_of

    night = replace(screen.fitted.screen, nights=spans_of(("08:30-09:30",), 0, 0))
    for calls, dark in (((), True), ((call(42),), False)):
        lobby = screen.lobby(Moment(calls), "es")
        screen.model.show(scene_of(lobby, night, NINE_MS, "es"), lobby.catalogue, NINE_MS)
        QGuiApplication.processEvents()
        seen = grabbed(screen.window)
        assert (brightness_of(seen) == 0) is dark


def brightness_of(picture: QImage) -> int:
    small = picture.scaled(64, 36).convertToFormat(QImage.Format.Format_Grayscale8)
    return max(small.pixelColor(x, y).lightness() for x in range(64) for y in range(36))
