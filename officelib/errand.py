"""Errands: what IT has a device do. The office's authority signs each, so that no broker can make one up."""

from collections.abc import Callable
from typing import Literal, get_args

import msgspec

from officelib.ids import check_device
from officelib.signature import SIGNATURE_BYTES, is_signed

Kind = Literal["identify", "test_print", "picture", "log", "restart", "reboot", "install"]
KINDS: tuple[Kind, ...] = get_args(Kind)
OF_THE_APP: tuple[Kind, ...] = ("identify", "test_print", "picture")
"""What the program on the screen does; the rest is the machine's."""
State = Literal["taken", "done", "failed"]
MAX_TEXT = 60_000
PURPOSE = b"antesala errand 1\n"
"""What the authority signs here can be taken for nothing else that it signs."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one device is to do.

    Attributes:
        id: Hub time when it was asked, ms; each is later than the one before.
        office: Whose device it is.
        device: Who is to do it.
        kind: What.
        until_ms: Hub time after which it is not to be done any more.
        source: Of an update, the address from which it is fetched.
        sha256: Of an update, 64 hex digits.
    """

    id: int
    office: str
    device: str
    kind: Kind
    until_ms: int
    source: str = ""
    sha256: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """How an errand stands: on its way, done, or not to be done. `picture` is a JPEG."""

    errand: int
    state: State
    text: str = ""
    picture: bytes = b""


class Paper(msgspec.Struct, frozen=True):
    """An errand as it travels: its text, and the signature of that text, 128 hex digits."""

    text: str
    signature: str


class BadErrand(ValueError):
    """Nobody of this office asked for it, or it is another device's."""


def sign(errand: Errand, by: Callable[[bytes], bytes]) -> Paper:
    """An errand, signed.

    Args:
        errand: What is to be done.
        by: The authority's signature of some bytes.
    """
    text = msgspec.json.encode(errand)
    return Paper(text.decode(), by(PURPOSE + text).hex())


def read(paper: Paper, office: str, device: str, authority: str) -> Errand:
    """What the authority asks of this device.

    Args:
        paper: As it came.
        office: The device's.
        device: The device.
        authority: The office's certificate, PEM.

    Raises:
        BadErrand: it is not signed by the office, cannot be read, or is not for this device.
    """
    try:
        signature = bytes.fromhex(paper.signature)
    except ValueError:
        signature = b""
    text = paper.text.encode()
    if len(signature) != SIGNATURE_BYTES or not is_signed(PURPOSE + text, signature, [authority]):
        raise BadErrand("an errand that the office did not sign")
    try:
        errand = msgspec.json.decode(text, type=Errand)
        check_device(errand.device)
    except ValueError as error:
        raise BadErrand(f"an errand that this release does not know: {error}") from error
    if (errand.office, errand.device) != (office, device):
        raise BadErrand(f"an errand for {errand.device} of office {errand.office}")
    return errand
