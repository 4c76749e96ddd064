"""`make image-test`: the image itself, in QEMU, from the flashed card to the ticket, to the plug that is pulled."""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from imagebuild.board import boards

from tests.image.chapters import (
    alone,
    broken,
    cuts,
    display,
    errands,
    first,
    locked,
    papers,
    reset,
    restarts,
    second,
    turned,
    update,
    usb,
    wireless,
)
from tests.image.journey import Journey

ROOT = Path(__file__).parents[2]
CHAPTERS = {
    "first": first.play,
    "display": display.play,
    "second": second.play,
    "locked": locked.play,
    "restarts": restarts.play,
    "errands": errands.play,
    "turned": turned.play,
    "usb": usb.play,
    "wireless": wireless.play,
    "cuts": cuts.play,
    "update": update.play,
    "broken": broken.play,
    "reset": reset.play,
    "papers": papers.play,
    "alone": alone.play,
}


def main() -> int:
    """Run the chapters; 1 when something did not hold."""
    line = argparse.ArgumentParser(prog="make image-test", description=__doc__)
    line.add_argument("--board", choices=boards(), default="pc")
    line.add_argument("--images", type=Path, help="folder of the image and the update; default build/image/BOARD")
    line.add_argument("--keys", type=Path, default=ROOT / "build/image/keys")
    line.add_argument("--cuts", type=int, default=20, help="so many times the plug is pulled")
    line.add_argument("--seed", type=int, default=7)
    line.add_argument("--chapters", nargs="+", choices=list(CHAPTERS), help="only these; most need 'first'")
    line.add_argument("--results", type=Path, help="folder for the page that tells what came of it")
    line.add_argument("--out", type=Path, default=ROOT / "build/image-test", help="pictures and logs; emptied first")
    given = line.parse_args()
    images = given.images or ROOT / "build/image" / given.board
    shutil.rmtree(given.out, ignore_errors=True)
    given.out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="antesala-image-") as folder:
        chance = random.Random(given.seed)
        journey = Journey(given.board, images, given.keys, Path(folder), given.out, chance, given.cuts)
        try:
            journey.begin()
            for name in given.chapters or CHAPTERS:
                CHAPTERS[name](journey)
        except Exception as error:
            traceback.print_exc()
            journey.notes.check("the journey goes through", ok=False, detail=str(error)[-2000:])
            with contextlib.suppress(Exception):
                journey.tell_last()
        finally:
            journey.end()
    if given.results:
        journey.notes.write(given.results, images / f"antesala-{given.board}.img")
    return 0 if journey.notes.all_held else 1


if __name__ == "__main__":
    sys.exit(main())
