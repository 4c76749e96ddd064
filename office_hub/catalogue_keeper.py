"""The office's catalogue as a file: watched, edited, and in force only when it is right."""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from office_hub.catalogue_edits import Edit, edited
from office_hub.work import CatalogueCame
from officelib.catalogue import Catalogue
from officelib.catalogue_file import catalogue_of, read_catalogue
from officelib.errors import KnownError
from officelib.files import write_whole
from officelib.texts import Texts

log = logging.getLogger(__name__)

LOOK_S = 1.0
ANSWER_S = 5.0


def revision_of(written: str) -> str:
    """Names what a file says, 16 hex digits."""
    return hashlib.sha256(written.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Refused:
    """Nothing was changed, and why: what is wrong, one a line; or `is_stale`: somebody else changed the file."""

    problems: tuple[str, ...]
    is_stale: bool = False


class CatalogueKeeper:
    """Looks at the file once a second, in a thread of its own; takes changes from the pages of the console.

    `written` is the file from which the catalogue in force came, `revision` its name: a change says from which one it
    was made.
    `problem` is what is wrong with the file as it is now.
    """

    def __init__(
        self,
        path: Path,
        texts: Mapping[str, Texts],
        in_force: Callable[[], Catalogue],
        submit: Callable[[CatalogueCame], None],
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """Args:
        path: The file.
        texts: Of the kind "kiosk": the office's own words are compared with them.
        in_force: The catalogue that the hub goes by.
        submit: Hands one that was checked to the engine.
        also: Called with each look, for other files that may change.

        Raises:
            OSError: the file cannot be read.
        """
        self.path, self.texts = path, texts
        self._in_force, self._submit, self._also = in_force, submit, also
        self.problem, self._was_refused = "", False
        self.written = path.read_text(encoding="utf-8")
        self.revision = revision_of(self.written)
        self._seen_ns = -1
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def save(self, edit: Edit, revision: str) -> Refused | None:
        """Change the file, if what comes of it is right; it is in force when this returns.

        Args:
            edit: What was changed.
            revision: Of the file that the person saw.

        Returns:
            None, or why nothing was changed.
        """
        with self._one_at_a_time:
            try:
                before = self.path.read_text(encoding="utf-8")
                if revision_of(before) != revision:
                    return Refused((), is_stale=True)
                written = edited(before, edit)
                catalogue = catalogue_of(written, self.texts)
                problem = self._take(catalogue)
                if problem:
                    return Refused((problem,))
                self._write(written)
            except ValueError as error:
                return Refused(tuple(str(error).split("; ")))
            except OSError as error:
                self._take(catalogue_of(before, self.texts))
                return Refused((f"{self.path}: {error}",))
        log.info("the catalogue was changed: %s", type(edit).__name__)
        return None

    def look(self) -> None:
        """Take a file that was changed by hand; a wrong one is told, once, and the one before stays."""
        with self._one_at_a_time:
            try:
                changed_ns = self.path.stat().st_mtime_ns
            except OSError:
                changed_ns = 0
            if changed_ns == self._seen_ns and not self._was_refused:
                return
            self._seen_ns = changed_ns
            try:
                catalogue = read_catalogue(self.path, self.texts)
                written = self.path.read_text(encoding="utf-8")
            except (KnownError, OSError, UnicodeError) as error:
                self.problem, self._was_refused = str(error), False
                log.error("%s", error)
                return
            self.problem = "" if catalogue == self._in_force() else self._take(catalogue)
            self._was_refused = bool(self.problem)
            if not self.problem:
                self.written, self.revision = written, revision_of(written)

    def _take(self, catalogue: Catalogue) -> str:
        """Have it in force; returns why not, or nothing."""
        said: list[str] = []
        done, given_up = threading.Event(), threading.Event()

        def reply(problem: str) -> None:
            said.append(problem)
            done.set()

        self._submit(CatalogueCame(catalogue, reply, lambda: not given_up.is_set()))
        if done.wait(ANSWER_S):
            return said[0]
        given_up.set()
        return "the hub does not answer; try again"

    def _write(self, written: str) -> None:
        """The whole file or the one before, whatever happens in between."""
        write_whole(self.path, written)
        self._seen_ns = self.path.stat().st_mtime_ns
        self.problem, self._was_refused = "", False
        self.written, self.revision = written, revision_of(written)

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            for look in (self.look, self._also):
                try:
                    look()
                except Exception:
                    log.exception("the office's files could not be looked at; the ones before stay")
