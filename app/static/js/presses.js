// Presses sent one after another without leaving the page, and kept until they have arrived.
// Each carries an id of its own, so one that is sent twice is counted once, and how long ago it
// was pressed, so that it is counted when it was. (How long ago, not when: a clock may be wrong.)

import { swapPart } from "./swapping.js";

const AGAIN_MS = 2000;
const TRY_AGAIN = [408, 429];
const SIGN_IN = 401;
const NOT_YOURS = 403;

export const freshId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const pageOf = (text) => new DOMParser().parseFromString(text, "text/html");

// The words of a page that refuses, for the notice beside the presses.
const wordsOf = (text) =>
  Array.from(pageOf(text).querySelectorAll("main h1, main h1 + p:not(:has(a))"), (one) => one.textContent.trim()).join(". ");

// What was said of a press is folded away again.
const foldAway = (id) => {
  const fold = id && document.getElementById(id);
  if (!fold) return;
  if (fold.contains(document.activeElement)) fold.querySelector("summary").focus();
  fold.open = false;
};

// `box` holds `[data-role=last]`, the part that an answer replaces, and `[data-role=unsent]`.
// `after` is told of each answer: the entry, and whether it was refused.
export const pressQueue = (box, after = () => {}) => {
  const last = box.querySelector('[data-role="last"]');
  const unsent = box.querySelector('[data-role="unsent"]');
  const queue = [];
  let sending = false;

  const show = (words) => {
    unsent.hidden = !words;
    unsent.textContent = (words || "").replace("{n}", queue.length);
  };

  const refuse = (text) => {
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    notice.setAttribute("role", "alert");
    notice.textContent = wordsOf(text) || box.dataset.refused;
    last.querySelector(".notice")?.remove();
    last.prepend(notice);
  };

  // Who has signed in again, in another tab, has a new session: its token goes into what waits.
  // Whether there is a session.
  const takeNewToken = async () => {
    const answer = await fetch(window.location.href);
    if (answer.redirected) return false;
    const token = pageOf(await answer.text()).querySelector("[name=csrf_token]")?.value;
    if (!token) return false;
    for (const one of queue) one.data.set("csrf_token", token);
    for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token;
    return true;
  };

  // One try of the first in the queue; what to say where it has to wait, else nothing.
  const sendFirst = async () => {
    const first = queue[0];
    first.data.set("ago", Math.max(0, Math.round((Date.now() - first.at) / 1000)));
    const answer = await fetch(first.url, { method: "POST", body: first.data, headers: { "X-Part": "last" } });
    if (answer.redirected || answer.status === SIGN_IN || answer.headers.has("X-Stale-Form")) {
      await takeNewToken();
      return box.dataset.ended;
    }
    // Refused to who is signed in, it stays refused: a right that has ended holds up nothing else.
    if (answer.status === NOT_YOURS && !(await takeNewToken())) return box.dataset.ended;
    if (answer.status >= 500 || TRY_AGAIN.includes(answer.status)) return box.dataset.waiting;
    const text = await answer.text();
    queue.shift();
    if (answer.ok) swapPart(last, text);
    else refuse(text);
    const refused = Boolean(last.querySelector(".notice-bad"));
    if (!refused) foldAway(first.fold);
    after(first, refused);
    return "";
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    while (queue.length) {
      let words = box.dataset.waiting;
      try {
        words = await sendFirst();
      } catch {
        // No network, or an answer that was lost: the id tells whether it had arrived.
      }
      show(words);
      if (words) await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
    sending = false;
  };

  // `fold`: the id of what is to be folded away once it is done.
  const put = (url, data, fold = "") => {
    queue.push({ url, data, fold, told: data.toString(), at: Date.now() });
    send();
  };

  last.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const url = event.target.action;
    const data = new URLSearchParams(new FormData(event.target, event.submitter));
    // Pressed twice before the answer has come, it is still one thing to do.
    const waits = queue.some((one) => one.url === url && one.told === data.toString());
    if (!waits) put(url, data, event.target.closest("details > form")?.parentElement.id);
  });

  window.addEventListener("beforeunload", (event) => {
    if (queue.length) event.preventDefault();
  });

  return put;
};

// Whether keys press here: off where the reader has said so, or types, or calls on the browser.
export const keySwitch = (name) => {
  const keys = document.querySelector('[data-role="keys"]');
  const on = document.querySelector('[data-role="keys-on"]');
  keys.hidden = false;
  on.checked = localStorage.getItem(name) !== "off";
  on.addEventListener("change", () => localStorage.setItem(name, on.checked ? "on" : "off"));
  return (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea");
    return on.checked && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  };
};
