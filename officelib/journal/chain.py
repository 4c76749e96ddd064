"""A hash chain over rows: bit-rot, forks and edits show."""

import hashlib
from collections.abc import Iterable

LINK_BYTES = 8
GENESIS = bytes(LINK_BYTES)


def link(previous: bytes, *parts: bytes | str | int) -> bytes:
    """The 8 bytes that a row carries: over its predecessor's and over what it says itself."""
    digest = hashlib.sha256(previous)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return digest.digest()[:LINK_BYTES]


def first_break(start: bytes, rows: Iterable[tuple[int, bytes, tuple[bytes | str | int, ...]]]) -> int | None:
    """The place of the first row that does not follow from its predecessor.

    Args:
        start: The link before the first row.
        rows: (place, link, parts) in order.
    """
    previous = start
    for place, stored, parts in rows:
        if link(previous, *parts) != stored:
            return place
        previous = stored
    return None
