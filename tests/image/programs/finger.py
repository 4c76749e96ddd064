"""Run in the machine: a touch panel, and one tap on it, at parts of its width and height."""

import sys
import time
from typing import Any

from evdev import AbsInfo, UInput
from evdev import ecodes as e

SIZE = 4096
SETTLE_S, TAP_S = 15.0, 0.3


def main() -> None:
    x, y = (round(float(word) * (SIZE - 1)) for word in sys.argv[1:])
    axis = AbsInfo(0, 0, SIZE - 1, 0, 0, 10)
    axes = [(code, axis) for code in (e.ABS_X, e.ABS_Y, e.ABS_MT_POSITION_X, e.ABS_MT_POSITION_Y)]
    slots = [(e.ABS_MT_SLOT, axis._replace(max=4)), (e.ABS_MT_TRACKING_ID, axis._replace(max=65535))]
    able: dict[int, Any] = {e.EV_KEY: [e.BTN_TOUCH], e.EV_ABS: axes + slots}
    with UInput(able, name="Panel", input_props=[e.INPUT_PROP_DIRECT]) as panel:
        time.sleep(SETTLE_S)
        for code, value in ((e.ABS_MT_SLOT, 0), (e.ABS_MT_TRACKING_ID, 1)):
            panel.write(e.EV_ABS, code, value)
        for code, value in zip((code for code, _ in axes), (x, y, x, y), strict=True):
            panel.write(e.EV_ABS, code, value)
        panel.write(e.EV_KEY, e.BTN_TOUCH, 1)
        panel.syn()
        time.sleep(TAP_S)
        panel.write(e.EV_ABS, e.ABS_MT_TRACKING_ID, -1)
        panel.write(e.EV_KEY, e.BTN_TOUCH, 0)
        panel.syn()
        time.sleep(TAP_S)


main()
