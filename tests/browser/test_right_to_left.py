"""What a browser makes of names written from right to left, beside hours and each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from app.routes.right_to_left import isolated_page

pytestmark = pytest.mark.browser

LINE = '<p lang="pt-PT" id="line">سارة 09:00–13:00, علي (Faro)</p>'
ORDER = """(parts) => {
  const line = document.querySelector("#line");
  const place = (part) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(part);
      if (at >= 0) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + part.length);
        return range.getBoundingClientRect().left;
      }
    }
  };
  return parts.toSorted((a, b) => place(a) - place(b));
}"""
PARTS = ["سارة", "09:00", "13:00", "علي", "Faro"]


def test_hours_and_names_stand_in_the_order_in_which_they_are_read(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(LINE)
    assert page.evaluate(ORDER, PARTS) != PARTS, "a browser alone turns them round"
    page.set_content(isolated_page(LINE))
    assert page.evaluate(ORDER, PARTS) == PARTS
    page.close()
