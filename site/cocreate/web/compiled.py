"""Templates are compiled once a language, each sentence in its place, and kept on disk.

A page asks for fifty sentences that never change: half of its time would go into looking them up.
So whatever a catalogue says for a constant is written into the compiled template, and what is
compiled is kept beside compiled modules: half a second of each later start.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, g
from flask.templating import Environment as FlaskEnvironment
from jinja2 import FileSystemBytecodeCache, Template, nodes
from jinja2.bccache import Bucket
from jinja2.visitor import NodeTransformer

from cocreate.config import HERE
from cocreate.i18n import Translator, translator

# The translator's method for each helper of templates that says something.
SAYING = {"_": "gettext", "gettext": "gettext", "pgettext": "pgettext", "ngettext": "ngettext"}


class Environment(FlaskEnvironment):
    """Flask's environment, with one like it for each language in which templates are asked for."""

    words: Translator | None = None  # of which language this one is, if of any

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.bytecode_cache = Compiled(self)
        self._each: WeakKeyDictionary[Translator, Environment] = WeakKeyDictionary()

    def get_or_select_template(self, *asked: Any, **options: Any) -> Template:
        """The way in: what a template asks for in its turn stays in its own environment."""
        return super(Environment, self._in_language()).get_or_select_template(*asked, **options)

    def make_globals(self, d: Any) -> Any:
        """Jinja puts a chain of mappings before ours even where a template adds nothing: slow."""
        return super().make_globals(d) if d else self.globals

    def _in_language(self) -> Environment:
        words = translator() if "language" in g else None
        # Any other kind, as in development, may answer otherwise from one request to the next.
        if type(words) is not Translator:
            return self
        if words not in self._each:
            made = self._each[words] = self.overlay()
            made.words = words
            made.bytecode_cache = Compiled(made)
        return self._each[words]

    def _generate(self, source: nodes.Template, *how: Any, **options: Any) -> str:
        if self.words:
            source = Folding(self.words).visit(source)
        return super()._generate(source, *how, **options)


class Folding(NodeTransformer):
    """Puts sentences in the place of the calls that ask for them, where nothing is to be filled in.

    A sentence that the catalogue lacks is asked for as the page is made: the page counts those.
    """

    def __init__(self, words: Translator) -> None:
        self._words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  # Jinja's name for it
        self.generic_visit(node)
        saying = SAYING.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if not saying:
            return node
        said = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        constant = len(said) == len(node.args) and not node.kwargs and saying != "ngettext"
        if constant and (fixed := self._words.fixed(*reversed(said))):
            return nodes.Const(fixed, lineno=node.lineno)
        node.node = nodes.EnvironmentAttribute(f"words.{saying}", lineno=node.lineno)
        return node


class Compiled(FileSystemBytecodeCache):
    """Jinja's own cache, a set of files a language.

    A folder that may not be written (a container's) is no fault.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        slug = env.words.language.slug if env.words else "any"
        super().__init__(str(HERE / "__pycache__"), f"template-{slug}-%s.cache")

    @cached_property
    def _known(self) -> bytes:
        """What is compiled holds more than its source: words, and the habits of its environment."""
        env = self._env
        habits = (env.trim_blocks, env.lstrip_blocks, env.undefined, sorted(env.extensions))
        return f"{habits} {env.words and env.words.fingerprint}".encode()

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256(self._known + source.encode()).hexdigest()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Before anything else asks for the environment."""
    with suppress(OSError):
        (HERE / "__pycache__").mkdir(exist_ok=True)
    app.jinja_environment = Environment  # type: ignore[assignment]  # a subclass, by its stubs not
