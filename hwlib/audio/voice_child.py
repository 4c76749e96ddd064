"""The child process that speaks: reads JSON lines {"text", "language", "path"}, writes WAV files at one loudness.

Its parent gives it a time limit and kills it when it hangs: pyttsx3 keeps an event loop that has hung before.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

from hwlib.audio.engines import NoVoice, engine_of
from hwlib.audio.loudness import at_loudness
from hwlib.audio.wav import read_wav, write_wav


def main() -> int:
    """Serve until stdin ends."""
    line = argparse.ArgumentParser()
    line.add_argument("--engine", default="espeak")
    line.add_argument("--folder", type=Path, default=Path())
    given = line.parse_args()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # pyttsx3 prints to stdout
    engine = engine_of(given.engine, given.folder)
    for text in sys.stdin:
        order = json.loads(text)
        path = Path(order["path"])
        try:
            engine.speak(order["text"], order["language"], path)
            write_wav(path, at_loudness(read_wav(path)))
            answer = {"path": str(path)}
        except (NoVoice, ValueError, OSError) as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer) + "\n")
    return 0


def _end_with(parent: int) -> None:
    """A child that hangs does not see that its orders have ended; nobody is left to kill it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
