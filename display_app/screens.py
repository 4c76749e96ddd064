"""From what an operator wrote to what the display goes by: what is wrong is told before anything is shown."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from display_app.config import DisplayConfig, ScreenConfig
from display_app.core.board_view import Concern
from display_app.core.layout import Layout, TooSmall, lay_out
from display_app.core.lobby import Rules
from display_app.core.scene import Screen
from display_app.core.schedule import Span, spans_of
from hwlib.screen.panel import Panel, panel
from officelib.config import read_config
from officelib.errors import KnownError

log = logging.getLogger(__name__)

DIRECTIONS = ("up", "up-right", "right", "down-right", "down", "down-left", "left", "up-left")
ARROW = "as '3 left'"
LEAST_DB, MOST_DB = -30, 6


@dataclass(frozen=True)
class Fitted:
    """A screen as it hangs.

    Attributes:
        config: What was written.
        panel: Its geometry.
        layout: What stands where on it.
        screen: What it is for.
        arrows: By a counter's name, the way there in degrees, clockwise from straight ahead.
        problem: What could not be had; empty when everything could.
    """

    config: ScreenConfig
    panel: Panel
    layout: Layout
    screen: Screen
    arrows: Mapping[str, int]
    problem: str


@dataclass(frozen=True)
class Setup:
    """A display's screens, its rules, and how bright its panels are when."""

    screens: tuple[Fitted, ...]
    rules: Rules
    dimmed: tuple[Span, ...]


def setup_of(config: DisplayConfig) -> Setup:
    """Everything that a display goes by.

    Raises:
        KnownError: a panel is too small for its room, or a key is wrong.
    """
    nights = _spans("nights", config.nights, 0, 0)
    screens = [fitted(config, nights)]
    if config.second_screen != Path():
        second = read_config(ScreenConfig, config.second_screen)
        if second.output == config.output:
            raise KnownError(
                f"both screens are on output '{config.output}'",
                where=str(config.second_screen),
                mend="Name in 'output' which panel is which.",
            )
        screens.append(fitted(second, nights))
    rules = Rules(
        tuple(one.screen.concern for one in screens), _spans("levels", config.levels, LEAST_DB, MOST_DB), config.also_in
    )
    return Setup(tuple(screens), rules, _spans("dimmed", config.dimmed, 1, 100))


def fitted(config: ScreenConfig, nights: tuple[Span, ...] = ()) -> Fitted:
    """A screen as it hangs.

    Raises:
        KnownError: the panel is too small for its room, or a key is wrong.
    """
    hung = panel(config.width_px, config.height_px, config.diagonal_in)
    try:
        layout = lay_out(hung, config.viewing_mm, config.calls)
    except TooSmall as error:
        raise KnownError(
            f"a panel of {config.diagonal_in:g} inch can be read from {error.farthest_mm} mm, not from "
            f"{config.viewing_mm} mm",
            where="keys 'diagonal_in' and 'viewing_mm'",
            mend="Hang a larger panel or a second one nearer, or correct the figures.",
        ) from error
    problem = ""
    if layout.most_large < config.calls:
        problem = f"room for {layout.most_large} large call(s), not for {config.calls}, to be read from the last row"
        log.warning("%s; hang a larger panel, or set 'calls'", problem)
    screen = Screen(
        Concern(frozenset(config.series), frozenset(config.counters)),
        layout.most_large,
        layout.stage_letters,
        layout.strip_letters,
        layout.table_rows,
        nights,
    )
    return Fitted(config, hung, layout, screen, _arrows(config.arrows), problem)


def _arrows(lines: tuple[str, ...]) -> dict[str, int]:
    arrows = {}
    for line in lines:
        counter, _, way = line.rpartition(" ")
        if not counter or way not in DIRECTIONS:
            raise KnownError(
                f"'{line}' is not written {ARROW}", where="key 'arrows'", mend=f"The ways: {', '.join(DIRECTIONS)}."
            )
        arrows[counter.strip()] = DIRECTIONS.index(way) * 45
    return arrows


def _spans(name: str, lines: tuple[str, ...], low: int, high: int) -> tuple[Span, ...]:
    try:
        return spans_of(lines, low, high)
    except ValueError as error:
        raise KnownError(
            str(error), where=f"key '{name}'", mend="Write local times, the first that holds counts."
        ) from error
