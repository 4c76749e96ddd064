"""A lobby's display does not grow over a day: eight hours lived second by second, two in the short form."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LONG_H, SHORT_H = 8, 2
GROWTH_MB = 4.0
"""Measured: 0.6 MB from the first hour to the eighth."""


@pytest.mark.timeout(600)
def test_a_day_needs_no_more_memory_than_its_first_hour(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    hours = LONG_H if request.config.getoption("--long") else SHORT_H
    done = subprocess.run(
        [sys.executable, "-m", "tests.display_app.long_day", str(tmp_path / "day"), str(hours)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"},
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line)["mb"] for line in done.stdout.splitlines()]
    sys.stdout.write(f"MB by the hour: {found}\n")
    assert len(found) == hours
    assert found[-1] - found[0] < GROWTH_MB
    said = (tmp_path / "day" / "said" / "said.jsonl").read_text().splitlines()
    first = [line for line in said if "." not in json.loads(line)["text"]]
    assert len(first) >= 0.98 * hours * 3_600 / 32, "and it called all the while"
