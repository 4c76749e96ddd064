"""Two panels on one box: each has its own window, its own calls; one voice says what either shows."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PANELS = [("HDMI-A-1", 0, 1920, 1080), ("HDMI-A-2", 1920, 1080, 1920)]


def lived(tmp_path: Path, panels: Sequence[tuple[str, int, int, int]]) -> list[dict[str, Any]]:
    """What is where on a display with two panels after two calls, while these panels are there."""
    plugged = tmp_path / "screens.json"
    shape = {"y": 0, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [{"name": name, "x": x, "width": width, "height": height, **shape} for name, x, width, height in panels]
    plugged.write_text(json.dumps({"screens": screens}))
    second = tmp_path / "second.toml"
    second.write_text('output = "HDMI-A-2"\nwidth_px = 1080\nheight_px = 1920\ncounters = ["3"]\n')
    done = subprocess.run(
        [sys.executable, "-m", "tests.display_app.two_screens", str(tmp_path / "day"), str(second)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={plugged}", "QT_QUICK_BACKEND": "software"},
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def names_said(tmp_path: Path) -> list[str]:
    said = [json.loads(line)["text"] for line in (tmp_path / "day" / "said" / "said.jsonl").read_text().splitlines()]
    return [name for name in said if "." not in name]


def test_each_panel_has_its_own_calls(tmp_path: Path) -> None:
    first, other = lived(tmp_path, PANELS)
    assert (first["problem"], other["problem"]) == ("", "")
    assert (first["screen"], first["size"]) == ("HDMI-A-1", [1920, 1080])
    assert (other["screen"], other["size"]) == ("HDMI-A-2", [1080, 1920])
    assert (first["labels"], other["labels"]) == ("A002", "A003")
    assert names_said(tmp_path) == ["A002", "A003"], "one voice for both"


def test_a_panel_that_is_off_keeps_nothing_from_the_other(tmp_path: Path) -> None:
    """Its window is not shown over the other's; its calls are said all the same, and the office is told."""
    first, other = lived(tmp_path, PANELS[:1])
    assert (first["labels"], first["visible"], first["problem"]) == ("A002", True, "")
    assert not other["visible"]
    assert "no panel on output HDMI-A-2, there is one on: HDMI-A-1" in other["problem"]
    assert names_said(tmp_path) == ["A002", "A003"]
    assert other["problem"] in first["health"]
