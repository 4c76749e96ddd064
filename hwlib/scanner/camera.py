"""A camera that reads QR codes. The frames come from a child process: a driver that hangs hangs there.

Only QR codes are looked for, upright or not, without inversion: 2.5 ms a frame of 640 x 480 instead of 46 ms for all
formats (zxing-cpp 3.1.1 on two virtual cores).
"""

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable

from PIL import Image

from hwlib.errors import DeviceGone, HardwareError
from hwlib.reading import DeviceReader
from hwlib.scanner import Scan
from hwlib.scanner.framing import Debounce

HOLD_MS = 4_000
"""A hand holds a telephone still for so long."""
FRAME_LIMIT_S = 5.0


def capture_command(device: str, width_px: int, height_px: int) -> tuple[str, ...]:
    """v4l2-ctl writing frames of YUYV to its output (Debian: v4l-utils)."""
    shape = f"width={width_px},height={height_px},pixelformat=YUYV"
    return ("v4l2-ctl", "-d", device, f"--set-fmt-video={shape}", "--stream-mmap", "--stream-to=-")


class CameraScanner(DeviceReader):
    """Looks at frames."""

    def __init__(
        self,
        command: tuple[str, ...],
        size_px: tuple[int, int],
        on_scan: Callable[[Scan], None],
        *,
        bytes_per_px: int = 2,
    ) -> None:
        """Args:
        command: Writes frames one after the other; see `capture_command`.
        size_px: Width and height of a frame.
        on_scan: Called in the scanner's thread.
        bytes_per_px: 2 for YUYV (every other byte is the grey), 1 for grey.
        """
        super().__init__(f"camera {command[0]}", self._open)
        self._command, self._size, self._on_scan = command, size_px, on_scan
        self._bytes_per_px = bytes_per_px

    def _open(self, ended: threading.Event) -> None:
        child = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            self._watch(child, ended)
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                with contextlib.suppress(OSError):
                    child.stdout.close()

    def _watch(self, child: "subprocess.Popen[bytes]", ended: threading.Event) -> None:
        try:
            import zxingcpp  # noqa: PLC0415
        except ImportError as error:
            raise HardwareError("codes in pictures are not read here: install antesala[camera]") from error
        if child.stdout is None:
            raise DeviceGone("the camera's process has no output")
        debounce = Debounce(HOLD_MS)
        while not ended.is_set():
            frame = self._frame(child.stdout.fileno(), ended)
            self._is_read()
            grey = Image.frombytes("L", self._size, frame[:: self._bytes_per_px])
            formats = zxingcpp.barcode_formats_from_str("QRCode")
            for code in zxingcpp.read_barcodes(grey, formats=formats, try_invert=False):
                scan = Scan(code.text, aim=code.symbology_identifier)
                if debounce.passes(scan, time.monotonic_ns() // 1_000_000):
                    self._on_scan(scan)

    def _frame(self, source: int, ended: threading.Event) -> bytes:
        """The next whole frame.

        Raises:
            DeviceGone: no frame came in time, or the process ended.
        """
        wanted = self._size[0] * self._size[1] * self._bytes_per_px
        frame = bytearray()
        deadline_s = time.monotonic() + FRAME_LIMIT_S
        while len(frame) < wanted:
            if ended.is_set() or time.monotonic() > deadline_s:
                raise DeviceGone(f"no picture in {FRAME_LIMIT_S:g} s")
            if not select.select([source], [], [], 0.1)[0]:
                continue
            data = os.read(source, wanted - len(frame))
            if not data:
                raise DeviceGone("it gives no pictures")
            frame += data
        return bytes(frame)
