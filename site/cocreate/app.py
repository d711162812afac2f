"""The application: wiring in order, a comment a step, no logic."""

from __future__ import annotations

from flask import Flask
from htmx_flask import Htmx

from cocreate import gettext, urls
from cocreate.communities import COMMUNITY_BY_SLUG, community_of, ground_of
from cocreate.config import LARGEST_BODY, ROOT, Config, load_config
from cocreate.facts import AUDITED, FACTS
from cocreate.languages import LANGUAGES
from cocreate.pages import SHORT_NAME, SITE_NAME
from cocreate.storage import database
from cocreate.web import (
    assets,
    errors,
    forms,
    join,
    letters,
    membership,
    ratelimit,
    security,
    templating,
    views,
)


def create_app(config: Config | None = None, *, static: bool = False) -> Flask:
    """Make the site.

    Args:
        config: checked settings; by default those of the environment.
        static: render the copy for static hosts: nothing that needs a server, no database.
    """
    app = Flask("cocreate", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["COCREATE"] = config = config or load_config()
    app.config["STATIC_COPY"] = static
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY

    # 1. Templates: strict, tidy, and with the registries at hand.
    templating.init_app(app)
    app.jinja_env.globals.update(
        config=config,
        languages=LANGUAGES,
        facts=FACTS,
        audited=AUDITED,
        site_name=SITE_NAME,
        short_name=SHORT_NAME,
        communities=COMMUNITY_BY_SLUG,
        community_of=community_of,
        ground_of=ground_of,
    )

    # 2. request.htmx tells a swap from a page.
    Htmx(app)

    # 3. Words, addresses, files.
    gettext.init_app(app)
    urls.init_app(app)
    assets.init_app(app)
    templating.add_drawings(app)

    # 4. Reading pages, errors, response headers.
    views.init_app(app)
    errors.init_app(app)
    security.init_app(app)

    # 5. What needs a database: the forms and everything behind the links in our mails.
    forms.init_app(app)
    join.init_app(app)
    if not static:
        database.init_app(app)
        ratelimit.init_app(app)
        membership.init_app(app)
        letters.init_app(app)
    if config.metrics and not static:
        from cocreate.web import metrics

        metrics.init_app(app)
    return app
