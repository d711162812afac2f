"""English as ［àççéñţéđ］, longer text: what escapes gettext shows, and what has no room."""

from __future__ import annotations

from markupsafe import Markup

from cocreate.gettext import PLACEHOLDER, Translator
from cocreate.languages import BY_SLUG

MALAY = BY_SLUG["ms"]  # its place in the site is lent to the fifth language
ACCENTED = str.maketrans("aceiounsyACEIOUNSY", "àçéîôüñšýÀÇÉÎÔÜÑŠÝ")


class Pseudo(Translator):
    """Every sentence accented, in brackets and 40 % longer; placeholders stay."""

    def _prepare(self, key: object, english: str) -> Markup:
        parts = PLACEHOLDER.split(english)
        parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
        longer = len(english) * 2 // 5
        return Markup("［" + "".join(parts) + (" ~~~~" * longer)[:longer].rstrip() + "］")
