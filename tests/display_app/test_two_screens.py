"""Two panels on one box: each has its own window, its own calls; one voice says what either shows."""

import json
import os
import subprocess
import sys
from pathlib import Path

PANELS = [("HDMI-A-1", 0, 1920, 1080), ("HDMI-A-2", 1920, 1080, 1920)]


def test_each_panel_has_its_own_calls(tmp_path: Path) -> None:
    plugged = tmp_path / "screens.json"
    shape = {"y": 0, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [{"name": name, "x": x, "width": width, "height": height, **shape} for name, x, width, height in PANELS]
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
    first, other = json.loads(done.stdout)
    assert (first["screen"], first["size"]) == ("HDMI-A-1", [1920, 1080])
    assert (other["screen"], other["size"]) == ("HDMI-A-2", [1080, 1920])
    assert (first["labels"], other["labels"]) == ("A002", "A003")
    said = [json.loads(line)["text"] for line in (tmp_path / "day" / "said" / "said.jsonl").read_text().splitlines()]
    assert [name for name in said if "." not in name] == ["A002", "A003"], "one voice for both"
