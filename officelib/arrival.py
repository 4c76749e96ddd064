"""When a citizen arrived, on the hub's clock, with an error bar.

A kiosk's wall clock may say 1970 after a power cut. Its monotonic clock does not lie within one boot, so the hub's
time is carried over to it by anchors: pairs of (monotonic, hub) times taken from the echoes in the hub's answers.
"""

import math
from typing import Annotated

import msgspec

DRIFT_PPM = 100
"""What a board's crystal may drift, parts per million. Source: usual tolerance of 20-50 ppm, doubled for heat."""


Ms = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A time that came over the wire: what JSON's readers hold exactly."""


class Anchor(msgspec.Struct, frozen=True, array_like=True):
    """At `mono_ms` of a boot the hub's clock stood at `hub_ms`, give or take `err_ms`.

    `clock` names the hub's clock: it is another one after the hub had to set its clock anew.
    """

    mono_ms: Ms
    hub_ms: Ms
    err_ms: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    clock: str = ""


class Arrival(msgspec.Struct, frozen=True, array_like=True):
    """A moment on the hub's clock and how far it may be off; an infinite error is written as -1."""

    at_ms: int
    err_ms: int

    @property
    def is_known(self) -> bool:
        return self.err_ms >= 0


def from_echo(sent_mono_ms: int, received_mono_ms: int, hub_ms: int, clock: str = "") -> Anchor:
    """The anchor that one question and answer gives: the hub read its clock between the two."""
    half = (received_mono_ms - sent_mono_ms) / 2
    return Anchor(sent_mono_ms + int(half), hub_ms, math.ceil(half), clock)


def better(old: Anchor | None, new: Anchor) -> Anchor:
    """Of two anchors of one boot, the one with the smaller error where the newer one stands."""
    if old is None or old.clock != new.clock:
        return new
    return old if error_at(old, new.mono_ms) <= new.err_ms else new


def error_at(anchor: Anchor, mono_ms: int) -> int:
    """How far the anchor may be off at a monotonic time, before it or after it, milliseconds."""
    return anchor.err_ms + math.ceil(abs(mono_ms - anchor.mono_ms) * DRIFT_PPM / 1_000_000)


def boot_ms(anchor: Anchor) -> int:
    """Hub time when the anchor's boot began: what happened in an earlier boot of that machine was before it."""
    return anchor.hub_ms - anchor.mono_ms


def estimate(anchor: Anchor | None, mono_ms: int, latest_ms: int) -> Arrival:
    """The arrival of what happened at `mono_ms`, dated also when the anchor came later.

    Args:
        anchor: Of the same boot as `mono_ms`; None when that boot never met the hub.
        mono_ms: The kiosk's monotonic time.
        latest_ms: Hub time when the news came, or a later boot began; all that is known without an anchor.
    """
    if anchor is None:
        return Arrival(latest_ms, -1)
    return Arrival(anchor.hub_ms + mono_ms - anchor.mono_ms, error_at(anchor, mono_ms))
