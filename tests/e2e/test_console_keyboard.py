"""The console in a real browser, by keyboard alone. Skipped where no browser is installed."""

from collections.abc import Iterator

import pytest

from bench.office.browser import Browser, browser_programs
from bench.office.clerk import ClerkClient
from bench.office.console_pictures import ENTER, TAB, sign_in_by_keyboard
from bench.office.stage import CLERKS, Options, Stage, wait_for
from office_hub.tools import read_log
from officelib import events as e
from officelib.assets import asset

PROGRAMS = browser_programs()
pytestmark = [
    pytest.mark.skipif(PROGRAMS is None, reason="no Chromium with its driver here"),
    pytest.mark.timeout(180),
]
ESCAPE = "\ue00c"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    one = Stage(tmp_path_factory.mktemp("out"), asset("demo", "office.toml"), Options())
    one.start("broker")
    one.start("hub")
    one.wait_for_hub()
    yield one
    one.stop()


def told(browser: Browser, text: str) -> None:
    seen: list[str] = []

    def says() -> bool:
        seen.append(browser.run("return document.getElementById('told').textContent"))
        return text in seen[-1]

    try:
        wait_for(says, f"'{text}'", 10)
    except TimeoutError as error:
        focus = browser.run("return document.activeElement.outerHTML.slice(0, 80)")
        raise AssertionError(f"the console says '{seen[-1]}', not '{text}'; the focus is on {focus}") from error


def test_a_clerks_day_without_a_mouse(stage: Stage) -> None:
    assert PROGRAMS is not None
    biel = ClerkClient(stage.console, "biel", CLERKS["biel"][1], "c2")
    biel.sign_in()
    with Browser(PROGRAMS) as browser:
        browser.open(stage.console)
        sign_in_by_keyboard(browser, "ana", "1", CLERKS["ana"][1])
        wait_for(lambda: browser.run("return !document.querySelector('[data-action=call_next]').disabled"), "the view")
        browser.keys("n")
        told(browser, "No espera nadie")
        biel.do("add_walk_in", service="register", language="es")
        biel.do("add_walk_in", service="entry", language="es")
        wait_for(lambda: browser.run("return document.querySelectorAll('#waiting tr').length") == 2, "the list")
        browser.keys("n")
        told(browser, "Se llama a A001")
        wait_for(lambda: "A001" in browser.run("return document.getElementById('current').textContent"), "the ticket")
        browser.keys("r")
        told(browser, "Se vuelve a llamar a A001")
        browser.keys("s")
        told(browser, "A001 está en la mesa")
        browser.keys("t")
        wait_for(lambda: browser.run("return document.getElementById('transfer').open"), "the dialog")
        browser.keys("Imp" + TAB + TAB + TAB + ENTER)
        told(browser, "A001 se ha derivado")
        browser.keys("w")
        wait_for(lambda: browser.run("return document.getElementById('walk-in').open"), "the dialog")
        browser.keys(ESCAPE)
        wait_for(lambda: browser.run("return document.querySelector('#current .empty') !== null"), "the free counter")
        browser.keys("n")
        told(browser, "Se llama a R001")
        wait_for(lambda: "R001" in browser.run("return document.getElementById('current').textContent"), "the ticket")
        browser.keys("f")
        told(browser, "R001 ha terminado")
        assert browser.run(
            "return document.querySelector(':focus-visible') !== null || document.activeElement !== null"
        )


def test_the_console_says_when_its_hub_is_away_and_goes_on_when_it_is_back(stage: Stage) -> None:
    assert PROGRAMS is not None
    with Browser(PROGRAMS) as browser:
        browser.open(stage.console)
        sign_in_by_keyboard(browser, "ana", "3", CLERKS["ana"][1])
        biel = ClerkClient(stage.console, "biel", CLERKS["biel"][1], "c2")
        biel.sign_in()
        biel.do("add_walk_in", service="social", language="es")
        wait_for(lambda: browser.run("return document.querySelectorAll('#waiting tr').length") >= 1, "the list")
        stage.kill("hub")
        wait_for(lambda: browser.run("return document.getElementById('link').textContent") != "", "the notice", 15)
        browser.keys("n")
        stage.start("hub")
        told(browser, "Se llama a")
        wait_for(lambda: browser.run("return document.getElementById('link').textContent") == "", "the link", 15)


def test_papers_are_noted_while_the_hub_is_away_and_sent_when_it_is_back(stage: Stage) -> None:
    assert PROGRAMS is not None
    biel = ClerkClient(stage.console, "biel", CLERKS["biel"][1], "c2")
    biel.sign_in()
    label = biel.do("add_walk_in", service="register", language="es")["label"]
    with Browser(PROGRAMS) as browser:
        browser.open(stage.console)
        sign_in_by_keyboard(browser, "carme", "1", CLERKS["carme"][1])
        wait_for(lambda: browser.run("return !document.querySelector('[data-action=call_next]').disabled"), "the view")
        stage.kill("hub")
        browser.keys("n")
        told(browser, "Sin conexión")
        for text in (label, "A2-007"):
            browser.keys("b")
            wait_for(lambda: browser.run("return document.getElementById('by-paper').open"), "the dialog")
            browser.keys(text.lower() + ENTER)
            wait_for(lambda: not browser.run("return document.getElementById('by-paper').open"), "it to close")
        noted = "return document.getElementById('noted').textContent"
        wait_for(lambda: f"{label}, A2-007" in browser.run(noted), "both to be noted")
        stage.start("hub")
        stage.wait_for_hub()
        wait_for(lambda: browser.run(noted) == "", "both to be sent", 30)
    bodies = [entry.body for entry in read_log(stage.hub_config.database)]
    assert [x.counter for x in bodies if isinstance(x, e.ServedByPaper)] == ["c1"]
    assert [x.label for x in bodies if isinstance(x, e.PaperNoted)] == ["A2-007"]
