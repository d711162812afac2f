"""The form pages: read, check, store, redirect. The same address, with htmx and without."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template
from htmx_flask import make_response, request
from werkzeug.wrappers import Response as BaseResponse

from cocreate.gettext import N_
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page
from cocreate.storage import membership, signups
from cocreate.storage.database import StorageUnavailable
from cocreate.storage.links import mail_limits
from cocreate.urls import page_path, use_relative_links
from cocreate.web import draft, ratelimit
from cocreate.web.fields import Question
from cocreate.web.formbase import HouseForm, JoinForm, typed
from cocreate.web.forms import FORMS
from cocreate.web.security import OWN_BROWSER, check_body, require_same_origin

blueprint = Blueprint("join", __name__)

TRAPPED = N_("Empty this field: a program on your device may have filled it in for you")
NOT_STORED = (
    N_("We could not store that just now"),
    N_("What you typed is still here. Please wait a moment, then send it again."),
)


@blueprint.get("/<language:language>/<formpage:page>/")
def show_form(language: Language, page: Page) -> Response:
    if current_app.config["STATIC_COPY"]:
        use_relative_links()
    # Of these, each form takes what it asks. Who reads a language is most likely comfortable in it.
    form = FORMS[page.form](
        mail_language=language.slug, spoken=[language.slug], page=request.args.get("page")
    )
    return render(form, page)


@blueprint.post("/<language:language>/<formpage:page>/")
def take_form(language: Language, page: Page) -> BaseResponse:
    require_same_origin()
    check_body()
    if "draft" in request.form:
        return reopen(page, language)
    form = FORMS[page.form](request.form)
    if "check" in request.form:
        return check_field(form, request.form["check"], page)
    if "language_switch" in request.form:
        return render(form, page)
    return submit(form, page, language)


def reopen(page: Page, language: Language) -> BaseResponse:
    """The form as it was sent, for whoever comes back to mend it; nothing is validated."""
    answers, _ = draft.unpack(request.form["draft"])
    if not answers:  # too old: the empty form
        return redirect(g.root + page_path(page, language), 303)
    return render(FORMS[page.form](answers), page)


def submit(form: HouseForm, page: Page, language: Language) -> BaseResponse:
    """Store a good form; give any other back with everything that was typed.

    A form with the bots' trap filled in is answered as if it had worked. Yet a password manager may
    have filled it, and nothing of a person's may be lost in silence. Such programs live in browsers
    that run scripts, where htmx sends the form: there the field is shown, with what to do. Few bots
    run scripts, and those learn no more than that the field exists. Without htmx, the page that
    follows leads back to the form as it was typed, less the trap.
    """
    is_valid = form.validate()
    if form.trap.data and not request.htmx:
        return sent(form, page, language)
    if form.trap.data:
        form.trap.errors = [TRAPPED]
        is_valid = False
    if not is_valid:
        return render(form, page, 422)
    if (wait := ratelimit.seconds_to_wait("join")) is not None:
        return render(form, page, 429, trouble=ratelimit.TOO_MANY, retry_after=wait)
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
    given = form.data
    if isinstance(form, JoinForm):
        return signups.join(
            signups.Signup(
                name=given["name"],
                email=given["email"],
                language=BY_SLUG.get(given.get("mail_language", ""), language),
                communities=(form.community, *([form.other] if given.get("also") else [])),
                answers=form.answers,
                consent_version=form.consent.version,
                consent_language=language,
            )
        )
    membership.give_feedback(
        given["page"] or "", given["message"], given["email"], language, better=given["better"]
    )
    return False


def sent(form: HouseForm, page: Page, language: Language, *, limited: bool = False) -> BaseResponse:
    """303 to the page that says what happens next; with htmx, that page itself."""
    value = draft.pack(typed(form), limited=limited)
    address = f"{g.root}{page_path(page, language)}sent/" + (value and f"?draft={value}")
    if not request.htmx:
        return redirect(address, 303)
    response: Response = make_response(sent_page(page, value), push_url=address)
    return retarget(response, "main", " show:top")


@blueprint.get("/<language:language>/<formpage:page>/sent/")
def show_sent(language: Language, page: Page) -> str:
    return sent_page(page, request.args.get("draft", ""))


def sent_page(page: Page, value: str) -> str:
    """What happens next. ``value`` is the draft: it says where the letter went, and leads back."""
    answers, notes = draft.unpack(value)
    g.path_in_language, g.query = page.path + "sent/", value and f"?draft={quote(value)}"
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
    most = max(mail_limits(), key=lambda item: item.get_expiry())
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
    set_action(form, page)
    form.trouble = trouble
    body = render_template(f"pages/{page.name}.html", page=page, form=form, layout=layout())
    response = current_app.make_response((body, status))
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return retarget(response, "main", " show:top showTarget:.summary")


def check_field(form: HouseForm, name: str, page: Page) -> Response:
    """One field as it is left: its own block, and its fault for the live region."""
    if name not in form or not isinstance(form[name], Question):
        abort(400)
    form[name].validate(form)
    taken = bool(request.form.get("use_email"))
    if taken:  # the button pressed is gone: back to the field
        form[name].render_kw = form[name].render_kw | {"autofocus": ""}
    set_action(form, page)
    body = render_template("components/checked.html", form=form, field=form[name], taken=taken)
    return retarget(current_app.make_response(body), f"{name}-field")


def set_action(form: HouseForm, page: Page) -> None:
    """Tell ``form`` where it is sent; in a static copy without a live site, nowhere."""
    form.is_live = not current_app.config["STATIC_COPY"]
    root = g.root if form.is_live else current_app.config["COCREATE"].join_url
    form.action = root and root + page_path(page, g.language)


def retarget(response: Response, target: str, then: str = "") -> Response:
    """Say to htmx which element, by its id, ``response`` was made for: no other is ever swapped.

    ``then`` are modifiers of the swap: what to bring into sight.
    """
    if request.htmx:
        response.headers["HX-Retarget"] = f"#{target}"
        response.headers["HX-Reswap"] = f"outerMorph{then}"
    return response


def layout() -> str:
    return "layouts/fragment.html" if request.htmx else "layouts/base.html"


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Keep what answers one person to that person's browser. The empty form is anybody's."""
    if "Cache-Control" in response.headers:  # an error page's own
        return response
    is_personal = request.method == "POST" or "draft" in request.args
    kept = OWN_BROWSER if is_personal else "no-cache"
    response.headers["Cache-Control"] = "no-store" if response.location else kept
    response.headers["Vary"] = "HX-Request"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
