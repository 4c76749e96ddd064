"""Builds what msgspec knows of types before there is a second thread.

Else it is built when a type is first read, and two threads that do so at once end the process with a segmentation fault
(msgspec 0.22; four starts of ten in an emulated appliance).
"""

from collections.abc import Iterator

import msgspec


def make_ready(*others: type) -> None:
    """Build all that is read: once, in the first thread, when every module is loaded. Takes 10 ms for 230 types.

    Args:
        others: What is read, and is no Struct.
    """
    for kind in (*_below(msgspec.Struct), *others):
        msgspec.json.Decoder(kind)


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
