"""A ticket's page in a real browser: a call comes by itself, with scripts and without; a thumb can do everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.office.browser import Browser, browser_programs
from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, Options, Stage, wait_for
from bench.phones import papers_of
from officelib.assets import asset
from officelib.texts import read_texts

PROGRAMS = browser_programs()
pytestmark = [
    pytest.mark.skipif(PROGRAMS is None, reason="no Chromium with its driver here"),
    pytest.mark.timeout(180),
]
LANGUAGES = ("es", "ca", "en", "fr", "ar")
TEXTS = read_texts(asset("i18n"), "phone", LANGUAGES)


class Site:
    """A hub with its pages, two papers, a clerk and a phone."""

    def __init__(self, folder: Path, phone: Browser) -> None:
        self.phone = phone
        self.stage = Stage(folder, asset("demo", "office.toml"), Options())
        for role in ("broker", "hub"):
            self.stage.start(role)
        self.stage.wait_for_hub()
        self.papers = papers_of(self.stage, 2)
        self.clerk = ClerkClient(self.stage.console, "ana", CLERKS["ana"][1], "c1")
        self.clerk.sign_in()

    def open(self, number: int, language: str = "es") -> None:
        self.phone.open(f"http://127.0.0.1:{self.stage.page_port}/T/{self.papers[number]}?l={language}")

    def shows(self, state: str) -> None:
        found = "document.querySelector('section[data-state]')?.dataset.state"
        wait_for(lambda: self.phone.run(f"return {found}") == state, f"the page to show '{state}'", 10)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    assert PROGRAMS is not None
    with Browser(PROGRAMS, phone=True) as phone:
        one = Site(tmp_path, phone)
        try:
            yield one
        finally:
            one.stage.stop()


def test_a_call_comes_by_itself_and_is_told(site: Site) -> None:
    site.open(0)
    site.shows("waiting")
    site.phone.run(
        "window.buzzed = []; navigator.vibrate = (what) => { window.buzzed.push(what); return true; };"
        "window.tones = 0; const made = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () { window.tones += 1; return made.call(this); };"
    )
    site.phone.run("document.querySelector('#sound button').click()")
    assert site.phone.run("return document.querySelector('#sound span').hidden") is False
    assert site.phone.run("return window.tones") == 1, "a first sound, which the finger allows"
    assert site.clerk.do("call_next")["answer"] == "done"
    site.shows("called")
    assert site.phone.run("return window.buzzed.length") == 1
    assert site.phone.run("return window.tones") == 7
    assert TEXTS["es"].get("go_to", counter="\u20661\u2069") in site.phone.run("return document.body.textContent")
    site.clerk.do("start")
    site.shows("serving")
    assert site.phone.run("return window.buzzed.length") == 1, "once"


def test_who_leaves_has_to_say_so_twice(site: Site) -> None:
    site.open(1)
    site.shows("waiting")
    hidden = "return document.querySelector('form[action*=leave] button').checkVisibility()"
    assert site.phone.run(hidden) is False
    site.phone.run("document.querySelector('summary').click()")
    assert site.phone.run(hidden) is True
    site.phone.run("document.querySelector('form[action*=leave] button').click()")
    site.shows("left")
    assert site.clerk.view()["waiting_total"] == 0


def test_without_a_line_the_page_says_so_and_comes_back(site: Site) -> None:
    site.open(0)
    site.shows("waiting")
    site.stage.kill("hub")
    wait_for(lambda: site.phone.run("return document.getElementById('line').hidden") is False, "the warning", 10)
    site.stage.start("hub")
    site.stage.wait_for_hub()
    site.clerk.do("call_next")
    wait_for(
        lambda: site.phone.run("return document.querySelector('section[data-state]')?.dataset.state") == "called",
        "the page to come back by itself",
        40,
    )
    assert site.phone.run("return document.getElementById('line').hidden") is True


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_thumb_and_a_small_phone(site: Site, language: str) -> None:
    """Nothing to the side of the screen; what is touched is 44 CSS pixels high; text contrast of at least 7."""
    site.open(0, language)
    site.shows("waiting")
    wide = site.phone.run("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]
    heights = site.phone.run(
        "return [...document.querySelectorAll('button, summary, nav a')].filter((e) => e.checkVisibility())"
        ".map((e) => e.getBoundingClientRect().height)"
    )
    assert len(heights) >= 7
    assert min(heights) >= 44
    low = site.phone.run(CONTRASTS)
    assert not low, low
    assert site.phone.run("return document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")


CONTRASTS = """
const linear = (v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
const light = (rgb) => { const c = rgb.map(linear);
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const ground = (e) => { for (; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor);
  if (b.length < 4 || b[3] > 0) return b.slice(0, 3); } return [255, 255, 255]; };
return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility()
  && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((e) => {
  const a = light(parse(getComputedStyle(e).color).slice(0, 3)), b = light(ground(e));
  return [e.textContent.trim().slice(0, 30), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
  .filter(([, contrast]) => contrast < 7);
"""
