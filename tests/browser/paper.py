"""What a printed page must not do: fill more sheets than it needs, leave its margins."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2

from cocreate.pages import Page

LONG = ("privacy", "accessibility", "licences")  # these may take as many sheets as they need
MARGIN = 12 / 25.4 * 72  # points; the sheet asks for 14 mm and more


def misprints(pdf: bytes, page: Page, address: str = "") -> Iterator[str]:
    """More than two sheets, words outside the margins, and an ``address`` that does not stand there
    once.
    """
    paper, shown = pypdfium2.PdfDocument(pdf), 0
    if len(paper) > 2 and page.name not in LONG:
        yield f"{page.name} takes {len(paper)} sheets"
    for number, sheet in enumerate(paper, start=1):
        text = sheet.get_textpage()
        shown += text.get_text_range().replace("\r\n", "").count(address)
        width, height = sheet.get_size()
        for i in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(i)
            if left < MARGIN or right > width - MARGIN or bottom < MARGIN or top > height - MARGIN:
                words = text.get_text_bounded(left, bottom, right, top)
                yield f"“{words[:40]}” leaves the margins of sheet {number}"
    if address and shown != 1:
        yield f"its address stands there {shown} times"
