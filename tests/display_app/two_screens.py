"""A display with two panels, as a process of its own: python -m tests.display_app.two_screens FOLDER SECOND.

Says where each window is, and what stands on each after two calls, as JSON. SECOND is the second panel's file.
"""

import json
import sys
from pathlib import Path

from display_app.wiring import MISSED_S
from tests.display_app.long_day import Day


def main() -> int:
    """Call somebody to counter 2 and somebody to counter 3."""
    folder, second = map(Path, sys.argv[1:])
    day = Day(folder, output="HDMI-A-1", counters=("2",), second_screen=second)
    for number in (1, 2):
        day.call(number)
        day.turn(0.1)
        day.listen()
    for _ in range(MISSED_S):
        day.director.pass_second()
    found = [
        {
            "screen": stage.window.screen().name(),
            "size": [stage.window.width(), stage.window.height()],
            "visible": stage.window.isVisible(),
            "problem": stage.place.problem,
            "health": day.director.parts["screen"],
            "labels": view.model.property("shownLabels"),
            "state": view.model.property("stateName"),
        }
        for stage, view in zip(day.stages, day.director.views, strict=True)
    ]
    sys.stdout.write(json.dumps(found) + "\n")
    day.director.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
