// The heat map read cell by cell: pointed at, or walked with the arrow keys; a link that leads
// into a folded explanation opens it.

const table = document.querySelector('[data-role="heat"] table');
const words = document.querySelector('[data-role="heat-words"]');

if (table && words) {
  const rows = Array.from(table.querySelectorAll("tbody tr"))
    .map((row) => Array.from(row.querySelectorAll("td[title]")))
    .filter((cells) => cells.length);
  const place = new Map();
  rows.forEach((cells, y) => cells.forEach((cell, x) => place.set(cell, [x, y])));
  words.hidden = false;
  let at = rows[0]?.[0];
  if (at) at.tabIndex = 0;
  const tell = (cell) => {
    words.textContent = cell?.title || "";
  };
  table.addEventListener("pointerover", (event) => tell(event.target.closest("td[title]")));
  table.addEventListener("focusin", (event) => tell(event.target.closest("td[title]")));
  table.addEventListener("keydown", (event) => {
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    const from = place.get(event.target);
    if (!step || !from) return;
    event.preventDefault();
    const row = rows[from[1] + step[1]] || [];
    const next = row[Math.min(from[0] + step[0], row.length - 1)];
    if (!next) return;
    at.removeAttribute("tabindex");
    at = next;
    at.tabIndex = 0;
    at.focus();
  });
}

const open = () => {
  const target = window.location.hash && document.querySelector(window.location.hash);
  if (target instanceof HTMLDetailsElement) target.open = true;
};
window.addEventListener("hashchange", open);
open();
