"""What axe does not look at: the focus, doubled text, charts and their tables, motion.

Each check is run in the page and gives what is wrong with it, in words.
"""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

BY_KEYBOARD = """() => {
  const wrong = [];
  const seen = new Set();
  const told = (one) => one.outerHTML.slice(0, 120);
  const marked = (one) => {
    const style = getComputedStyle(one);
    const own = style.outlineStyle === "auto"; // as the browser draws it
    return own || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  };
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled;
  const stops = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]",
  )].filter(shown);
  for (const one of stops) {
    if (one.tabIndex > 0) wrong.push("an order of its own: " + told(one));
    const alike = [one.tagName, one.type, one.className, one.parentElement.className,
      one.closest("section, form, table, nav")?.className].join("|");
    if (one.tabIndex < 0 || seen.has(alike)) continue;
    seen.add(alike);
    one.focus();
    if (document.activeElement !== one) {
      if (one.type !== "radio") wrong.push("takes no focus: " + told(one));
      continue;
    }
    // A button drawn by its label is marked there.
    if (![one, one.nextElementSibling, one.parentElement].some((it) => it && marked(it))) {
      wrong.push("its focus is not seen: " + told(one));
    }
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const over = top && box.width > 4 && !one.contains(top) && !top.contains(one);
    const stays = (it) => ["sticky", "fixed"].includes(getComputedStyle(it).position);
    if (over && [top, top.closest("th, td, thead, header, div")].some((it) => it && stays(it))) {
      wrong.push("its focus is covered: " + told(one));
    }
  }
  document.activeElement.blur();
  return wrong;
}"""
"""WCAG 2.4.3, 2.4.7, 2.4.11: every kind of stop of the page can be focused, is seen to be, and is
not covered then. Of stops that look alike one is tried."""

WALKED_BACK = """() => {
  const wrong = [];
  const stays = (top, one) => {
    for (let it = top; it && !it.contains(one); it = it.parentElement) {
      if (["sticky", "fixed"].includes(getComputedStyle(it).position)) return true;
    }
    return false;
  };
  const covered = (one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const tops = [[left + 1, top + 1], [right - 1, top + 1], [left + 1, bottom - 1],
      [right - 1, bottom - 1], [(left + right) / 2, (top + bottom) / 2]]
      .map(([x, y]) => document.elementFromPoint(x, y))
      .filter((it) => it);
    return tops.length && tops.every((it) => !one.contains(it) && stays(it, one));
  };
  const stops = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, td[tabindex]",
  )].filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled);
  for (const one of stops.reverse()) {
    one.focus();
    if (document.activeElement === one && covered(one)) {
      wrong.push("walked back to, it is covered: " + one.outerHTML.slice(0, 120));
    }
  }
  document.activeElement.blur();
  return wrong;
}"""
"""WCAG 2.4.11: walked through backwards, no stop is wholly below what stays at an edge; those that
arrow keys lead to are among them."""
ENLARGED: ViewportSize = {"width": 320, "height": 256}
"""A desk's window at 400 %."""

CHARTS = """() => [...document.querySelectorAll("svg[role=img]")]
  .filter((one) => !one.closest(".door-code"))
  .filter((one) => !one.closest("section, .panel, main").querySelector("table, ol, ul, dl"))
  .map((one) => "a chart without its numbers: " + one.getAttribute("aria-label"))"""
"""Each chart's numbers stand beside it as text."""

LARGER = """(how) => {
  const added = document.createElement("style");
  added.textContent = how;
  document.head.append(added);
  const width = document.documentElement.scrollWidth;
  added.remove();
  return width > innerWidth ? [`${width} px wide at ${innerWidth} with ${how}`] : [];
}"""
TWICE_THE_TEXT = "html { font-size: 200% !important; }"
"""WCAG 1.4.4: text at 200 % makes nobody scroll to both sides."""
WIDER_TEXT = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
    " word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"
)
"""WCAG 1.4.12: nor do wider lines, letters and words."""

MOVING = """() => [document.documentElement, ...document.querySelectorAll("body *")]
  .flatMap((one) => ["", "::before", "::after"].map((part) => [one, part]))
  .filter(([one, part]) => {
    const style = getComputedStyle(one, part);
    const moves = style.transitionDuration.split(",").some((told) => parseFloat(told) > 0);
    return moves || style.animationName !== "none" || style.scrollBehavior === "smooth";
  })
  .slice(0, 3)
  .map(([one, part]) => `moves${part}: ` + one.outerHTML.slice(0, 120))"""
"""Nothing moves for who asked for it (`prefers-reduced-motion`)."""


def kept_from_the_keyboard(page: Page) -> list[str]:
    page.keyboard.press(
        "Tab"
    )  # from now on the browser shows the focus as to who uses the keyboard
    found = list(page.evaluate(BY_KEYBOARD))
    size = page.viewport_size
    assert size is not None
    for window in (size, ENLARGED):
        page.set_viewport_size(window)
        found += page.evaluate(WALKED_BACK)
    page.set_viewport_size(size)
    return found


def hard_to_read(page: Page) -> list[str]:
    found = list(page.evaluate(CHARTS))
    for how in (TWICE_THE_TEXT, WIDER_TEXT):
        found += page.evaluate(LARGER, how)
    return found


def moving(page: Page) -> list[str]:
    """Of a page that was told of `prefers-reduced-motion`."""
    return list(page.evaluate(MOVING))
