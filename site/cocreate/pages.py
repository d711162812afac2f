"""The pages of the site: one row each, in menu order.

Routes, menu, sitemap, freeze list, language switcher and tests are all drawn from these rows.
A new page is a row here and ``templates/pages/<template>.html``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cocreate.gettext import N_


@dataclass(frozen=True)
class Page:
    """One page, the same in every language.

    Args:
        path: what follows ``/LANG/``, with its trailing slash; empty for the home page.
        title: the heading of the page and the first part of ``<title>`` (English, a msgid).
        label: its name in menus and footer (English, a msgid).
        description: one or two sentences for search results and social previews (English, a msgid).
        updated: day on which its words last changed in substance; shown at the end of the page.
        place: where links to it stand: ``menu``, ``footer`` or nowhere.
        form: name of the form that it carries, see :mod:`cocreate.web.forms`.
        ground: colour that it stands on, ``ground-<name>`` in ``static/css/site.css``; the pages of
            a community stand on that community's.
    """

    path: str
    title: str
    label: str
    description: str
    updated: date
    place: str = ""
    form: str = ""
    ground: str = ""

    @property
    def name(self) -> str:
        """Template, test and CSS name: the path without slashes (``join-stack``)."""
        return self.path.strip("/").replace("/", "-") or "home"


# The name of the whole site, and what fits below an icon.
SITE_NAME = N_("Co-create with GovTech")
SHORT_NAME = N_("Co-create")
LAUNCH = date(2026, 11, 24)
REWORDED = date(2026, 11, 30)

PAGES = (
    Page(
        "",
        N_("Digital services get better when you help make them"),
        N_("Home"),
        N_(
            "GovTech builds Singapore’s digital services with the people who use them."
            " See what changed because citizens spoke up, and find your own way to take part."
        ),
        REWORDED,
    ),
    Page(
        "tech-kaki/",
        N_("Tech Kaki: try it first, say what you think"),
        N_("Tech Kaki"),
        N_(
            "A community of over 7,000 people who test digital services with GovTech"
            " while they are still being built. Everyone can help."
        ),
        REWORDED,
        place="menu",
    ),
    Page(
        "stack/",
        N_("STACK: build for the public good, together"),
        N_("STACK"),
        N_(
            "GovTech’s community of over 5,000 people in tech:"
            " meetups, a developer conference and tools to build on."
        ),
        REWORDED,
        place="menu",
    ),
    Page(
        "open-source/",
        N_("Open source: what agencies build, you can build on"),
        N_("Open source"),
        N_(
            "Technologies that Singapore’s government agencies share with every developer,"
            " where to find them, and the story of OpenCerts."
        ),
        LAUNCH,
        place="menu",
        ground="gold",
    ),
    Page(
        "crowdtask/",
        N_("CrowdTaskSG: public surveys for agencies"),
        N_("CrowdTaskSG"),
        N_(
            "GovTech’s platform where agencies ask the public for its views."
            " What it is, where to find it and how it differs from Tech Kaki."
        ),
        REWORDED,
        place="menu",
        ground="green",
    ),
    Page(
        "get-involved/",
        N_("Find your way to take part"),
        N_("Get involved"),
        N_(
            "Test a service, meet other developers, answer a survey, use open-source code"
            " or just say what you think. See every way to take part, side by side."
        ),
        REWORDED,
        place="menu",
        ground="sky",
    ),
    Page(
        "join/tech-kaki/",
        N_("Join Tech Kaki"),
        N_("Join Tech Kaki"),
        N_("Give us your name and e-mail address, and help test the services that come next."),
        REWORDED,
        form="tech-kaki",
    ),
    Page(
        "join/stack/",
        N_("Join STACK"),
        N_("Join STACK"),
        N_("Give us your name and e-mail address, and hear of meetups and the conference."),
        REWORDED,
        form="stack",
    ),
    Page(
        "feedback/",
        N_("Tell us what you think"),
        N_("Contact and feedback"),
        N_(
            "An open channel: report a problem, a barrier or an idea. You need not say who you are."
        ),
        REWORDED,
        place="footer",
        form="feedback",
        ground="sky",
    ),
    Page(
        "privacy/",
        N_("What we keep about you, and why"),
        N_("Privacy"),
        N_("Exactly what this site stores when you join or write, for how long, and how to leave."),
        REWORDED,
        place="footer",
        ground="paper",
    ),
    Page(
        "accessibility/",
        N_("Accessibility statement"),
        N_("Accessibility"),
        N_(
            "The standard that this site holds itself to,"
            " how it is tested and what is not yet good."
        ),
        REWORDED,
        place="footer",
        ground="paper",
    ),
    Page(
        "licences/",
        N_("Licences and notices"),
        N_("Licences"),
        N_("The open-source software that this site ships to your browser, with its licences."),
        LAUNCH,
        place="footer",
        ground="paper",
    ),
)
BY_PATH = {page.path: page for page in PAGES}
BY_NAME = {page.name: page for page in PAGES}
HOME = PAGES[0]
