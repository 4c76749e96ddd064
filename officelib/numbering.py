"""The hub's numbers of a business day: strictly sequential, never derived, never given again."""

from officelib.ids import HIGHEST_NUMBER, Label, main_label


class Numbers:
    """The last number given in each series."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next_label(self, series: str) -> str:
        """The label that comes next; `seen` makes it taken.

        Raises:
            ValueError: the series is exhausted for today.
        """
        number = self._last.get(series, 0) + 1
        if number > HIGHEST_NUMBER:
            raise ValueError(f"series {series} has no number left today")
        return main_label(series, number)

    def seen(self, label: Label) -> None:
        """A main label has been given."""
        self._last[label.series] = max(label.number, self._last.get(label.series, 0))


def next_lane_number(last: int) -> int:
    """The number after `last` in a lane. Lanes go on over days and start again only after 9999."""
    return last % HIGHEST_NUMBER + 1
