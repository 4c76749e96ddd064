"""Types that two threads read for the first time at once."""

import subprocess
import sys
import textwrap

RACE = """
    import sys, threading
    import msgspec
    from officelib.decoders import make_ready

    begun, done = threading.Event(), threading.Event()

    def slowly():  # evaluated while the type is built, as every annotation that is text
        begun.set()
        done.wait(1)
        return int

    class Inner(msgspec.Struct):
        number: "slowly()"

    class Outer(msgspec.Struct):
        text: str
        inner: Inner

    if "ready" in sys.argv:
        make_ready()
    first = threading.Thread(target=msgspec.json.Decoder, args=(Outer,))
    first.start()
    begun.wait(5)
    assert msgspec.json.decode(b'{"text": "a", "inner": {"number": 1}}', type=Outer).inner.number == 1
    done.set()
    first.join()
"""


def race(*words: str) -> int:
    return subprocess.run([sys.executable, "-c", textwrap.dedent(RACE), *words], check=False).returncode


def test_made_ready_two_threads_read_it() -> None:
    assert race("ready") == 0


def test_it_would_end_the_process_otherwise() -> None:
    """When this fails, msgspec is mended, and officelib/decoders.py can go."""
    assert race() != 0
