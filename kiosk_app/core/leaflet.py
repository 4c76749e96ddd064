"""What to bring for a service, on paper: to come back with all of it. Pure."""

from hwlib.printer.document import Cut, Document, Feed, Op, Rule, Text
from officelib.catalogue import Catalogue, Service, lines_in, text_in
from officelib.texts import Texts

WHITE_MM = 10
"""The white end, told by touch. Source: the project's accessibility rules, KP8."""


def leaflet(service: Service, catalogue: Catalogue, language: str, texts: Texts) -> Document:
    """The document.

    Args:
        service: What it is about.
        catalogue: The office's.
        language: The citizen's.
        texts: Of the kind "ticket" in that language.
    """
    ops: list[Op] = [
        Feed(WHITE_MM),
        Text(text_in(catalogue.office.name, language), bold=True),
        Rule(),
        Text(text_in(service.name, language), size=2, bold=True),
        Feed(3),
    ]
    lines = lines_in(service.bring, language)
    if lines:
        ops.append(Text(texts.get("bring_title"), bold=True, align="left"))
        ops += [Text(f"- {line}", align="left") for line in lines]
        ops.append(Feed(3))
    if service.fee:
        ops.append(Text(texts.get("fee", fee=text_in(service.fee, language)), align="left"))
    ops.append(Text(texts.get("takes_about", n=max(1, round(service.minutes))), align="left"))
    return (*ops, Cut())
