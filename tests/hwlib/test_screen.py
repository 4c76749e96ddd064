"""Sizes that a panel must have to be read."""

import pytest

from hwlib.screen.panel import cap_height_mm, panel


@pytest.mark.parametrize(
    ("distance_mm", "height_mm"), [(600, 7.3), (2_000, 24), (5_000, 61), (8_000, 98), (15_000, 183)]
)
def test_capitals_are_as_high_as_the_standard_asks(distance_mm: float, height_mm: float) -> None:
    """EN 301 549 5.1.4, as a table."""
    assert cap_height_mm(distance_mm) == pytest.approx(height_mm, rel=0.02)
    with pytest.raises(ValueError, match="distance"):
        cap_height_mm(0)


def test_a_panel_knows_its_pixels() -> None:
    assert panel(1920, 1080, 43).pitch_mm == pytest.approx(0.496, abs=0.001)
    assert panel(1080, 1920, 15.6).px(20) == pytest.approx(111, abs=1)
