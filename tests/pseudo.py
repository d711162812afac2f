"""Translations for tests: given word by word, or English as ［àççéñţéđ］, longer text."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from markupsafe import Markup

from cocreate.gettext import PLACEHOLDER, Key, Missing, Translator
from cocreate.languages import BY_SLUG

MALAY = BY_SLUG["ms"]  # its place in the site is lent to the fifth language
ACCENTED = str.maketrans("aceiounsyACEIOUNSY", "àçéîôüñšýÀÇÉÎÔÜÑŠÝ")


class Words(NullTranslations):
    """``words`` by message, or by context and message; others as ``rest`` has them."""

    def __init__(
        self, words: Mapping[str | Key, str], rest: NullTranslations | None = None
    ) -> None:
        super().__init__()
        self.words = words
        self.add_fallback(rest or Missing())

    def gettext(self, message: str) -> str:
        return self.words[message] if message in self.words else super().gettext(message)

    def pgettext(self, context: str, message: str) -> str:
        known = self.words.get((context, message))
        return super().pgettext(context, message) if known is None else known


class Pseudo(Translator):
    """Every sentence accented, in brackets and 40 % longer; placeholders stay."""

    def __init__(self) -> None:
        super().__init__(MALAY, Missing())

    def _fill(self, key: Key, english: str, translated: str, values: dict[str, Any]) -> Markup:
        parts = PLACEHOLDER.split(english)
        parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
        longer = len(english) * 2 // 5
        padding = (" ~~~~" * longer)[:longer].rstrip()
        return Markup("［{}{}］").format(Markup("".join(parts)) % values, padding)
