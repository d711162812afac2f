"""What a letter from the managers leads to: its question, and whether a link still stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, g, jsonify, request
from markupsafe import Markup, escape

from cocreate import clock
from cocreate.gettext import N_, in_english
from cocreate.languages import Language
from cocreate.storage import crypto, database, letters
from cocreate.storage.letters import Asked
from cocreate.web import membership, ratelimit
from cocreate.web.fields import RadioField
from cocreate.web.formbase import HouseForm
from cocreate.web.security import require_same_origin

blueprint = Blueprint("letters", __name__)
blueprint.after_request(membership.limit_referrer)


@blueprint.post("/letters/standing/")
def standing() -> Response:
    """Which links of a bundle still stand, and no more. The host's own signature is the authority.

    Links that are given back open nothing from then on, past the bundle's time too.
    """
    if (wait := ratelimit.seconds_to_wait("letters")) is not None:
        return Response("", 429, {"Retry-After": str(wait)})
    ratelimit.count("letters")
    try:
        asked: dict[str, Any] = dict(request.get_json(silent=True) or {})
        bundle = dict(asked["bundle"])
        signature = str(bundle.pop("signature"))
        links, unsent = ([bytes.fromhex(one) for one in asked[k]] for k in ("links", "unsent"))
    except (ValueError, LookupError, TypeError):
        abort(400)
    if not crypto.is_signed(database.settings().secret_key, bundle, signature):
        abort(403)
    if max(len(links), len(unsent)) > letters.PAGE:
        abort(400)
    letters.give_back(bundle["letter_id"], unsent)
    if links and bundle["expires"] <= clock.now():
        abort(410)
    return jsonify(
        stand=[one.hex() for one in letters.keep_links_of_members(bundle["letter_id"], links)]
    )


@blueprint.get("/<language:language>/answer<token:token>")
def show_answer(language: Language, token: str) -> Response:
    """The question and one button. Mail scanners follow links, so a GET changes nothing."""
    return answer_page(token)


@blueprint.post("/<language:language>/answer<token:token>")
def take_answer(language: Language, token: str) -> Response:
    require_same_origin()
    asked = letters.asked(token)
    form = answer_form(asked, request.form) if asked else None
    if form is None or not form.validate():
        return answer_page(token, form)
    letters.answer(token, int(form["answer"].data))
    return answer_page(token, saved=True)


def answer_form(asked: Asked, posted: Any = None) -> HouseForm:
    """The question as a form; its words are in no catalogue."""
    words = [marked(one) for one in (asked.question["words"], *asked.question["answers"])]
    choices = [(str(number), one) for number, one in enumerate(words[1:], 1)]
    field = RadioField(words[0], choices, N_("Choose one of the answers"))
    kind: type[HouseForm] = type("AnswerForm", (HouseForm,), {"answer": field})
    return kind(posted, answer=str(asked.chosen or ""))


def marked(words: dict[str, str]) -> Markup:
    """What the managers wrote, in this language; English, and marked so, where it is not."""
    own = words.get(g.language.slug)
    return escape(own) if own else in_english(escape(words["en"]))


def answer_page(token: str, form: HouseForm | None = None, *, saved: bool = False) -> Response:
    asked = letters.asked(token)
    if asked is None:
        return membership.token_page("unmanageable", f"answer/{token}/", status=404)
    return membership.token_page(
        "answer",
        f"answer/{token}/",
        status=422 if form else 200,
        form=form or answer_form(asked),
        saved=saved,
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.filters["marked"] = marked
