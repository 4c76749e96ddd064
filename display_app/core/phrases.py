"""What is said for a call: never a name; letter and number as words that a voice reads well. Pure."""

from collections.abc import Mapping

from officelib.board import Call
from officelib.ids import parse_label
from officelib.spoken import letter_of
from officelib.texts import Texts, in_language


def sentence(call: Call, texts: Mapping[str, Texts], default: str) -> tuple[str, str]:
    """(text, language) of a call's announcement, in the citizen's language where there is one.

    A ticket with two labels, as a merged booking has, is called by both.
    """
    spoken = in_language(texts, call.language, default)
    return " ".join(_one(label, call.counter, spoken) for label in call.labels), spoken.language


def _one(text: str, counter: str, texts: Texts) -> str:
    label = parse_label(text)
    letter = letter_of(label, texts)
    if label.slot is None:
        return texts.get("call", letter=letter, number=label.number, counter=counter)
    return texts.get("call_lane", letter=letter, slot=label.slot, number=label.number, counter=counter)
