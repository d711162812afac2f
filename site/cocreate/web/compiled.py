"""Compiled templates are kept beside compiled modules: half a second of each later start."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from cocreate.config import HERE


class Compiled(FileSystemBytecodeCache):
    """Jinja's own cache, where a folder that may not be written (a container's) is no fault."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Keep what Jinja compiles. Source and environment are part of what it is kept for."""
    env, folder = app.jinja_env, HERE / "__pycache__"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    how = repr((env.trim_blocks, env.lstrip_blocks, env.undefined, sorted(env.extensions)))
    mark = hashlib.sha256(how.encode()).hexdigest()[:8]
    env.bytecode_cache = Compiled(str(folder), f"template-{mark}-%s.cache")
