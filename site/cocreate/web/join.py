"""The form pages: read, decide, act, redirect. The same address, with htmx and without."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote, unquote_to_bytes

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template
from flask import redirect as see
from htmx_flask import make_response, request
from limits import parse_many
from werkzeug.wrappers import Response as BaseResponse

from cocreate.config import LARGEST_TEXT, Config
from cocreate.gettext import N_
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page
from cocreate.storage import membership, signups
from cocreate.storage.database import StorageUnavailable
from cocreate.urls import page_path, use_absolute_links, use_relative_links
from cocreate.web import draft, origins, ratelimit
from cocreate.web.consent import consent_has_changed, consent_version
from cocreate.web.fields import typed
from cocreate.web.forms import FORMS, FeedbackForm, HouseForm, MemberForm, answers
from cocreate.web.suggestion import doubts_address, email_suggestion, take_suggestion

blueprint = Blueprint("join", __name__)
AnyResponse = TypeVar("AnyResponse", bound=BaseResponse)

TOO_MANY = (
    N_("Too many tries from your connection"),
    N_("What you typed is still here. Please wait a while, then send it again."),
)
TRAPPED = N_("Empty this field: a program on your device may have filled it in for you")
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
    # Who reads a page in a language is most likely comfortable in it.
    if "mail_language" in form:
        form["mail_language"].data = language.slug
    if "spoken" in form:
        form["spoken"].data = [language.slug]
    if isinstance(form, FeedbackForm) and "page" in request.args:
        form.page.data = request.args["page"]
    return render(form, page)


@blueprint.post("/<language:language>/<formpage:page>/")
def take_form(language: Language, page: Page) -> BaseResponse:
    use_absolute_links()
    if not origins.is_ours(request):
        abort(403)
    refuse_unreadable()
    if "draft" in request.form:
        return reopen(page, language)
    form = FORMS[page.form](request.form)
    if "check" in request.form:
        return check_field(form, request.form["check"], page)
    if "language_switch" in request.form:
        return render(form, page)
    return submit(form, page, language)


def refuse_unreadable() -> None:
    """413 for more text than any form takes, counted as it was typed and not as it was encoded.

    400 for percent-encoded bytes that are no UTF-8: Werkzeug would keep them as ``%FF``.
    """
    encoded = request.mimetype == "application/x-www-form-urlencoded"
    body = unquote_to_bytes(request.get_data()) if encoded else request.get_data()
    if len(body) > LARGEST_TEXT:
        abort(413)
    try:
        _ = encoded and body.decode()
    except UnicodeDecodeError:
        abort(400)


def reopen(page: Page, language: Language) -> BaseResponse:
    """The form as it was sent, for whoever comes back to mend it; nothing is validated."""
    answers, _ = draft.unpack(request.form["draft"])
    if not answers:  # too old: the empty form
        return private(see(g.root + page_path(page, language), 303))
    return render(FORMS[page.form](answers), page)


def submit(form: HouseForm, page: Page, language: Language) -> BaseResponse:
    """Store a good form; give any other back with everything that was typed.

    A sprung trap is answered as if it had worked. Yet a password manager may have sprung it, and
    nothing of a person's may be lost in silence. Such programs live in browsers that run scripts,
    and there the form is sent by htmx: then the field is shown, with what to do. Few bots run
    scripts, and those learn no more than that the field exists. Without htmx, the page that
    follows leads back to the form as it was typed, less what sprang the trap.
    """
    take_suggestion(form)
    valid = form.validate()
    trapped = form.is_trapped()
    if trapped and request.htmx:
        form.trap.errors = [TRAPPED]
        return render(form, page, 422)
    if trapped:
        return sent(form, page, language)
    doubted = doubts_address(form)  # asked with all else that is wrong, not after it
    if not valid or doubted or consent_has_changed(form, request.form):
        return render(form, page, 422)
    if (wait := ratelimit.wait("join")) is not None:
        return render(form, page, 429, trouble=TOO_MANY, retry_after=wait)
    try:
        limited = store(form, language)
    except StorageUnavailable:
        return render(form, page, 503, trouble=NOT_STORED, retry_after=30)
    ratelimit.count("join")
    return sent(form, page, language, limited=limited)


def store(form: HouseForm, language: Language) -> bool:
    """Returns once it is on disk; raises StorageUnavailable otherwise.

    True where the address has had all the letters that it may have for now.
    """
    if isinstance(form, MemberForm):
        both = (form.community, form.other) if form.other and form.also.data else (form.community,)
        chosen = BY_SLUG.get(form.data.get("mail_language", ""), language)
        return signups.join(
            signups.Signup(
                name=form.name.data or "",
                email=form.email.data or "",
                language=chosen,
                communities=both,
                answers=answers(form),
                consent_version=consent_version(form),
                consent_language=language,
            )
        )
    if isinstance(form, FeedbackForm):
        membership.give_feedback(
            form.page.data or "",
            form.message.data or "",
            form.email.data or "",
            language,
            better=form.better.data or "",
        )
    return False


def sent(form: HouseForm, page: Page, language: Language, *, limited: bool = False) -> BaseResponse:
    """303 to the page that says what happens next; with htmx, that page itself."""
    value = draft.pack(typed(form), limited=limited)
    address = f"{g.root}{page_path(page, language)}sent/" + (value and f"?draft={value}")
    if not request.htmx:
        return private(see(address, 303))
    response: Response = make_response(sent_page(page, value), push_url=address)
    return private(placed(response, "main", " show:top"))


@blueprint.get("/<language:language>/<formpage:page>/sent/")
def show_sent(language: Language, page: Page) -> Response:
    use_absolute_links()
    response = private(current_app.make_response(sent_page(page, request.args.get("draft", ""))))
    if "draft" in request.args:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def sent_page(page: Page, value: str) -> str:
    """What happens next. ``value`` is the draft: it says where the letter went, and leads back."""
    answers, notes = draft.unpack(value)
    g.rest, g.query = page.path + "sent/", value and f"?draft={quote(value)}"
    name = "feedback-sent" if page.form == "feedback" else "check-email"
    return render_template(
        f"system/{name}.html",
        page=page,
        layout=layout(),
        draft=value if answers else "",
        address=answers.get("email", ""),
        limit=most_letters() if notes.get("limited") else None,
    )


def most_letters() -> dict[str, int]:
    """How many letters one address may have, in how many hours: the longest of MAIL_LIMIT."""
    config: Config = current_app.config["COCREATE"]
    most = max(parse_many(config.mail_limit), key=lambda item: item.get_expiry())
    return {"letters": most.amount, "hours": -(-most.get_expiry() // 3600)}


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
    return private(placed(response, "main", " show:top showTarget:.summary"))


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
    take_suggestion(form)
    form[name].validate(form)
    taken = bool(request.form.get("use_email"))
    if taken:  # the button pressed is gone: back to the field
        form[name].render_kw = form[name].render_kw | {"autofocus": ""}
    prepare(form, page)
    body = render_template("components/checked.html", form=form, field=form[name], taken=taken)
    return private(placed(current_app.make_response(body), f"{name}-field"))


def placed(response: Response, target: str, then: str = "") -> Response:
    """Say to htmx which element ``response`` was made for: nothing else is ever swapped.

    Args:
        response: what answers htmx, or a browser without it.
        target: id of that element, in the page as in the answer.
        then: modifiers of the swap: what to bring into sight.
    """
    if request.htmx:
        response.headers["HX-Retarget"] = f"#{target}"
        response.headers["HX-Reswap"] = f"outerMorph{then}"
    return response


def layout() -> str:
    return "layouts/fragment.html" if request.htmx else "layouts/base.html"


def private(response: AnyResponse) -> AnyResponse:
    """What answers one person is kept by no cache but the person's own browser.

    There it must lie: Back to a page that a POST made would else ask to send the form again, and
    Firefox forgets what was typed into a page marked ``no-store``. The empty form is anybody's.
    """
    if response.location:
        kept = "no-store"
    elif request.method == "POST":
        kept = "private, no-cache"
    else:
        kept = "no-cache"
    response.headers["Cache-Control"] = kept
    response.headers["Vary"] = "HX-Request"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
