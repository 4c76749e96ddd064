"""The README's first command: the scripted morning holds, and leaves what it says it leaves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(240)
def test_the_morning_holds(tmp_path: Path) -> None:
    out = tmp_path / "demo-out"
    (out / "old").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.office", "--headless", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    logs = "\n".join(path.read_text(errors="replace")[-2_000:] for path in (out / "logs").glob("*.log"))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{logs}"
    assert "Traceback" not in logs
    assert "Fatal" not in logs
    assert not (out / "old").exists(), "emptied first"
    summary = json.loads((out / "summary.json").read_text())
    check_summary(summary)
    log = [json.loads(line) for line in (out / "office.log.jsonl").read_text().splitlines()]
    assert [entry["n"] for entry in log] == list(range(1, len(log) + 1))
    assert len(list((out / "tickets").glob("*.png"))) == len(list((out / "tickets").glob("*.bin")))
    assert len(list((out / "announcements").glob("*.wav"))) >= 22
    kiosk = {path.stem for path in (out / "kiosk").glob("*.png")}
    told = {"invalid_code", "other_day", "other_office", "too_early", "closed"}
    assert {"attract", "warning", "ticket-again", "ticket-fault", "ticket-printed"} <= kiosk
    assert {f"problem-{problem}" for problem in told} <= kiosk
    for path in [*(out / "kiosk").glob("*.png"), *(out / "display").glob("*.png")]:
        with Image.open(path) as image:
            assert len(image.convert("RGB").getcolors(10**6) or ()) > 20, f"{path} shows nothing"


def check_summary(summary: dict) -> None:  # type: ignore[type-arg]
    assert all(check["ok"] for check in summary["checks"])
    tickets = summary["tickets"]
    labels = [ticket["label"] for ticket in tickets]
    assert len(labels) == len(set(labels)) == 24
    assert [t["kind"] for t in tickets].count("walk_in") == 11
    lanes = [ticket for ticket in tickets if ticket["issued_by"] == "lane"]
    assert len(lanes) == 2
    assert all("-" in t["label"] and t["calls"] == 1 and t["state"] == "finished" for t in lanes)
    assert [t["state"] for t in tickets].count("no_show") == 1
    assert [t["printed"] for t in tickets].count("not_started") == 1
    timings = summary["timings_ms"]
    assert set(timings) == {"scan_to_answer", "touch_to_first_byte", "call_to_board"}
    assert all(t["n"] > 5 and 0 <= t["p50"] <= t["p99"] for t in timings.values())
