"""A visit of several services: what follows, as far as the office still has it."""

from collections.abc import Sequence

from officelib import events as e
from officelib.catalogue import Catalogue


def what_follows(catalogue: Catalogue, then: Sequence[str]) -> tuple[str, ...]:
    """Services of a visit that somebody would be called for: they are in the catalogue, and a counter serves them."""
    served = {service for counter in catalogue.counter for service in counter.services}
    return tuple(service for service in then if service in catalogue.services and service in served)


def goes_on(
    catalogue: Catalogue, ticket: str, then: Sequence[str], stands: e.Stands, minutes: float = 0.0
) -> list[e.LogBody]:
    """What the log says when one service of a visit is done and others follow; nothing when none does."""
    left = what_follows(catalogue, then)
    return [e.VisitWentOn(ticket, left[0], stands, left[1:], minutes)] if left else []
