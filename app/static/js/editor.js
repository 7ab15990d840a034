// The editor of a week: a day opened at the side, shifts dragged, edits undone, and other people's
// changes seen. Every change is a form of the page; without this script the same forms work.

import Sortable from "../vendor/sortable.esm.js";
import { pullEnds } from "./pulling.js";
import { swapPart } from "./swapping.js";

const LOOK_MS = 5000;
const TOUCH_MS = 250;

const live = document.querySelector('[data-role="live"]');
const panel = document.querySelector('[data-role="panel"]');
const said = document.querySelector('[data-role="said"]');
const rosterUrl = `/rosters/${live.dataset.roster}`;
const token = () => document.querySelector("input[name=csrf_token]").value;
const revision = () => live.querySelector('[data-role="revision"]').dataset.number;
const editable = () => revision() !== "";

// The board: one day of it is reached by Tab, the others by the arrows. Where it shows a single day
// of the week (board.css), it is one of that day.

const ONE_DAY = window.matchMedia("(max-width: 47.99rem)");
let place = null;
const keyOf = (cell) => {
  const { mediator, date } = cell.closest("td").dataset;
  return `${mediator} ${date}`;
};
// What is short is reached in the same way: one of the board and one of the day by Tab.
const whys = new Map();
const roveAmong = (box, kind, wanted) => {
  const all = Array.from(box.querySelectorAll(kind));
  const shown = all.filter((one) => one.offsetParent);
  const chosen = shown.find(wanted) || shown[0];
  for (const one of all) one.tabIndex = one === chosen ? 0 : -1;
  return chosen;
};
const rove = () => {
  for (const table of live.querySelectorAll("table")) {
    roveAmong(table, ".why-cell", (one) => one.href === whys.get(table.className));
  }
  return roveAmong(live, ".people .cell", (one) => keyOf(one) === place);
};
ONE_DAY.addEventListener("change", rove);
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const beside = (cell, [down, right]) => {
  const kind = cell.matches(".why-cell") ? ".why-cell" : ".cell";
  const rows = Array.from(cell.closest("table").rows).filter((row) => row.querySelector(kind));
  let row = rows.indexOf(cell.closest("tr"));
  let column = cell.closest("td").cellIndex;
  for (;;) {
    row += down;
    column += right;
    const td = rows[row]?.cells[column];
    if (!td) return null;
    const found = td.querySelector(kind);
    if (found && found.offsetParent) return found;
  }
};

live.addEventListener("focusin", (event) => {
  const cell = event.target.closest(".cell, .why-cell");
  if (!cell) return;
  if (cell.matches(".cell")) place = keyOf(cell);
  else whys.set(cell.closest("table").className, cell.href);
  rove();
});

live.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".cell, .why-cell");
  const step = STEPS[event.key];
  if (!cell || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  beside(cell, step)?.focus();
});

// An edit that the end of a session swallowed: kept for this tab until signed in again.

const UNMADE = `unmade-edit ${rosterUrl}`;
const keepUnmade = (url, body) => {
  const fields = Array.from(body).filter(([name]) => name !== "csrf_token");
  window.sessionStorage.setItem(UNMADE, JSON.stringify({ url, fields }));
};
const showUnmade = () => {
  const kept = window.sessionStorage.getItem(UNMADE);
  if (!kept) return;
  window.sessionStorage.removeItem(UNMADE);
  const { url, fields } = JSON.parse(kept);
  const notice = document.createElement("p");
  notice.className = "notice notice-warn";
  notice.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet";
  button.textContent = panel.dataset.makeNow;
  button.addEventListener("click", () => {
    notice.remove();
    // The revision goes with it: where others have edited since, it is refused as ever.
    send(url, new URLSearchParams([...fields, ["csrf_token", token()]]));
  });
  notice.append(panel.dataset.unmade, " ", button);
  live.before(notice);
};

// Asking the server.

// What is being sent and is not made yet. Where the session is gone altogether the edit is refused
// first, and only what is asked after it leads to the sign-in.
let unanswered = null;

// What takes longer than a moment is seen to be under way, on the board and in the panel.
const MOMENT_MS = 300;
let asked = 0;
const underWay = (step) => {
  asked += step;
  const tell = () => {
    document.body.classList.toggle("is-asking", asked > 0);
    panel.setAttribute("aria-busy", String(asked > 0));
  };
  window.setTimeout(tell, step > 0 ? MOMENT_MS : 0);
};

const fetched = (url, options) => {
  underWay(1);
  return fetch(url, options).finally(() => underWay(-1));
};

const part = (url, name, options = {}) =>
  fetched(url, { ...options, headers: { "X-Part": name } }).then((answer) => {
    if (answer.redirected && answer.url.includes("/sign-in")) {
      // The session ended: signing in again leads back here, and what was not made is told there.
      if (unanswered) keepUnmade(unanswered.url, unanswered.data);
      window.location.reload();
      return new Promise(() => {});
    }
    return answer;
  });

const reload = async () => {
  const answer = await part(window.location.href, "week");
  if (!answer.ok) throw new Error(String(answer.status));
  swapPart(live, await answer.text(), () => rove() ?? live);
  ready();
};

const show = (html) => {
  panel.innerHTML = html;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector(".panel-title")?.focus();
};

// Of two presses the later one counts, whichever is answered first.
let wanted = 0;
const open = async (url) => {
  wanted += 1;
  const mine = wanted;
  try {
    const answer = await part(url, "panel");
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (mine === wanted) show(html);
  } catch {
    if (mine === wanted) window.location.assign(url);
  }
};

const close = () => {
  if (panel.open) panel.close();
};

// Closing leads back to what was opened, or to the same place of the board as it is now.
let opener = null;
panel.addEventListener("close", () => {
  wanted += 1; // what is on its way to a panel that was closed is not shown
  const chosen = rove();
  const back = opener && Array.from(live.querySelectorAll("a")).find((one) => one.href === opener);
  (back || chosen)?.focus();
});

let sending = false;
const send = async (url, data) => {
  if (sending) return;
  sending = true;
  wanted += 1; // an edit is later than any day asked for before it
  try {
    unanswered = { url, data };
    const answer = await part(url, "panel", { method: "POST", body: data });
    if (answer.status === 204) {
      unanswered = null;
      close();
      await reload();
      said.textContent = live.querySelector('[data-role="last"]')?.textContent ?? "";
    } else if ([400, 409].includes(answer.status)) {
      const html = await answer.text();
      await reload();
      if (html.includes("cell-panel")) show(html);
      else window.location.reload();
    } else {
      throw new Error(String(answer.status));
    }
  } catch {
    const notice = document.createElement("p");
    notice.className = "notice notice-bad";
    notice.setAttribute("role", "alert");
    notice.textContent = panel.dataset.lost;
    (panel.open ? panel : live).prepend(notice);
  } finally {
    sending = false;
    unanswered = null;
  }
};

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target.closest("form[data-edit]");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    send(form.action, new URLSearchParams(new FormData(form, event.submitter)));
  },
  true,
);

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a");
  if (!link) return;
  if (link.matches(".cell, [data-panel]")) {
    event.preventDefault();
    if (link.matches(".cell")) place = keyOf(link);
    if (live.contains(link)) opener = link.href;
    open(link.href);
  } else if (link.matches("[data-close]") && panel.contains(link)) {
    event.preventDefault();
    close();
  }
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.closest("input, textarea, select")) return;
  const button = live.querySelector(`[data-edit="${event.shiftKey ? "redo" : "undo"}"] button`);
  if (!button || button.disabled || panel.open) return;
  event.preventDefault();
  button.click();
});

// Dragging: the drop is sent, and the server's answer is what the board then shows.

const drop = ({ item, from, to }) => {
  from.prepend(item);
  if (from === to || !to.dataset.date) return;
  send(
    `${rosterUrl}/change`,
    new URLSearchParams({
      csrf_token: token(),
      kind: "hand",
      revision: revision(),
      mediator: from.dataset.mediator,
      date: from.dataset.date,
      to_mediator: to.dataset.mediator,
      to_date: to.dataset.date,
    }),
  );
};

// A shift is made longer or shorter by pulling at an end of its bar.

pullEnds(live, editable, (cell, { startBy, endBy }) => {
  const { mediator, date } = cell.closest("td").dataset;
  const office = new URLSearchParams(window.location.search).get("office") ?? "";
  return send(
    `${rosterUrl}/resize`,
    new URLSearchParams({
      csrf_token: token(),
      revision: revision(),
      office,
      mediator,
      date,
      start_by: startBy,
      end_by: endBy,
    }),
  );
});

const ready = () => {
  rove();
  if (!editable()) return;
  for (const cell of live.querySelectorAll(".people .has-shift")) {
    cell.classList.toggle("is-movable", !cell.querySelector(".lock"));
    // A link is dragged by the browser itself otherwise, and nothing can be dropped.
    cell.draggable = false;
  }
  for (const td of live.querySelectorAll(".people td[data-date]:not(.shut)")) {
    Sortable.create(td, {
      group: "week",
      draggable: ".is-movable",
      sort: false,
      animation: 0,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 5,
      delay: TOUCH_MS,
      delayOnTouchOnly: true,
      onEnd: drop,
    });
  }
};
ready();
showUnmade();

// A second coordinator's change is seen without asking.

const look = async () => {
  window.setTimeout(look, LOOK_MS);
  if (document.hidden || sending || !editable()) return;
  try {
    const since = revision();
    const answer = await part(`${rosterUrl}/revision.json?since=${since}`, "revision");
    if (!answer.ok) return;
    const told = await answer.json();
    // A bar that is being pulled was read at the revision that the page has.
    const pulling = live.querySelector(".is-pulled");
    if (sending || String(told.revision) === revision() || panel.open || pulling) return;
    await reload();
    said.textContent = told.changes.join(" ");
  } catch {
    // The next look may get through; an edit says so itself when it does not.
  }
};
if (editable()) window.setTimeout(look, LOOK_MS);
