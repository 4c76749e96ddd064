"""What a key of a keypad is for."""

from typing import Literal

Function = Literal[
    "help",
    "up",
    "down",
    "select",
    "back",
    "next",
    "volume_up",
    "volume_down",
    "repeat",
    "pause",
    "jack_in",
    "jack_out",
    "unknown",
]
