// The reception's presses (see presses.js), and its keyboard.

import { freshId, keySwitch, pressQueue } from "./presses.js";

const LETTER_MS = 4000;

const box = document.querySelector(".intake");
const form = box.querySelector('[data-role="arrivals"]');
const part = (role) => document.querySelector(`[data-role="${role}"]`);
const put = pressQueue(box);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const data = new URLSearchParams(new FormData(form, event.submitter));
  data.set("press", freshId());
  put(form.action, data);
  event.submitter?.classList.remove("pressed");
  void event.submitter?.offsetWidth;
  event.submitter?.classList.add("pressed");
});

// The keyboard: a language's letter, then a need's number.

const pressed = keySwitch("intake-keys");
const chosenWords = part("chosen");

let chosen = null;
let forget = 0;
const choose = (row) => {
  chosen?.classList.remove("chosen");
  chosen = row;
  chosen?.classList.add("chosen");
  chosenWords.textContent = row ? row.querySelector("legend").textContent : "";
  clearTimeout(forget);
  if (row) forget = setTimeout(() => choose(null), LETTER_MS);
};

document.addEventListener("keydown", (event) => {
  if (!pressed(event)) return;
  const key = event.key.toLowerCase();
  if (key === "u") {
    box.querySelector("[data-undo]")?.click();
    return;
  }
  if (/^[1-9]$/.test(key) && chosen) {
    chosen.querySelector(`[data-need="${key}"]`)?.click();
    choose(null);
    return;
  }
  if (/^[a-z]$/.test(key)) choose(form.querySelector(`[data-key="${key}"]`));
});

// The half hour moves on while the page stays open.

const halfHour = part("half-hour");
const clock = new Intl.DateTimeFormat("pt-PT", {
  hour: "2-digit", minute: "2-digit", hour12: false, timeZone: box.dataset.zone,
});
const showHalfHour = () => {
  const now = new Date();
  now.setUTCMinutes(now.getUTCMinutes() < 30 ? 0 : 30);
  halfHour.textContent = clock.format(now);
};
showHalfHour();
setInterval(showHalfHour, 5000);
