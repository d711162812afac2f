"""What people do here, from the home page to the end; languages and devices take turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.live import Live, serve_frozen
from browser.lived.person import Person
from browser.states import BUTTON, CONFIRM, LEAVE, REALLY_LEAVE, TAMIL
from cocreate.storage import retention
from fixtures.backend import MovedClock

MENU = "return [...document.querySelectorAll('.menu__panel li a')].map(a => a.href)"
OFFERED = "#email-field [name=use_email]"


def stories(*told: str) -> pytest.MarkDecorator:
    """``"ta phone plain"``: a language, a device, and whether pages may run scripts."""
    return pytest.mark.parametrize("story", told)


@pytest.fixture
def person(browser: Browser, live: Live, story: str, tmp_path: Path) -> Iterator[Person]:
    yield Person(browser, live, story, tmp_path)
    browser.scripts(True)


def becomes_a_member(person: Person) -> None:
    person.finds_stack()
    person.answers()
    person.sends()
    person.opens_mail()
    person.presses("a[href*='/confirm/']")
    person.presses(CONFIRM)
    person.reads("Your e-mail address is confirmed")


@stories("en phone plain", "zh desktop script", "ms phone script", "ta desktop plain")
def test_one_finds_stack_through_the_menu_and_joins(person: Person) -> None:
    person.finds_stack()
    person.reads("Join STACK")
    person.answers()
    person.sends()
    person.reads("Check your e-mail")
    person.sees(person.address)
    person.opens_mail()
    person.presses("a[href*='/confirm/']")
    person.reads("One last step")
    person.presses(CONFIRM)
    person.reads("Your e-mail address is confirmed")
    person.sees("STACK")


@stories("ta phone script", "zh phone plain")
def test_every_link_of_the_menu_leads_where_it_says(person: Person) -> None:
    person.comes_home()
    places = person.browser.run(MENU)
    assert len(places) > 3
    for number, place in enumerate(places, start=1):
        person.points_at(".menu__toggle")
        person.presses(f".menu__panel li:nth-child({number}) a")
        assert person.driver.current_url == place


@stories("ta phone script", "ms desktop script")
def test_a_mistyped_address_is_mended_where_it_stands(person: Person) -> None:
    meant = person.address = person.address.replace("lived.example", "gmail.com")
    person.finds_stack()
    person.types("email", meant.replace("gmail", "gmial"))
    person.types("name", "Mala")
    person.waits_for(lambda: person.driver.find_elements(By.CSS_SELECTOR, OFFERED))
    person.points_at(OFFERED)
    person.finds_typed(email=meant, name="Mala")
    person.chooses()
    person.sends()
    person.reads("Check your e-mail")
    person.sees(meant)


@stories("en desktop script", "zh phone plain")
def test_a_mistyped_address_is_mended_in_the_summary(person: Person) -> None:
    mistyped = person.address = person.address.replace("lived.example", "gmial.com")
    person.finds_stack()
    person.answers()
    person.sends()
    person.sees(mistyped)
    person.presses(".summary [name=use_email]")
    person.reads("Check your e-mail")
    person.sees(mistyped.replace("gmial", "gmail"))


@stories("zh desktop plain", "en phone script")
def test_half_a_form_survives_another_language_back_and_forward(person: Person) -> None:
    first = person.language
    half = {"name": "Mala", "email": person.address}
    person.finds_stack()
    for name, text in half.items():
        person.types(name, text)
    person.switches_to(TAMIL)
    person.reads("Join STACK")
    person.finds_typed(**half)
    person.presses(".footer a[href$='/privacy/']")
    for step, language in (("back", TAMIL), ("back", first), ("forward", TAMIL)):
        getattr(person.driver, step)()
        person.language = language
        person.reads("Join STACK")
        person.finds_typed(**half)
    person.chooses()
    person.sends()
    person.reads("Check your e-mail")
    person.sees(person.address)


@stories("ta desktop plain", "ms phone script")
def test_two_presses_on_a_slow_line_join_once(person: Person, live: Live) -> None:
    person.finds_stack()
    person.answers()
    with live.holding():
        person.presses_twice(BUTTON)
    person.reads("Check your e-mail")
    assert len(person.letters()) == 1


@stories("zh phone script", "en desktop plain")
def test_one_leaves_after_a_year(person: Person, live: Live, moved_clock: MovedClock) -> None:
    """With the second link of the mail that one joined with."""
    becomes_a_member(person)
    moved_clock.forward(days=365)
    with live.app.app_context():
        retention.purge()
    person.opens_mail()
    person.presses("a[href*='/manage/']")
    person.reads("Your membership")
    person.points_at(LEAVE)
    person.presses(REALLY_LEAVE)
    person.reads("You have withdrawn")


@stories("ta phone plain", "ms desktop script")
def test_a_member_who_joins_again_after_ten_days_gets_the_link_to_manage(
    person: Person, live: Live, moved_clock: MovedClock
) -> None:
    becomes_a_member(person)
    moved_clock.forward(days=10)
    with live.app.app_context():
        retention.purge()
    person.finds_stack()
    person.answers()
    person.sends()
    person.reads("Check your e-mail")
    assert len(person.letters()) == 2
    person.opens_mail()
    person.presses("a[href*='/manage/']")
    person.reads("Your membership")


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
        person.answers()
        person.sends()
        person.reads("Check your e-mail")
        assert person.driver.current_url.startswith(live.url)
        person.opens_mail()
        person.presses("a[href*='/confirm/']")
        person.presses(CONFIRM)
        person.reads("Your e-mail address is confirmed")
