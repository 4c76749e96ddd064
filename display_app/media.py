"""When an office's pictures may be shown: dates and hours in a file beside them."""

import logging
from datetime import date, datetime
from pathlib import Path

import msgspec

from display_app.core.schedule import span_at, spans_of

log = logging.getLogger(__name__)

SCHEDULE = "schedule.toml"


class Times(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When one picture may be shown: days that count, and hours as "09:00-14:00"; empty for always."""

    file: str
    since: date = date.min
    until: date = date.max
    hours: tuple[str, ...] = ()

    def hold(self, moment: datetime) -> bool:
        """Whether it may be shown at a local moment."""
        if not self.since <= moment.date() <= self.until:
            return False
        return not self.hours or span_at(spans_of(self.hours, 0, 0), moment) is not None


class _Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    picture: tuple[Times, ...] = ()


class Schedule:
    """Reads the file anew when it has changed. What is wrong in it is told, and the last one that was right counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / SCHEDULE
        self._read_ns = -1
        self._times: dict[str, list[Times]] = {}

    def is_due(self, picture: Path, moment: datetime | None) -> bool:
        """Whether a picture may be shown at a local moment, or at an unknown one. Without a line for it, always."""
        self._refresh()
        times = self._times.get(picture.name)
        if times is None:
            return True
        return moment is not None and any(one.hold(moment) for one in times)

    def _refresh(self) -> None:
        try:
            changed_ns = self._path.stat().st_mtime_ns
        except OSError:
            self._times, self._read_ns = {}, -1
            return
        if changed_ns == self._read_ns:
            return
        self._read_ns = changed_ns
        try:
            written = msgspec.toml.decode(self._path.read_bytes(), type=_Schedule)
            for one in written.picture:
                spans_of(one.hours, 0, 0)
        except (OSError, ValueError) as error:
            log.error(
                "%s: %s; write [[picture]] with file, since, until, hours; the last one counts", self._path, error
            )
            return
        times: dict[str, list[Times]] = {}
        for one in written.picture:
            times.setdefault(one.file, []).append(one)
        self._times = times
