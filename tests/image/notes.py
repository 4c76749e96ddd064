"""What came of a journey: what held, how long things took."""

import platform
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Notes:
    """Lines of the page, in their order."""

    lines: list[str] = field(default_factory=list)
    all_held: bool = True
    began: float = field(default_factory=time.monotonic)

    def chapter(self, title: str) -> None:
        self.say(f"\n## {title}\n")

    def check(self, name: str, *, ok: object, detail: object = "") -> None:
        """Whether something holds."""
        self.all_held = self.all_held and bool(ok)
        said = f" ({detail})" if detail != "" else ""
        self.say(f"- {'holds' if ok else '**DOES NOT HOLD**'}: {name}{said}")

    def took(self, what: str, seconds: float) -> None:
        """A time that was measured."""
        self.say(f"- {what}: {seconds:.1f} s")

    def write(self, folder: Path, image: Path) -> None:
        """Keep it beside the other results."""
        folder.mkdir(parents=True, exist_ok=True)
        day = datetime.now(UTC).date().isoformat()
        size, board = image.stat().st_size >> 20, image.stem.rpartition("-")[2]
        head = (
            f"# The image of board '{board}' in an emulator, {day}\n\n"
            f"QEMU without hardware virtualisation on {platform.machine()}: times"
            f" are several times those of a device. Image {size} MiB. "
            f"{'All held' if self.all_held else 'NOT ALL HELD'}, after"
            f" {(time.monotonic() - self.began) / 60:.0f} minutes.\n"
        )
        (folder / f"image-{board}-{day}.md").write_text(head + "\n".join(self.lines) + "\n")

    def say(self, line: str) -> None:
        """A line of the page."""
        self.lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
