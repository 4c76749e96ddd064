"""The child process that speaks: reads JSON lines {"text", "voice", "rate_wpm", "path"}, writes WAV files.

Its parent gives it a time limit and kills it when it hangs: pyttsx3 keeps an event loop that has hung before.
"""

import json
import os
import sys
from pathlib import Path

TRIES = 3
"""pyttsx3 2.99 sometimes ends before the sound has come, about once in 200 sentences: the file is empty then."""
HEADER_BYTES = 44


def main() -> int:
    """Serve until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # pyttsx3 prints to stdout
    import pyttsx3  # noqa: PLC0415 (looks for espeak-ng when imported)

    engine = pyttsx3.init("espeak")
    for line in sys.stdin:
        order = json.loads(line)
        engine.setProperty("voice", order["voice"])
        engine.setProperty("rate", order["rate_wpm"])
        for _ in range(TRIES):
            engine.save_to_file(order["text"], order["path"])
            engine.runAndWait()
            if Path(order["path"]).stat().st_size > HEADER_BYTES:
                break
        answers.write(json.dumps({"path": order["path"]}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
