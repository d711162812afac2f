"""What people do here, from the home page to the end; languages and devices take turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browser.chrome import Browser
from browser.live import Live, serve_frozen
from browser.lived.person import Person
from cocreate.languages import BY_SLUG
from cocreate.storage import retention
from fixtures.backend import MovedClock

NUMBERS = count(1)
MENU = "return [...document.querySelectorAll('.menu__panel li a')].map(a => a.href)"
Arrive = Callable[[tuple[str, bool, bool]], Person]


def stories(*told: str) -> pytest.MarkDecorator:
    """``"ta phone script"``: a language, a device, and whether pages may run scripts."""
    made = [
        (slug, device == "phone", script == "script")
        for slug, device, script in map(str.split, told)
    ]
    return pytest.mark.parametrize("story", made, ids=[one.replace(" ", "-") for one in told])


@pytest.fixture
def arrive(browser: Browser, live: Live) -> Iterator[Arrive]:
    browser.cdp("Network.setCacheDisabled", cacheDisabled=False)
    yield lambda story: Person(browser, live, story)
    browser.scripts(True)
    browser.console()


@pytest.fixture
def address() -> str:
    return f"mala{next(NUMBERS)}@lived.example"


def becomes_a_member(person: Person, address: str, tmp_path: Path) -> None:
    person.finds_stack()
    person.answers(address)
    person.sends()
    person.opens_mail(address, tmp_path)
    person.presses("a[href*='/confirm/']")
    person.presses("main form .button")
    person.reads("Your e-mail address is confirmed")


@stories("en phone plain", "zh desktop script", "ms phone script", "ta desktop plain")
def test_one_finds_stack_through_the_menu_and_joins(
    arrive: Arrive, address: str, tmp_path: Path, story: tuple[str, bool, bool]
) -> None:
    person = arrive(story)
    person.finds_stack()
    person.reads("Join STACK")
    person.answers(address)
    person.sends()
    person.reads("Check your e-mail")
    person.sees(address)
    person.opens_mail(address, tmp_path)
    person.presses("a[href*='/confirm/']")
    person.reads("One last step")
    person.presses("main form .button")
    person.reads("Your e-mail address is confirmed")
    person.sees("STACK")


@stories("ta phone script", "zh phone plain")
def test_every_link_of_the_menu_leads_where_it_says(
    arrive: Arrive, story: tuple[str, bool, bool]
) -> None:
    person = arrive(story)
    person.comes_home()
    places = person.browser.run(MENU)
    assert len(places) > 3
    for number, place in enumerate(places, start=1):
        if person.phone:
            person.points_at(".menu__toggle")
        person.presses(f".menu__panel li:nth-child({number}) a")
        assert person.driver.current_url == place


@stories("ta phone script", "ms desktop script")
def test_a_mistyped_address_is_mended_where_it_stands(
    arrive: Arrive, address: str, story: tuple[str, bool, bool]
) -> None:
    mistyped = address.replace("lived.example", "gmial.com")
    person = arrive(story)
    person.finds_stack()
    person.types("email", mistyped)
    person.types("name", "Mala")
    person.waits_for(
        lambda: person.driver.find_elements("css selector", "#email-field [name=use_email]")
    )
    person.points_at("#email-field [name=use_email]")
    person.finds_typed(email=mistyped.replace("gmial", "gmail"), name="Mala")
    person.chooses()
    person.sends()
    person.reads("Check your e-mail")
    person.sees(mistyped.replace("gmial", "gmail"))


@stories("en desktop script", "zh phone plain")
def test_a_mistyped_address_is_mended_in_the_summary(
    arrive: Arrive, address: str, story: tuple[str, bool, bool]
) -> None:
    mistyped = address.replace("lived.example", "gmial.com")
    person = arrive(story)
    person.finds_stack()
    person.answers(mistyped)
    person.sends()
    person.sees(mistyped)
    person.presses(".summary [name=use_email]")
    person.reads("Check your e-mail")
    person.sees(mistyped.replace("gmial", "gmail"))


@stories("zh desktop plain", "en phone script")
def test_half_a_form_survives_another_language_back_and_forward(
    arrive: Arrive, address: str, story: tuple[str, bool, bool]
) -> None:
    person = arrive(story)
    person.finds_stack()
    person.types("name", "Mala")
    person.types("email", address)
    person.switches_to(BY_SLUG["ta"])
    person.reads("Join STACK")
    person.finds_typed(name="Mala", email=address)
    person.presses(".footer a[href$='/privacy/']")
    person.driver.back()
    person.reads("Join STACK")
    person.finds_typed(name="Mala", email=address)
    person.driver.back()
    person.language = BY_SLUG[story[0]]
    person.reads("Join STACK")
    person.finds_typed(name="Mala", email=address)
    person.driver.forward()
    person.language = BY_SLUG["ta"]
    person.reads("Join STACK")
    person.finds_typed(name="Mala", email=address)
    person.chooses()
    person.sends()
    person.reads("Check your e-mail")
    person.sees(address)


@stories("ta desktop plain", "ms phone script")
def test_two_presses_on_a_slow_line_join_once(
    arrive: Arrive, live: Live, address: str, story: tuple[str, bool, bool]
) -> None:
    person = arrive(story)
    person.finds_stack()
    person.answers(address)
    with live.holding(1):
        person.sends(times=2)
    person.reads("Check your e-mail")
    assert len(person.letters(address)) == 1


@stories("zh phone script", "en desktop plain")
def test_one_leaves_after_a_year(
    arrive: Arrive,
    live: Live,
    address: str,
    tmp_path: Path,
    moved_clock: MovedClock,
    story: tuple[str, bool, bool],
) -> None:
    """With the second link of the mail that one joined with."""
    person = arrive(story)
    becomes_a_member(person, address, tmp_path)
    moved_clock.forward(days=365)
    with live.app.app_context():
        retention.purge()
    person.opens_mail(address, tmp_path)
    person.presses("a[href*='/manage/']")
    person.reads("Your membership")
    person.points_at(".ask summary")
    person.presses(".button--danger")
    person.reads("You have withdrawn")


@stories("ta phone plain", "ms desktop script")
def test_a_member_who_joins_again_after_ten_days_gets_the_link_to_manage(
    arrive: Arrive,
    live: Live,
    address: str,
    tmp_path: Path,
    moved_clock: MovedClock,
    story: tuple[str, bool, bool],
) -> None:
    person = arrive(story)
    becomes_a_member(person, address, tmp_path)
    moved_clock.forward(days=10)
    with live.app.app_context():
        retention.purge()
    person.finds_stack()
    person.answers(address)
    person.sends()
    person.reads("Check your e-mail")
    assert len(person.letters(address)) == 2
    person.opens_mail(address, tmp_path)
    person.presses("a[href*='/manage/']")
    person.reads("Your membership")


@stories("en phone plain")
def test_the_copy_on_another_host_leads_to_the_same_membership(
    arrive: Arrive,
    live: Live,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    story: tuple[str, bool, bool],
) -> None:
    """Its forms post to the live site, and one goes on there."""
    person = arrive(story)
    with serve_frozen(tmp_path / "copy", live.url.rstrip("/")) as copy:
        origin = "http://" + urlsplit(copy.url).netloc
        config = replace(live.app.config["COCREATE"], trusted_origins=(origin,))
        monkeypatch.setitem(live.app.config, "COCREATE", config)
        person.comes_to(f"{copy.url}{person.language.slug}/")
        person.goes_to_the_form()
        person.answers(address)
        person.sends()
        person.reads("Check your e-mail")
        assert person.driver.current_url.startswith(live.url)
        person.opens_mail(address, tmp_path)
        person.presses("a[href*='/confirm/']")
        person.presses("main form .button")
        person.reads("Your e-mail address is confirmed")
