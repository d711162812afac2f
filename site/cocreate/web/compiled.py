"""Templates ask for sentences as for the words of a dictionary, and are kept on disk compiled.

A page says fifty sentences that never change. Looked up by a call each, they would be half of what
a page costs. So where a template says ``_("a constant")``, the compiled one has a look-up in the
sentences of its language; and each language has an environment of its own, which knows them. What
is compiled is kept beside compiled modules: half a second of each later start.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, g
from flask.templating import Environment as FlaskEnvironment
from jinja2 import FileSystemBytecodeCache, Template, nodes
from jinja2.bccache import Bucket
from jinja2.visitor import NodeTransformer

from cocreate.config import HERE
from cocreate.gettext import Translator, translator

# The translator's method for each helper of templates that says something.
SAYING = {"_": "gettext", "gettext": "gettext", "pgettext": "pgettext", "ngettext": "ngettext"}


class Current:
    """The translator of whatever language is being rendered, looked up each time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(translator(), name)


class Environment(FlaskEnvironment):
    """Flask's environment, and one like it for each language that is rendered."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.bytecode_cache = Compiled(self)
        self.words: Translator | Current = Current()
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
        return self._each[words]

    def _generate(self, source: nodes.Template, *how: Any, **options: Any) -> str:
        return super()._generate(LookingUp().visit(source), *how, **options)


class LookingUp(NodeTransformer):
    """``_("a constant")`` becomes ``words.said["a constant"]``; another call, ``words.gettext``."""

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  # Jinja's name for it
        self.generic_visit(node)
        saying = SAYING.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if not saying:
            return node
        said = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if saying == "ngettext" or node.kwargs or len(said) != len(node.args):
            node.node = nodes.EnvironmentAttribute(f"words.{saying}", lineno=node.lineno)
            return node
        key = said[0] if saying == "gettext" else (said[1], said[0])
        known = nodes.EnvironmentAttribute("words.said", lineno=node.lineno)
        return nodes.Getitem(known, nodes.Const(key), "load", lineno=node.lineno)


class Compiled(FileSystemBytecodeCache):
    """Jinja's own cache, where a folder that may not be written (a container's) is no fault."""

    def __init__(self, env: Environment) -> None:
        super().__init__(str(HERE / "__pycache__"), "template-%s.cache")
        self._env = env
        self._codes: dict[tuple[str, str], CodeType] = {}  # shared by the languages

    @cached_property
    def _habits(self) -> bytes:
        """What a template is compiled from besides its source: the environment and this module."""
        env = self._env
        options = (env.trim_blocks, env.lstrip_blocks, env.undefined, sorted(env.extensions))
        return repr(options).encode() + Path(__file__).read_bytes()

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256(self._habits + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            super().load_bytecode(bucket)
            self._remember(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._remember(bucket)
        with suppress(OSError):
            super().dump_bytecode(bucket)

    def _remember(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def init_app(app: Flask) -> None:
    """Before anything else asks for the environment."""
    with suppress(OSError):
        (HERE / "__pycache__").mkdir(exist_ok=True)
    app.jinja_environment = Environment  # type: ignore[assignment]  # a subclass, by its stubs not
