"""`make image-twice`: the same sources and packages give the same root file system, and the same bytes."""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

from imagebuild.rootfs import differences

ROOT = Path(__file__).parents[2]
SHOWN = 40


def main() -> int:
    """Build twice, in two folders; 1 when anything differs."""
    line = argparse.ArgumentParser(prog="make image-twice", description=__doc__)
    line.add_argument("board")
    given = line.parse_args()
    manifests, sums = [], []
    for name in ("first", "second"):
        out = ROOT / "build/twice" / name
        words = [sys.executable, "-m", "imagebuild", given.board, "--out", out]
        subprocess.run(words, check=True)
        manifests.append((out / "manifest.txt").read_text().splitlines())
        with (out / f"antesala-{given.board}.img").open("rb") as file:
            sums.append(hashlib.file_digest(file, "sha256").hexdigest())
    found = differences(*manifests)
    sys.stdout.write("".join(f"{one}\n" for one in found[:SHOWN]))
    sys.stdout.write(
        f"{len(manifests[0])} files, {len(found)} lines differ; image {sums[0][:16]} and {sums[1][:16]}:"
        f" {'the same bytes' if sums[0] == sums[1] else 'NOT THE SAME'}\n"
    )
    return 0 if not found and sums[0] == sums[1] else 1


if __name__ == "__main__":
    sys.exit(main())
