"""The office's own ticket: read anew when its file changes, and only when it is good."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from hwlib.errors import EncodeError, TemplateError
from hwlib.printer.document import Document, Op
from hwlib.printer.layout import op_blocks
from hwlib.printer.profile import Profile
from hwlib.printer.template import Template, fill, read_template
from hwlib.printer.template_lint import Finding, Needs, lint
from kiosk_app.core.paper import FIELDS, LABEL_MM, paper_fields
from kiosk_app.core.states import TicketFacts
from officelib.assets import asset
from officelib.booking import REF_BYTES
from officelib.catalogue import Catalogue
from officelib.signature import unsigned
from officelib.texts import Texts, in_language
from officelib.ticket_code import TicketCode, write_code

log = logging.getLogger(__name__)

STANDARD = "standard"
NEEDS = Needs(texts={"label": LABEL_MM, "copy": 0.0}, codes=("code",))


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
        self._told: set[str] = set()
        self._refresh()

    def document(self, fields: Mapping[str, str], language: str) -> Document:
        """A ticket's document. A line that cannot be put on paper, as a logo that is gone, does not cost the ticket."""
        self._refresh()
        return tuple(op for op in fill(self._template, fields, language) if self._can_print(op))

    def _can_print(self, op: Op) -> bool:
        try:
            op_blocks(op, self._profile)
        except EncodeError as error:
            if str(error) not in self._told:
                log.error("the ticket is printed without a line: %s", error)
            self._told.add(str(error))
            return False
        return True

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
    """What is wrong with a template, in each language of an office: with its longest texts, and with the fewest."""
    tickets = [*samples(catalogue, paper), *samples(catalogue, paper, copies=0), *samples(catalogue, paper, full=False)]
    return lint(template, profile, tickets, needs=NEEDS)


def samples(
    catalogue: Catalogue, paper: Mapping[str, Texts], *, copies: int = 1, full: bool = True
) -> Iterator[tuple[str, dict[str, str]]]:
    """For each language of an office the fields of a ticket: as long as tickets become, or a walk-in's that came while
    the hub was away, of whom nothing is known but the number and the service."""
    for language in catalogue.office.languages:
        texts = in_language(paper, language, catalogue.language)
        yield language, sample_fields(catalogue, texts, language, copies if full else 0, full=full)


def sample_fields(catalogue: Catalogue, texts: Texts, language: str, copies: int, *, full: bool) -> dict[str, str]:
    """The fields of a ticket of the service with the longest name."""
    service = max(catalogue.services.values(), key=lambda item: len(item.name.get(language, "")))
    label = f"{service.series}2-042"
    slot_ms, issued_ms = (1_767_780_000_000, 1_767_779_400_000) if full else (0, 0)
    ref = bytes(range(REF_BYTES)) if full else b""
    err_ms = 1_050 if full else -1
    code = TicketCode(
        catalogue.office.code, "k12", 2, 1234567, label, service.code, language, issued_ms, err_ms, ref, slot_ms
    )
    ticket = TicketFacts(
        seq=code.seq,
        label=label,
        service=service.id,
        language=language,
        ahead=12 if full else None,
        wait_min=35 if full else None,
        slot_ms=slot_ms,
        issued_ms=issued_ms,
        copies=copies,
        code=write_code(code, unsigned),
        spread_min=(25, 50) if full else None,
        persons=12 if full else 1,
        then=(service.id, service.id) if full else (),
    )
    return paper_fields(ticket, catalogue, texts)
