"""At the end: each paper is in the hub's log, no label twice."""

from collections import Counter

from bench.office.report import Notes, check_papers
from bench.office.stage import codes_of
from office_hub.tools import read_log
from officelib.office import Office
from officelib.ticket_code import read_code
from tests.image.journey import Journey


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("All papers of the journey")
    office = Office()
    for entry in read_log(journey.office.hub_config.database):
        office.apply(entry)
    found = Notes()
    check_papers(journey.office, office, found)
    for check in found.checks:
        notes.check(check.name, ok=check.ok, detail=check.detail)
    papers = sorted((journey.office.out / "tickets").glob("*.png"))
    labels = Counter(read_code(text).label for path in papers for text in codes_of(path))
    twice = [label for label, times in labels.items() if times > 1]
    notes.check("no label on two papers", ok=labels and not twice, detail=f"{len(papers)} papers, {twice}")
