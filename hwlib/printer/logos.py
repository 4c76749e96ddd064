"""Logos in a printer's own memory: put there once, between tickets, and printed from there by their names."""

import time

from hwlib.printer.conversation import Conversation
from hwlib.printer.document import Document
from hwlib.printer.escpos import define_logo, logos_of
from hwlib.printer.layout import Dots
from hwlib.printer.raster import logo_key

DAY_S = 86_400


class LogoShelf:
    """What a printer's memory holds, by its own word."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._keys: frozenset[bytes] | None = None
        self._wanted: Dots | None = None
        self._written_s: list[float] = []

    @property
    def is_busy(self) -> bool:
        """Whether a logo waits to be put there."""
        return self._wanted is not None

    def forget(self) -> None:
        """The printer went away: another one may come."""
        self._keys = self._wanted = None

    def keys_for(self, document: Document) -> frozenset[bytes]:
        """The names of a document's logos that are in the memory; what lacks is put there later.

        Raises:
            DeviceGone: the printer went away.
        """
        profile = self._talk.profile
        logos = logos_of(document, profile) if profile.nv.logo else []
        if logos and self._keys is None:
            self._keys = self._talk.stored_logos() or frozenset()
        stored = frozenset(logo_key(logo.image) for logo in logos) & (self._keys or frozenset())
        self._wanted = next((logo for logo in logos if logo_key(logo.image) not in stored), None)
        return stored

    def keep(self) -> bool:
        """Put the logo that waits into the memory, rarely: it stands only so many writings.

        Returns:
            False when the command broke off: the printer waits for its rest.
        Raises:
            DeviceGone: the printer went away.
        """
        logo, self._wanted = self._wanted, None
        now_s = time.monotonic()
        self._written_s = [at_s for at_s in self._written_s if now_s - at_s < DAY_S]
        if logo is None or len(self._written_s) >= self._talk.profile.nv.writes_per_day:
            return True
        command = define_logo(logo)
        if not command:
            return True
        self._written_s.append(now_s)
        self._keys = None  # asked anew before the next ticket: what it says is what counts
        return self._talk.write(command) == len(command)
