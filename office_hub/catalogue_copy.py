"""A standby's catalogue: the leader's, as it stands, so that a promotion changes nothing that the office offers."""

import logging
from collections.abc import Mapping
from pathlib import Path

from office_hub.catalogue_keeper import revision_of
from officelib.catalogue_file import catalogue_of
from officelib.files import write_whole
from officelib.texts import Texts

log = logging.getLogger(__name__)


class CatalogueCopy:
    """Keeps the file. `revision` names what the leader need not send again."""

    def __init__(self, path: Path, texts: Mapping[str, Texts]) -> None:
        """Args:
        path: The file.
        texts: Of the kind "kiosk": the office's own words are compared with them.

        Raises:
            OSError: the file cannot be read.
        """
        self._path, self._texts = path, texts
        self.revision = revision_of(path.read_text(encoding="utf-8"))

    def take(self, written: str) -> bool:
        """Keep what the leader has. What this release cannot read is told once, and the file before stays.

        Returns:
            Whether it was news.
        """
        revision = revision_of(written)
        if revision == self.revision:
            return False
        try:
            catalogue_of(written, self._texts)
            write_whole(self._path, written)
            log.info("the catalogue is the leader's: %s", self._path)
        except ValueError as error:
            log.error("the leader's catalogue is not kept: %s; install the same release on both hubs", error)
        except OSError as error:
            log.error("the leader's catalogue is not kept: %s: %s; it will be asked for again", self._path, error)
            return False
        self.revision = revision
        return True
