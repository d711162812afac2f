"""What people do here, from the home page to the end; languages and devices take turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browser.chrome import Browser
from browser.live import Live, serve_frozen
from browser.lived.person import Person
from browser.states import CONFIRM, LEAVE, REALLY_LEAVE
from cocreate.storage import retention
from fixtures.backend import MovedClock, confirmed, signup


def stories(*told: str) -> pytest.MarkDecorator:
    """``"ta phone plain"``: a language, a device, and whether pages may run scripts."""
    return pytest.mark.parametrize("story", told)


@pytest.fixture
def person(browser: Browser, live: Live, story: str, tmp_path: Path) -> Iterator[Person]:
    yield Person(browser, live, story, tmp_path)
    browser.scripts(True)


@stories("en phone plain", "zh desktop script", "ms phone script", "ta desktop plain")
def test_one_finds_stack_through_the_menu_and_joins(person: Person) -> None:
    person.comes_home()
    person.goes_to_the_form()
    person.reads("Join STACK")
    person.answers_and_sends()
    person.reads("Check your e-mail")
    person.sees(person.address)
    person.opens_mail()
    person.presses("a[href*='/confirm/']")
    person.reads("One last step")
    person.presses(CONFIRM)
    person.reads("Your e-mail address is confirmed")
    person.sees("STACK")


@stories("zh phone script", "en desktop plain")
def test_one_leaves_after_a_year(person: Person, live: Live, moved_clock: MovedClock) -> None:
    """With the second link of the mail that one joined with."""
    with live.app.app_context():
        confirmed(live.app, signup(person.address, language=person.language))
        moved_clock.forward(days=365)
        retention.purge()
    person.opens_mail()
    person.presses("a[href*='/manage/']")
    person.reads("Your membership")
    person.points_at(LEAVE)
    person.presses(REALLY_LEAVE)
    person.reads("You have withdrawn")


@stories("en phone plain")
def test_the_copy_on_another_host_leads_to_the_same_membership(
    person: Person, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its forms post to the live site, and one goes on there."""
    with serve_frozen(tmp_path / "copy", live.url.rstrip("/")) as copy:
        origin = "http://" + urlsplit(copy.url).netloc
        config = replace(live.app.config["COCREATE"], trusted_origins=(origin,))
        monkeypatch.setitem(live.app.config, "COCREATE", config)
        person.comes_to(f"{copy.url}{person.language.slug}/")
        person.goes_to_the_form()
        person.answers_and_sends()
        person.reads("Check your e-mail")
        assert person.driver.current_url.startswith(live.url)
        person.opens_mail()
        person.presses("a[href*='/confirm/']")
        person.presses(CONFIRM)
        person.reads("Your e-mail address is confirmed")
