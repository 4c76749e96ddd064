"""What is written down about accessibility is what the tests show. UX, rows RB5 and RB6."""

import re

import pytest

from kiosk_app.commissioning import requirements, sheet
from kiosk_app.config import KioskConfig
from tests.a11y.report import LOBBY, PAGE, ROOT, page

GUIDE = ROOT / "docs" / "operators" / "accessibility.md"


def proofs() -> set[str]:
    """The rows that some test names."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for rows in re.findall(r"@pytest\.mark\.ux\(([^)]*)\)", path.read_text()):
            found |= set(re.findall(r'"([A-Z]+\d+)"', rows))
    return found


def test_every_row_that_tests_show_has_one_and_no_test_names_another() -> None:
    every = [*requirements(), *requirements(LOBBY)]
    rows = {row.id: row for row in every}
    assert len(rows) == len(every) > 78
    assert {id_ for id_, row in rows.items() if row.by in ("test", "both")} <= proofs()
    assert proofs() <= set(rows)
    assert {row.by for row in rows.values()} == {"test", "both", "person", "bench", "none"}
    assert all(row.check for row in rows.values() if row.by != "test")


def test_the_page_is_of_these_rows_and_nothing_is_left_unshown() -> None:
    text = PAGE.read_text()
    blank = page({})
    for line in blank.splitlines():
        if line.startswith("| "):
            assert line.rpartition(" | ")[0] in text, "run make accessibility"
    assert "not shown" not in text


@pytest.mark.ux("RB5", "RB6")
def test_the_guide_says_how_to_put_up_a_kiosk_and_how_speech_begins() -> None:
    text = GUIDE.read_text()
    for figure in ("380", "1220", "1015", "760 x 1220", "65 dB"):
        assert figure in text
    for word in ("headphones", "any key", "full_scale_db", "screen_bottom_mm", "keypad_keys"):
        assert word in text


def test_the_sheet_has_all_that_a_person_checks() -> None:
    config = KioskConfig(journal="j", bridge_socket="s", printer="p", scanner="s")  # type: ignore[arg-type]
    text = sheet(config)
    for row in requirements():
        assert (f"[ ] {row.id} " in text) == (row.by in ("person", "both", "bench"))
    assert "7.33 mm" in text
    assert "all of it within reach" in text
    high = KioskConfig(journal="j", bridge_socket="s", printer="p", scanner="s", screen_bottom_mm=900)  # type: ignore[arg-type]
    assert "a button lowers the page" in sheet(high)
