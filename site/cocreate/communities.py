"""The communities that one can join: one row each, in the order in which they are shown.

Forms, mails, the manage page, the commands for managers and tests are drawn from these rows. A new
community is a row here, a form in :mod:`cocreate.web.forms`, and the rows and templates of its two
pages: the one that introduces it and the one that carries its form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cocreate.facts import FACTS
from cocreate.gettext import N_
from cocreate.pages import Page


class Link(NamedTuple):
    """Where a community is met outside this site."""

    label: str  # English, a msgid
    address: str


@dataclass(frozen=True)
class Community:
    """One community."""

    slug: str  # its code in the database and in commands
    name: str  # English, a msgid, for it is marked as English in other languages
    page: str  # name of the page that introduces it, see pages.py
    form: str  # name of the form that joins it, see web/forms.py
    links: tuple[Link, ...]  # where its members really meet, the nearest way in first
    ground: str  # colour of its pages: ground-<name> in static/css/site.css


COMMUNITIES = (
    Community(
        "stack",
        N_("STACK"),
        page="stack",
        form="stack",
        links=(
            Link(N_("STACK Meetup community"), FACTS.stack.meetup),
            Link(N_("STACK on Telegram"), FACTS.stack.telegram),
        ),
        ground="deep",
    ),
    Community(
        "tech-kaki",
        N_("Tech Kaki"),
        page="tech-kaki",
        form="tech-kaki",
        links=(Link(N_("GovTech’s website"), FACTS.body.site),),
        ground="coral",
    ),
)
COMMUNITY_BY_SLUG = {community.slug: community for community in COMMUNITIES}


def community_of(page: Page) -> Community | None:
    """The community that ``page`` introduces or joins."""
    found = (one for one in COMMUNITIES if page.name == one.page or page.form == one.form)
    return next(found, None)


def ground_of(page: Page) -> str:
    """The colour that ``page`` stands on: its community's, or its own."""
    community = community_of(page)
    return community.ground if community else page.ground
