"""The office's own ticket: read anew when its file changes, and only when it is good."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from hwlib.errors import TemplateError
from hwlib.printer.document import Document
from hwlib.printer.profile import Profile
from hwlib.printer.template import Template, fill, read_template
from hwlib.printer.template_lint import Finding, lint
from kiosk_app.core.paper import FIELDS, NEEDED_MM, paper_fields
from kiosk_app.core.states import TicketFacts
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.texts import Texts, in_language

log = logging.getLogger(__name__)

STANDARD = "standard"


class TicketTemplate:
    """The template of this kiosk's tickets."""

    def __init__(self, file: Path | None, profile: Profile) -> None:
        """Args:
        file: The office's own; None for the standard one.
        profile: Of the printer.
        """
        self._file, self._profile = file, profile
        self._template = read_template(shipped_templates()[STANDARD], FIELDS)
        self._seen_ns = -1
        self._refresh()

    def document(self, fields: Mapping[str, str], language: str) -> Document:
        """A ticket's document."""
        self._refresh()
        return fill(self._template, fields, language)

    def _refresh(self) -> None:
        """Take a changed file; a bad one is told once, and the one before stays."""
        if self._file is None:
            return
        try:
            changed_ns = self._file.stat().st_mtime_ns
        except OSError as error:
            if self._seen_ns != 0:
                log.error("ticket template %s: %s; the one before stays", self._file, error)
            self._seen_ns = 0
            return
        if changed_ns == self._seen_ns:
            return
        self._seen_ns = changed_ns
        try:
            self._template = read_template(self._file, FIELDS)
            log.info("tickets are printed as %s says", self._file)
        except TemplateError as error:
            log.error("%s; the ticket before stays. Try it: kiosk-app printers preview %s", error, self._file)


def shipped_templates() -> dict[str, Path]:
    """The templates of the release, by name."""
    return {path.stem: path for path in sorted(asset("tickets").glob("*.toml"))}


def findings_of(
    template: Template, profile: Profile, catalogue: Catalogue, paper: Mapping[str, Texts]
) -> list[Finding]:
    """What is wrong with a template, with the longest texts that this office has, in each of its languages."""
    return lint(template, profile, samples(catalogue, paper), needed=NEEDED_MM)


def samples(
    catalogue: Catalogue, paper: Mapping[str, Texts], *, copies: int = 1
) -> Iterator[tuple[str, dict[str, str]]]:
    """For each language of an office the fields of a ticket, as long as tickets become."""
    for language in catalogue.office.languages:
        texts = in_language(paper, language, catalogue.language)
        yield language, sample_fields(catalogue, texts, language, copies)


def sample_fields(catalogue: Catalogue, texts: Texts, language: str, copies: int) -> dict[str, str]:
    """The fields of a ticket of the service with the longest name."""
    service = max(catalogue.services.values(), key=lambda item: len(item.name.get(language, "")))
    ticket = TicketFacts(
        seq=1234567,
        label=f"{service.series}2-042",
        service=service.id,
        language=language,
        ahead=12,
        wait_min=35,
        slot_ms=1_767_780_000_000,
        issued_ms=1_767_779_400_000,
        copies=copies,
    )
    return paper_fields(ticket, catalogue, texts, "k1")
