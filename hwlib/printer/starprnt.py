"""A document in Star's own language: every line as dots, which needs five commands and no code page.

Source of the commands: Star, StarPRNT Command Specifications, rev. 2; not tried on a device.
"""

from hwlib.printer import picture
from hwlib.printer.document import Document
from hwlib.printer.layout import End, blocks_of
from hwlib.printer.profile import Profile
from hwlib.printer.raster import packed_rows, padded, scrubbed

AUTOMATIC_STATUS = b"\x1b\x1ea\x01"
ASK_STATUS = b"\x1b\x06\x01"
COUNT_WHEN_PRINTED = b"\x1b\x1d\x03\x01"
"""ESC GS ETX, s = 1, and two bytes of ours: waits until the motor stands, then echoes them to this connection alone."""
COUNT_NOW = b"\x1b\x1d\x03\x00\x00\x00"
"""ESC GS ETX, s = 0: echoes itself when it is read, without waiting for the motor."""


def encode(document: Document, profile: Profile) -> bytes:
    """The bytes of a ticket, from ESC @ to the cut.

    Raises:
        EncodeError: the document holds what cannot be put on paper.
    """
    blocks = blocks_of(document, profile)
    if profile.cut.mode != "none":
        blocks = [block for block in blocks if not isinstance(block, End)]  # ESC d feeds to the cutter by itself
    image = picture.paper(blocks, profile)
    commands = bytearray(b"\x1b@" + AUTOMATIC_STATUS)
    for top in range(0, image.height, profile.image.max_rows):
        band = padded(image.crop((0, top, image.width, min(top + profile.image.max_rows, image.height))))
        commands += b"\x1b\x1dS\x01" + (band.width // 8).to_bytes(2, "little") + band.height.to_bytes(2, "little")
        commands += b"\x00" + scrubbed(packed_rows(band))
    cut = {"full": b"\x1bd\x02", "partial": b"\x1bd\x03", "none": b""}[profile.cut.mode]
    return bytes(commands) + cut
