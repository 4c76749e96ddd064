"""A kiosk that speaks: what is said of a page, and where the keys of a keypad lead.

Pure. It sees a page as assistive technology would: a list of nodes. It knows no widget, no voice and no key code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from hwlib.keypad.functions import Function
from officelib.texts import Texts, in_language

WAYS_BACK = ("still-here", "close", "back", "leave", "done")
"""Names of the buttons that lead back, the first that a page has."""
REST_MS = 60_000
"""Nobody pressed a key for so long on the first page: the voice ends, also where headphones were left behind."""


@dataclass(frozen=True)
class Node:
    """One thing on a page.

    Attributes:
        id: Unique on the page.
        role: What it is.
        name: What it says.
        note: What it says besides.
        language: Of the name; empty for that of the page.
        is_private: Of this citizen; for headphones alone.
        mask: What is said in place of a private name without headphones; empty for the reason.
        is_on: Of a switch.
        is_frame: Of the frame that every page has: it is reached with keys, and not read out with the page.
    """

    id: str
    role: Literal["text", "button", "switch"]
    name: str
    note: str = ""
    language: str = ""
    is_private: bool = False
    mask: str = ""
    is_on: bool = False
    is_frame: bool = False


@dataclass(frozen=True)
class Page:
    """What is shown. `key` is another for another page; `is_first` where nobody has begun anything."""

    key: str = ""
    language: str = ""
    nodes: tuple[Node, ...] = ()
    is_first: bool = True


@dataclass(frozen=True)
class Utterance:
    """Something to say. `mask` is said instead where it is private and everybody would hear it."""

    text: str
    language: str
    is_private: bool = False
    mask: str = ""


@dataclass(frozen=True)
class AudioNav:
    """The voice as it stands.

    Attributes:
        on: Whether the kiosk speaks.
        headphones: They are in.
        page: As last seen.
        at: The node where the reader is; empty at the page's beginning.
        edge: The end that was reached: one more press goes round.
        order: Counts what was ordered to be said: news of an earlier order mean nothing.
        said: What was said last, to say it again.
        heard: How many of these were heard to their end.
        talking: It is being said.
        paused: It was stopped half-way.
        aside: What is being said is a remark, as of the volume, and none of `said`.
        level: The volume's step, from 0.
        levels: How many steps there are.
        usual_level: Where every citizen begins.
        layer: How often help was asked for in a row.
        key_ms: When a key was pressed last, monotonic.
    """

    on: bool = False
    headphones: bool = False
    page: Page = Page()
    at: str = ""
    edge: Literal["", "start", "end"] = ""
    order: int = 0
    said: tuple[Utterance, ...] = ()
    heard: int = 0
    talking: bool = False
    paused: bool = False
    aside: bool = False
    level: int = 0
    levels: int = 1
    usual_level: int = 0
    layer: int = 0
    key_ms: int = 0


# --- what happens


@dataclass(frozen=True)
class KeyPressed:
    """A key of the keypad."""

    key: Function


@dataclass(frozen=True)
class JackMoved:
    """Headphones were plugged in or out."""

    inserted: bool


@dataclass(frozen=True)
class PageSeen:
    """What is shown now."""

    page: Page


@dataclass(frozen=True)
class SaidOne:
    """An utterance of an order was heard to its end; `was_last` of those that were to be said."""

    was_last: bool
    order: int = 1


@dataclass(frozen=True)
class TimePassed:
    """The voice may have rested long enough."""


Event = KeyPressed | JackMoved | PageSeen | SaidOne | TimePassed

# --- what is to be done


@dataclass(frozen=True)
class Say:
    """Say this, instead of whatever is being said. `order` comes back with what was heard of it."""

    utterances: tuple[Utterance, ...]
    order: int = 1


@dataclass(frozen=True)
class SayMore:
    """Say this too, after what is being said."""

    utterances: tuple[Utterance, ...]


@dataclass(frozen=True)
class Hush:
    """Say nothing any more."""


@dataclass(frozen=True)
class Focus:
    """Give a node the focus of the keyboard; none where it is empty."""

    node: str


@dataclass(frozen=True)
class Press:
    """Press a button."""

    node: str


@dataclass(frozen=True)
class SetLevel:
    """How loud the next sentence is."""

    level: int


@dataclass(frozen=True)
class SwitchSpeech:
    """The kiosk speaks, or no longer: its patience is another."""

    on: bool


Effect = Say | SayMore | Hush | Focus | Press | SetLevel | SwitchSpeech
Step = tuple[AudioNav, list[Effect]]


def step(nav: AudioNav, event: Event, now_ms: int, guide: Mapping[str, Texts]) -> Step:
    """The voice after an event, and what is to be done.

    Args:
        nav: As it stands.
        event: What happened.
        now_ms: Monotonic milliseconds.
        guide: Texts of the kind "guide", by language.
    """
    words = in_language(guide, nav.page.language, "")
    match event:
        case KeyPressed():
            nav = replace(nav, key_ms=now_ms)
            if not nav.on:
                return _begin(nav, words)
            return _key(nav, event.key, words)
        case JackMoved():
            nav = replace(nav, headphones=event.inserted, key_ms=now_ms)
            if event.inserted:
                return _begin(nav, words)
            return _end(nav) if nav.page.is_first else (replace(nav, talking=False), [Hush()])
        case PageSeen():
            return _page(nav, event.page, in_language(guide, event.page.language, ""))
        case SaidOne() if event.order != nav.order or not nav.talking:
            return nav, []  # of a sentence that was hushed a moment ago
        case SaidOne():
            heard = nav.heard if nav.aside else nav.heard + 1
            return replace(nav, heard=heard, talking=not event.was_last), []
        case TimePassed():
            rests = nav.on and nav.page.is_first and not nav.talking
            return _end(nav) if rests and now_ms - nav.key_ms >= REST_MS else (nav, [])
        case _:
            assert_never(event)


def facts_of(page: Page) -> list[Node]:
    """What is read out when a page comes: its own texts in their order."""
    return [node for node in page.nodes if node.role == "text" and not node.is_frame]


def read_aloud(node: Node, page: Page, words: Texts) -> Utterance:
    """A node as it is said: what it is follows what it says."""
    language = node.language or page.language
    name = node.name if language != page.language or not node.note else f"{node.name}. {node.note}"
    match node.role:
        case "button" if language == page.language:
            name = words.get("button", name=name)
        case "switch":
            name = words.get("switch_on" if node.is_on else "switch_off", name=name)
        case _:
            pass
    return Utterance(name, language, node.is_private, node.mask)


# ---


def _begin(nav: AudioNav, words: Texts) -> Step:
    """The first key, or headphones: it says what it is and what its keys do, and does nothing else."""
    welcome = [_own(words, key) for key in ("speaks", "keys_move", "keys_choose", "keys_help")]
    nav, effects = _say(replace(nav, on=True, at="", edge="", layer=0), [*welcome, *_opening(nav.page, words)], words)
    return nav, [SwitchSpeech(on=True), *effects]


def _end(nav: AudioNav) -> Step:
    """As before anybody came."""
    over = replace(nav, on=False, at="", edge="", said=(), talking=False, paused=False, level=nav.usual_level, layer=0)
    return over, [Hush(), Focus(""), SetLevel(nav.usual_level), SwitchSpeech(on=False)]


def _page(nav: AudioNav, page: Page, words: Texts) -> Step:
    before = nav.page
    nav = replace(nav, page=page)
    if not nav.on:
        return nav, []
    if page.is_first and not before.is_first and page.key != before.key:
        return _session_over(nav, words)
    if (page.key, page.language) != (before.key, before.language):
        nav, effects = _say(replace(nav, at="", edge="", layer=0), _opening(page, words), words)
        return nav, [Focus(""), *effects]
    known = {node.name for node in facts_of(before)}
    fresh = [node for node in facts_of(page) if node.name not in known]
    at = nav.at if any(node.id == nav.at for node in page.nodes) else ""
    nav = replace(nav, at=at)
    switched = [node for node in page.nodes if node.id == at and node.role == "switch" and node not in before.nodes]
    if not fresh and not switched:
        return nav, []
    told = [read_aloud(node, page, words) for node in [*switched, *fresh]]
    if not nav.talking or nav.paused or nav.aside:
        return _say(nav, told, words)
    more = _audible(nav, told, words)
    return replace(nav, said=(*nav.said, *more)), [SayMore(more)]


def _session_over(nav: AudioNav, words: Texts) -> Step:
    """The next citizen starts anew; one who keeps the headphones in hears the first page."""
    if not nav.headphones:
        return _end(nav)
    nav = replace(nav, at="", edge="", layer=0, level=nav.usual_level)
    nav, effects = _say(nav, _opening(nav.page, words), words)
    return nav, [Focus(""), SetLevel(nav.level), *effects]


def _opening(page: Page, words: Texts) -> list[Utterance]:
    buttons = sum(node.role != "text" and not node.is_frame for node in page.nodes)
    facts = [read_aloud(node, page, words) for node in facts_of(page)]
    return [*facts, Utterance(words.get("choices", n=buttons), words.language)] if buttons else facts


def _key(nav: AudioNav, key: Function, words: Texts) -> Step:
    if key != "help":
        nav = replace(nav, layer=0)
    match key:
        case "down" | "up" | "next":
            return _move(nav, key, words)
        case "select":
            return _select(nav, words)
        case "back":
            return _back(nav, words)
        case "repeat":
            return _again(nav, words)
        case "pause":
            return _again(nav, words) if nav.paused else _pause(nav, words)
        case "volume_up" | "volume_down":
            return _volume(nav, 1 if key == "volume_up" else -1, words)
        case "help":
            return _help(nav, words)
        case "unknown" | "jack_in" | "jack_out":
            return _say(nav, [_own(words, "key_unknown"), _own(words, "keys_help")], words)
        case _:
            assert_never(key)


def _move(nav: AudioNav, key: Literal["down", "up", "next"], words: Texts) -> Step:
    """To the neighbour; at an end it says so first, and goes round with the next press."""
    nodes = [node for node in nav.page.nodes if key != "next" or node.role != "text"]
    if not nodes:
        return _again(nav, words)
    there = _after(nav, nodes) if key != "up" else _before(nav, nodes)
    end: Literal["start", "end"] = "start" if key == "up" else "end"
    if there is None and nav.edge != end:
        text = "page_start" if end == "start" else "page_end"
        return _say(replace(nav, edge=end), [_own(words, text)], words)
    node = there or (nodes[-1] if key == "up" else nodes[0])
    nav, effects = _say(replace(nav, at=node.id, edge=""), [read_aloud(node, nav.page, words)], words)
    return nav, [Focus(node.id), *effects]


def _after(nav: AudioNav, nodes: Sequence[Node]) -> Node | None:
    """The next node; from the page's beginning, whose texts were read, the first that is no text."""
    if not nav.at:
        return next((node for node in nodes if node.role != "text"), nodes[0])
    place = _place(nav)
    later = {node.id for node in nav.page.nodes[place + 1 :]}
    return next((node for node in nodes if node.id in later), None)


def _before(nav: AudioNav, nodes: Sequence[Node]) -> Node | None:
    place = _place(nav) if nav.at else next((i for i, n in enumerate(nav.page.nodes) if n.role != "text"), 0)
    earlier = {node.id for node in nav.page.nodes[:place]}
    return next((node for node in reversed(nodes) if node.id in earlier), None)


def _place(nav: AudioNav) -> int:
    return next((i for i, node in enumerate(nav.page.nodes) if node.id == nav.at), -1)


def _select(nav: AudioNav, words: Texts) -> Step:
    """Press the button; on a text: stop it, go on, or hear it again."""
    node = next((node for node in nav.page.nodes if node.id == nav.at), None)
    if node is not None and node.role != "text":
        return replace(nav, talking=False, paused=False), [Hush(), Press(node.id)]
    return _pause(nav, words) if nav.talking and not nav.paused else _again(nav, words)


def _back(nav: AudioNav, words: Texts) -> Step:
    ids = {node.id for node in nav.page.nodes}
    way = next((way for way in WAYS_BACK if way in ids), None)
    if way is None:
        return _say(nav, [_own(words, "no_way_back")], words)
    return replace(nav, talking=False, paused=False), [Hush(), Press(way)]


def _pause(nav: AudioNav, words: Texts) -> Step:
    """What was being said stays what a repeat says."""
    return _remark(replace(nav, paused=True), (_own(words, "paused"),))


def _again(nav: AudioNav, words: Texts) -> Step:
    """What was paused goes on with the sentence that was cut; what was heard is said again."""
    if not nav.said:
        return nav, []
    rest = nav.said[nav.heard :] if nav.paused else ()
    return _say(nav, rest or nav.said, words)


def _volume(nav: AudioNav, change: int, words: Texts) -> Step:
    level = min(nav.levels - 1, max(0, nav.level + change))
    told = Utterance(words.get("volume", level=level + 1, most=nav.levels), words.language)
    rest = nav.said[nav.heard :] if nav.talking and not nav.aside else ()
    nav = replace(nav, level=level)
    nav, effects = _say(nav, [told, *rest], words) if rest else _remark(nav, (told,))
    return nav, [SetLevel(level), *effects]


def _help(nav: AudioNav, words: Texts) -> Step:
    """Each press tells more: where one is, what the keys do, who helps."""
    node = next((node for node in nav.page.nodes if node.id == nav.at), None)
    match nav.layer % 3:
        case 0:
            here = [] if node is None else [read_aloud(node, nav.page, words)]
            told = [*here, *_opening(nav.page, words), _own(words, "help_more")]
        case 1:
            keys = ("keys_move", "keys_choose", "keys_back", "keys_next", "keys_volume")
            told = [_own(words, key) for key in keys]
        case _:
            told = [_own(words, "staff"), _own(words, "private")]
    return _say(replace(nav, layer=nav.layer + 1), told, words)


def _say(nav: AudioNav, utterances: Sequence[Utterance], words: Texts) -> Step:
    """Say it, instead of whatever is being said."""
    aloud = _audible(nav, utterances, words)
    order = nav.order + 1
    nav = replace(nav, order=order, said=aloud, heard=0, talking=True, paused=False, aside=False)
    return nav, [Say(aloud, order)]


def _remark(nav: AudioNav, utterances: tuple[Utterance, ...]) -> Step:
    """Say it by the way: what was said before stays what a repeat says."""
    order = nav.order + 1
    return replace(nav, order=order, talking=True, aside=True), [Say(utterances, order)]


def _audible(nav: AudioNav, utterances: Sequence[Utterance], words: Texts) -> tuple[Utterance, ...]:
    """What is private goes to headphones alone; its place is taken by its mask, or by the reason, once."""
    aloud: list[Utterance] = []
    for utterance in utterances:
        kept_back = utterance.is_private and not nav.headphones
        instead = Utterance(utterance.mask, utterance.language) if utterance.mask else _own(words, "private")
        said = instead if kept_back else utterance
        if said not in aloud or not kept_back:
            aloud.append(said)
    return tuple(aloud)


def _own(words: Texts, key: str) -> Utterance:
    return Utterance(words.get(key), words.language)
