"""Pictures of the console, where a browser is installed."""

from bench.office.browser import Browser, browser_programs
from bench.office.stage import CLERKS, Stage, wait_for


def take_console_pictures(stage: Stage) -> int:
    """The way in, and a console at work, driven by the keyboard alone; returns how many pictures were taken."""
    programs = browser_programs()
    if programs is None:
        return 0
    with Browser(programs) as browser:
        browser.open(stage.console)
        browser.picture(stage.out / "console" / "sign-in.png")
        sign_in_by_keyboard(browser, "carme", "3", CLERKS["carme"][1])
        wait_for(lambda: browser.run("return document.querySelectorAll('#services li').length > 0"), "the console")
        browser.keys("n")
        wait_for(lambda: browser.run("return document.getElementById('told').textContent !== ''"), "the answer")
        wait_for(lambda: browser.run("return document.querySelector('#current .empty') === null"), "the ticket")
        browser.picture(stage.out / "console" / "console.png")
        browser.keys("f")
        wait_for(lambda: browser.run("return document.querySelector('#current .empty') !== null"), "the end of it")
    return 2


TAB, ENTER = "\ue004", "\ue007"


def sign_in_by_keyboard(browser: Browser, clerk: str, counter: str, pin: str) -> None:
    """From the sign-in page to the console: the first letters choose from lists, Tab goes on, Enter sends."""
    browser.keys(clerk[0].upper() + TAB + counter + TAB + pin + ENTER)
    wait_for(lambda: browser.run("return document.body.className") == "console", f"the console of {clerk}", 10)
