"""What the links in our mails open: confirm, manage, withdraw. GET shows, only POST acts."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template, request

from cocreate.gettext import N_
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import HOME
from cocreate.storage import members
from cocreate.urls import use_absolute_links
from cocreate.web import origins, ratelimit
from cocreate.web.fields import EmailField
from cocreate.web.forms import FORMS, INTERESTS, OWN_NAMES, HouseForm
from cocreate.web.join import TOO_MANY

blueprint = Blueprint("links_in_mail", __name__)

# RFC 9110: 410 for what was there once, 404 for what we never issued.
STATUS = {"ready": 200, "used": 410, "expired": 410, "replaced": 410, "unknown": 404}


class ResendForm(HouseForm):
    """Somebody whose link no longer works types the address again: we cannot read it ourselves."""

    email = EmailField(
        N_("Enter your e-mail address"), hint=N_("The one that you gave when you joined.")
    )


@blueprint.get("/<language:language>/confirm/<token>/")
def show_confirm(language: Language, token: str) -> Response:
    """One button. Mail scanners follow links, so a GET changes nothing."""
    return answer("confirm", members.look_up(token), token, form=ResendForm())


@blueprint.post("/<language:language>/confirm/<token>/")
def confirm(language: Language, token: str) -> Response:
    require_same_origin()
    if request.form.get("action") == "resend":
        return resend(language, token)
    link = members.confirm(token)
    return answer(
        "confirmed" if link.state == "ready" else "confirm", link, token, form=ResendForm()
    )


def resend(language: Language, token: str) -> Response:
    """A new link to the address typed, if it waits for one; the answer does not tell."""
    form = ResendForm(request.form)
    if (wait := ratelimit.retry_after("join")) is not None:
        form.trouble = TOO_MANY
        response = answer("confirm", members.look_up(token), token, form=form, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    if not form.validate():
        return answer("confirm", members.look_up(token), token, form=form, status=422)
    members.resend(token, form.email.data or "", language)
    return page("resent", f"confirm/{token}/")


@blueprint.get("/<language:language>/manage/<token>/")
def show_manage(language: Language, token: str) -> Response:
    return manage_page(token)


@blueprint.post("/<language:language>/manage/<token>/")
def manage(language: Language, token: str) -> Response:
    if request.form.get("List-Unsubscribe") == "One-Click":
        # RFC 8058: no Origin, no redirect; the token is the authority, and twice is as good as once
        members.withdraw(token)
        return page("withdrawn", f"manage/{token}/")
    require_same_origin()
    action, chosen = request.form.get("action"), BY_SLUG.get(request.form.get("mail_language", ""))
    community = request.form.get("community") or None
    if action == "withdraw" and community in {None, *FORMS}:
        members.withdraw(token, community)
        return page("withdrawn", f"manage/{token}/")
    if action != "change" or chosen is None:
        abort(400)
    known = {code for code, _ in INTERESTS}
    interests = [code for code in request.form.getlist("interests") if code in known]
    members.change(token, chosen, interests)
    return manage_page(token, saved=True)


def manage_page(token: str, *, saved: bool = False) -> Response:
    found = members.memberships(token)
    return page(
        "manage" if found else "unmanageable",
        f"manage/{token}/",
        status=200 if found else 404,
        memberships=found,
        saved=saved,
        own_names=OWN_NAMES,
        interests=INTERESTS,
    )


def answer(
    name: str, link: members.Link, token: str, *, form: ResendForm, status: int | None = None
) -> Response:
    return page(
        name, f"confirm/{token}/", status=status or STATUS[link.state], link=link, form=form
    )


def page(name: str, rest: str, status: int = 200, **values: object) -> Response:
    """A personal page: kept by no cache but the person's own browser (see private() in join.py)."""
    use_absolute_links()
    g.rest = rest
    body = render_template(f"system/{name}.html", page=HOME, layout="layouts/base.html", **values)
    response = current_app.make_response((body, status))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def require_same_origin() -> None:
    if not origins.is_ours(request):
        abort(403)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
