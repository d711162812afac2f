"""The form pages: read, decide, act, redirect. The same address, with htmx and without."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template
from flask import redirect as see
from htmx_flask import make_response, request
from werkzeug.wrappers import Response as BaseResponse

from cocreate.config import Config
from cocreate.gettext import N_
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page
from cocreate.storage import members
from cocreate.storage.database import StorageUnavailable
from cocreate.urls import page_path, use_absolute_links, use_relative_links
from cocreate.web import origins, ratelimit
from cocreate.web.fields import EmailField, tidy
from cocreate.web.forms import (
    CONSENT_VERSION,
    FORMS,
    FeedbackForm,
    HouseForm,
    MemberForm,
    StackForm,
    TechKakiForm,
    answers,
)

blueprint = Blueprint("join", __name__)
AnyResponse = TypeVar("AnyResponse", bound=BaseResponse)

TOO_MANY = (
    N_("Too many tries from your connection"),
    N_("What you typed is still here. Please wait a while, then send it again."),
)
NOT_STORED = (
    N_("We could not store that just now"),
    N_("What you typed is still here. Please wait a moment, then send it again."),
)


@blueprint.get("/<language:language>/<formpage:page>/")
def show_form(language: Language, page: Page) -> Response:
    if current_app.config["STATIC_COPY"]:
        use_relative_links()
    else:
        use_absolute_links()
    form = FORMS[page.form]()
    if isinstance(form, StackForm):
        form.mail_language.data = language.slug
    if isinstance(form, TechKakiForm):
        form.spoken.data = [language.slug]
    if isinstance(form, FeedbackForm) and "page" in request.args:
        form.page.data = request.args["page"]
    return render(form, page)


@blueprint.post("/<language:language>/<formpage:page>/")
def take_form(language: Language, page: Page) -> BaseResponse:
    use_absolute_links()
    if not origins.is_ours(request):
        abort(403)
    refuse_broken_text()
    form = FORMS[page.form](request.form)
    if {"language_switch", "check"}.isdisjoint(request.form):
        return submit(form, page, language)
    if (wait := ratelimit.retry_after("check")) is not None:
        return render(form, page, 429, trouble=TOO_MANY, retry_after=wait)
    if "language_switch" in request.form:
        return render(form, page)
    return check_field(form, request.form["check"], page)


def refuse_broken_text() -> None:
    """400 for percent-encoded bytes that are no UTF-8: Werkzeug would keep them as ``%FF``."""
    if request.mimetype == "application/x-www-form-urlencoded":
        try:
            unquote_to_bytes(request.get_data()).decode()
        except UnicodeDecodeError:
            abort(400)


def submit(form: HouseForm, page: Page, language: Language) -> BaseResponse:
    """Store a good form; give any other back with everything that was typed."""
    if (wait := ratelimit.retry_after("join")) is not None:
        return render(form, page, 429, trouble=TOO_MANY, retry_after=wait)
    take_suggestion(form)
    valid = form.validate()
    if not form.is_trapped():
        if not valid or doubts_address(form):
            return render(form, page, 422)
        try:
            store(form, language)
        except StorageUnavailable:
            return render(form, page, 503, trouble=NOT_STORED, retry_after=30)
    return sent(page, language)


def store(form: HouseForm, language: Language) -> None:
    """Returns once it is on disk; raises StorageUnavailable otherwise."""
    if isinstance(form, MemberForm):
        both = (form.community, form.other) if form.also.data else (form.community,)
        chosen = BY_SLUG.get(form.data.get("mail_language", ""), language)
        members.join(
            members.Signup(
                name=form.name.data or "",
                email=form.email.data or "",
                language=chosen,
                communities=both,
                answers=answers(form),
                consent_version=CONSENT_VERSION,
                consent_language=language,
            )
        )
    elif isinstance(form, FeedbackForm):
        members.give_feedback(
            form.page.data or "", form.message.data or "", form.email.data or "", language
        )


def sent(page: Page, language: Language) -> BaseResponse:
    """303 to the page that says what happens next; with htmx, that page itself."""
    address = f"{g.root}{page_path(page, language)}sent/"
    if not request.htmx:
        return private(see(address, 303))
    response: Response = make_response(sent_page(page), push_url=address)
    return private(response)


@blueprint.get("/<language:language>/<formpage:page>/sent/")
def show_sent(language: Language, page: Page) -> Response:
    use_absolute_links()
    return private(current_app.make_response(sent_page(page)))


def sent_page(page: Page) -> str:
    g.rest = page.path + "sent/"
    name = "feedback-sent" if page.form == "feedback" else "check-email"
    return render_template(f"system/{name}.html", page=page, layout=layout())


def render(
    form: HouseForm,
    page: Page,
    status: int = 200,
    *,
    trouble: tuple[str, str] | None = None,
    retry_after: int | None = None,
) -> Response:
    """The form's page, or with htmx its main part. Both say what the other would."""
    prepare(form, page, trouble)
    body = render_template(f"pages/{page.name}.html", page=page, form=form, layout=layout())
    response = current_app.make_response((body, status))
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return private(response)


def prepare(form: HouseForm, page: Page, trouble: tuple[str, str] | None = None) -> None:
    """What the template has to know of the form besides its fields."""
    config: Config = current_app.config["COCREATE"]
    path = page_path(page, g.language)
    form.is_live = not current_app.config["STATIC_COPY"]
    if form.is_live:
        form.action = g.root + path
    elif config.join_url:
        form.action = config.join_url + path
    form.trouble = trouble
    form.email_suggestion = form.email_suggestion or email_suggestion(form)


def check_field(form: HouseForm, name: str, page: Page) -> Response:
    """One field as it is left: its own block, and its fault for the live region."""
    if name not in form or not hasattr(form[name], "kind"):
        abort(400)
    form[name].validate(form)
    prepare(form, page)
    body = render_template("components/checked.html", form=form, field=form[name])
    return private(current_app.make_response(body))


def email_suggestion(form: HouseForm) -> str:
    email = form._fields.get("email")
    if not isinstance(email, EmailField) or not email.data or email.errors:
        return ""
    return email.suggestion()


def doubts_address(form: HouseForm) -> bool:
    """Whether to ask once about a likely slip. Sent again unchanged, it is taken as typed."""
    suggestion = email_suggestion(form)
    if not suggestion or request.form.get("keep_email") == form["email"].data:
        return False
    form.keep_email = form["email"].data
    form["email"].errors = [
        N_("Check the part after @, or send the form again to keep what you typed")
    ]
    form.email_suggestion = suggestion
    return True


def take_suggestion(form: HouseForm) -> None:
    """The button of the offer carries the corrected address."""
    if "email" in form and request.form.get("use_email"):
        email = form["email"]
        email.raw_data = [request.form["use_email"]]
        email.data = tidy(email.raw_data[0])


def layout() -> str:
    return "layouts/fragment.html" if request.htmx else "layouts/base.html"


def private(response: AnyResponse) -> AnyResponse:
    """What answers one person is never kept by a cache; the empty form is the same for all."""
    response.headers["Cache-Control"] = "no-store" if request.method == "POST" else "no-cache"
    response.headers["Vary"] = "HX-Request"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
