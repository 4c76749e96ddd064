"""What is said for a call: never a name; letter and number as words that a voice reads well. Pure."""

from collections.abc import Mapping

from officelib.board import Call
from officelib.ids import parse_label
from officelib.spoken import letter_of
from officelib.texts import Texts, in_language


def sentence(
    call: Call, texts: Mapping[str, Texts], language: str, default: str, *, again: bool = False
) -> tuple[str, str]:
    """(text, language) of a call's announcement, in a language where there is one, else in the office's.

    A ticket with two labels, as a merged booking has, is called by both. What is said `again`, and what a clerk called
    once more, begins with other words: who listens knows that it is no new number.
    """
    spoken = in_language(texts, language, default)
    first = [spoken.get("again")] if again else [spoken.get("recall")] if call.recall else []
    return " ".join([*first, *(_one(label, call.counter, spoken) for label in call.labels)]), spoken.language


def _one(text: str, counter: str, texts: Texts) -> str:
    label = parse_label(text)
    letter = letter_of(label, texts)
    if label.slot is None:
        return texts.get("call", letter=letter, number=label.number, counter=counter)
    return texts.get("call_lane", letter=letter, slot=label.slot, number=label.number, counter=counter)
