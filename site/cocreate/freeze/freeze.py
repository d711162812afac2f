"""The static copy: rendered by Frozen-Flask, made small, checked, and put in place whole.

``cocreate freeze`` needs no secret, no database and no clock: the same source and settings give the
same bytes in any folder, time zone and Python hash seed.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any

from flask import Flask
from flask_frozen import Freezer, FrozenFlaskWarning, MissingURLGeneratorWarning

from cocreate.app import create_app
from cocreate.config import ROOT, Config
from cocreate.freeze.compress import codings_of
from cocreate.freeze.hosting import FOLDER, add_hosting_files
from cocreate.freeze.links import Folder
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES
from cocreate.urls import page_path
from cocreate.web.assets import ICONS, TYPES
from cocreate.web.views import SMALL_FILES

CHECKSUMS = f"{FOLDER}/SHA256SUMS"  # also the mark by which a later freeze knows its own folder


class FreezeError(Exception):
    """A copy that must not be published. Its text is one line naming page and fault."""


@dataclass(frozen=True)
class Report:
    """What was written: HTML pages, bytes as a host stores them, and how long it took."""

    pages: int
    size: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.pages} pages, {self.size:,} bytes, {self.seconds:.2f} seconds"


def addresses(app: Flask) -> Iterator[str]:
    """Path of everything that the same GET always answers alike, drawn from the registries."""
    if app.config["STATIC_COPY"]:
        yield "/"
        yield "/404.html"
        yield from (f"/{language.slug}/404.html" for language in LANGUAGES)
    yield from ("/" + page_path(page, language) for language in LANGUAGES for page in PAGES)
    yield from (f"/{name}" for name in (*SMALL_FILES, *ICONS))
    yield from (f"/static/{name}" for name in app.extensions["cocreate.assets"].by_name)


def freeze(config: Config, out: Path, progress: Callable[[str], Any] = lambda _: None) -> Report:
    """Write the static copy to ``out``, or leave what is there untouched.

    Args:
        config: checked settings; ``site_url``, ``join_url`` and ``index`` shape the copy.
        out: folder to make or to bring up to date; files that no freeze wrote stay.
        progress: called with each address once it is written.

    Raises:
        FreezeError: a page that fails, a reference that leads nowhere, a folder that is not ours.
        OSError: a full disk, a folder that may not be written.
    """
    began = time.perf_counter()
    out = out.resolve()
    _refuse_foreign(out)
    was_there = out.exists()
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f".freeze-{os.getpid()}"  # inside: the same disk, whatever is mounted where
    try:
        partial.mkdir()
        app = create_app(config, static=True)
        _render(app, partial, progress)
        add_hosting_files(app, partial)
        if faults := Folder(partial, config).faults():
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise FreezeError(faults[0] + more)
        files = _with_checksums(partial)
        pages = sum(name.endswith(".html") for name in files)
        size = sum((partial / name).stat().st_size for name in files)
        _put_in_place(partial, out, files)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if not was_there and not any(out.iterdir()):
            out.rmdir()
    return Report(pages, size, time.perf_counter() - began)


def _refuse_foreign(out: Path) -> None:
    """A slip of ``OUT=`` must not mix a copy into anybody's folder.

    Taken: an earlier copy, an empty folder, one with dot files only (a git checkout).
    """
    if out.exists() and not out.is_dir():
        raise FreezeError(f"{out}: not a folder; choose another name")
    if out.is_dir() and not (out / CHECKSUMS).is_file():
        kept = {"screens", "CNAME"}
        if any(file.name not in kept and file.name[0] != "." for file in out.iterdir()):
            raise FreezeError(f"{out}: not an earlier freeze and not empty; choose another folder")


def _with_checksums(folder: Path) -> list[str]:
    """The files of ``folder``, what pages refer to before the pages, with a new one that lists all.

    In the format of ``sha256sum -c``: a host can check that an upload arrived whole.
    """
    files = [f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()]
    files.sort(key=lambda name: (not name.startswith("static/"), name))
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in files]
    (folder / CHECKSUMS).write_text("\n".join([*sums, ""]), encoding="utf-8")
    return [*files, CHECKSUMS]


def _put_in_place(new: Path, out: Path, files: list[str]) -> None:
    """Move each file over its older self, then remove what an earlier freeze wrote and this not.

    A host that serves ``out`` finds every page whole at each moment. Nothing else is touched.
    """
    listed = out / CHECKSUMS
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    before = {line.partition("  ")[2] for line in lines}
    for name in files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).replace(out / name)
    for name in before.difference(files):
        (out / name).unlink(missing_ok=True)
        for folder in (out / name).parents:
            if folder == out or any(folder.iterdir()):
                break
            folder.rmdir()


def _render(app: Flask, folder: Path, progress: Callable[[str], Any]) -> None:
    app.config.update(
        FREEZER_DESTINATION=str(folder),
        FREEZER_REMOVE_EXTRA_FILES=False,
        FREEZER_REDIRECT_POLICY="error",
    )
    app.config["PROPAGATE_EXCEPTIONS"] = True  # the fault itself, not a page about it
    # Frozen-Flask holds a context open meanwhile: without its own, a page would find the one
    # before it in flask.g, and its locale there.
    answer = app.wsgi_app
    app.wsgi_app = lambda *request: Context().run(answer, *request)  # type: ignore[method-assign]
    for suffix, kind in TYPES.items():  # what this machine's mime.types says must not matter
        mimetypes.add_type(kind.partition(";")[0], suffix)
    freezer = Freezer(app, with_static_files=False, with_no_argument_rules=False, log_url_for=False)
    visited = [""]  # the last one is the page that failed, if one does

    def visit() -> Iterator[str]:
        for address in addresses(app):
            visited.append(address)
            yield address

    freezer.register_generator(visit)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FrozenFlaskWarning)
        # Endpoints that need a server: a test holds the list of them against the routes.
        warnings.simplefilter("ignore", MissingURLGeneratorWarning)
        try:
            _finish_each(freezer.freeze_yield(), folder, progress)
        except OSError:
            raise
        except Exception as error:
            raise FreezeError(f"{visited[-1]}: {_in_one_line(error)}") from error


def _in_one_line(error: Exception) -> str:
    """Kind and words of ``error``, and the line of the template that raised it."""
    templates = ROOT / "templates"
    frames = [f for f in extract_tb(error.__traceback__) if f.filename.startswith(str(templates))]
    where = [f"({Path(f.filename).relative_to(templates)}:{f.lineno})" for f in frames[-1:]]
    return " ".join([f"{type(error).__name__}:", *str(error).split(), *where])


def _finish_each(pages: Iterable[Any], folder: Path, progress: Callable[[str], Any]) -> None:
    """Finish each page while the next one is rendered."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        finished = []
        for page in pages:
            finished.append(pool.submit(_finish, folder / page.path))
            progress(page.url)
        for one in finished:
            one.result()  # raises what it raised


def _finish(file: Path) -> None:
    """Minify a page; lay the compressed codings beside a text."""
    coded = codings_of(file.read_bytes(), file.suffix)
    if coded.br is not coded.identity:
        file.write_bytes(coded.identity)
        file.with_name(file.name + ".br").write_bytes(coded.br)
        file.with_name(file.name + ".gz").write_bytes(coded.gzip)
