"""The child process that reads a scanner which types: `python -m hwlib.scanner.wedge_child DEVICE`.

The kernel keeps 15 unread key strokes of a device and drops all when the 16th comes; a scanner sends one a millisecond.
A program that paints may be away for 30 ms, this one is not: it only moves events into a pipe, which holds thousands.
"""

import ctypes
import os
import select
import signal
import struct
import sys

from hwlib.reading import count_by_monotonic_clock

EVENT = struct.Struct("=qHHi")
"""An event on the pipe: milliseconds of the monotonic clock, type, code, value."""
READY = EVENT.pack(0, 0xFFFF, 0, 0)
"""The first on the pipe: the device is open and grabbed."""
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Read until the device or the parent goes away."""
    import evdev  # noqa: PLC0415

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        device = evdev.InputDevice(sys.argv[1])
        with device.grab_context():
            count_by_monotonic_clock(device.fd)
            os.write(1, READY)
            while True:
                select.select([device.fd], [], [])
                for event in device.read():
                    os.write(1, EVENT.pack(event.sec * 1000 + event.usec // 1000, event.type, event.code, event.value))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
