"""Typing: the short code of a booking, or what the office knows people by. Pure."""

import string
from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import show
from kiosk_app.core.states import Kiosk, LookingUp, Problem, ShowingProblem, Typing
from officelib.booking import SHORT_ALPHABET, SHORT_LENGTH
from officelib.identity import normalised

Step = tuple[Kiosk, list[ev.Effect]]


def can_identify(kiosk: Kiosk) -> bool:
    """Whether somebody without a code can be known now: the hub alone can say."""
    return kiosk.catalogue is not None and kiosk.catalogue.identify is not None and kiosk.link_up and kiosk.enrolled


def typing_asked(kiosk: Kiosk, *, who: bool, now_ms: int) -> Kiosk:
    """The page with its keys."""
    return kiosk if who and not can_identify(kiosk) else show(kiosk, Typing(who=who), now_ms)


def keys_of(kiosk: Kiosk, typing: Typing) -> str:
    """What can be typed."""
    if not typing.who:
        return SHORT_ALPHABET
    identify = kiosk.catalogue.identify if kiosk.catalogue else None
    return string.digits + (string.ascii_uppercase if identify and identify.letters else "")


def most_of(kiosk: Kiosk, typing: Typing) -> int:
    """How much can be typed."""
    identify = kiosk.catalogue.identify if kiosk.catalogue else None
    return identify.most if typing.who and identify else SHORT_LENGTH


def typed(kiosk: Kiosk, typing: Typing, character: str) -> Typing:
    """After a key; an empty one takes the last character away."""
    if not character:
        return Typing(typing.text[:-1], who=typing.who)
    fits = character in keys_of(kiosk, typing) and len(typing.text) < most_of(kiosk, typing)
    return Typing(typing.text + character, who=typing.who) if fits else typing


def entered_wrong(typing: Typing) -> Typing:
    """It is none. Who enters the same once more reads and hears something else: the key did something."""
    return replace(typing, is_wrong=True, again=typing.is_wrong and not typing.again)


def who_entered(kiosk: Kiosk, typing: Typing, now_ms: int) -> Step:
    """Ask the hub. What was typed leaves the screen at once."""
    catalogue = kiosk.catalogue
    if catalogue is None or catalogue.identify is None or not can_identify(kiosk):
        return show(kiosk, ShowingProblem(Problem.NOT_ASKED), now_ms), []
    if len(normalised(typing.text)) < catalogue.identify.least:
        return show(kiosk, entered_wrong(typing), now_ms), []
    asking = replace(kiosk, screen=LookingUp(now_ms), due_ms=now_ms + kiosk.timings.reserve_ms, warning=False)
    return asking, [ev.AskBooking(typing.text, catalogue.office.id, now_ms)]
