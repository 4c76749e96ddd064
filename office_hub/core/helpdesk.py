"""Who stands at a kiosk and asks for somebody: told to the consoles until a clerk goes, and written nowhere."""

from dataclasses import dataclass, replace

import msgspec

WAITS_MS = 600_000
"""A call that nobody took in that time is of somebody who has left."""
GOES_MS = 120_000
"""So long the others see who went."""


class HelpView(msgspec.Struct, frozen=True):
    """A call for help as clerks see it. `clerk` is the name of who goes; empty while nobody does."""

    device: str
    since_ms: int
    clerk: str


@dataclass(frozen=True)
class Call:
    """A kiosk's call, since when it is as it is."""

    asked: int
    since_ms: int
    clerk: str = ""


class Helpdesk:
    """Used by the engine's thread."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def wanted(self, device: str, asked: int, now_ms: int) -> None:
        """Somebody is wanted at that kiosk; the same call again changes nothing."""
        known = self._calls.get(device)
        if known is None or known.asked != asked:
            self._calls[device] = Call(asked, now_ms)

    def not_wanted(self, device: str) -> None:
        """No longer; or the kiosk is away."""
        self._calls.pop(device, None)

    def taken(self, device: str, clerk: str, now_ms: int) -> int | None:
        """A clerk goes. Returns which call it was; None when it is over, or somebody goes already."""
        call = self._calls.get(device)
        if call is None or call.clerk:
            return None
        self._calls[device] = replace(call, since_ms=now_ms, clerk=clerk)
        return call.asked

    def forget(self, now_ms: int) -> bool:
        """Drop what is over. Returns whether anything was."""
        before = len(self._calls)
        self._calls = {
            device: call
            for device, call in self._calls.items()
            if now_ms - call.since_ms <= (GOES_MS if call.clerk else WAITS_MS)
        }
        return len(self._calls) < before

    def views(self) -> tuple[HelpView, ...]:
        """The oldest first; those that somebody goes to last."""
        calls = sorted(self._calls.items(), key=lambda item: (bool(item[1].clerk), item[1].since_ms))
        return tuple(HelpView(device, call.since_ms, call.clerk) for device, call in calls)
