// The reception's presses (see presses.js), and its keyboard.

import { freshId, keySwitch, pressQueue } from "./presses.js";

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
  choose(null);
  event.submitter?.classList.remove("pressed");
  void event.submitter?.offsetWidth;
  event.submitter?.classList.add("pressed");
});

// The keyboard: a language's letter, then a need's number. What is chosen stays so until something
// is pressed, another letter or Escape: nobody has to be quick.

const pressed = keySwitch("intake-keys");
const chosenWords = part("chosen");

let chosen = null;
const choose = (row) => {
  chosen?.classList.remove("chosen");
  chosen = row;
  chosen?.classList.add("chosen");
  chosen?.scrollIntoView({ block: "nearest" });
  const language = row?.querySelector('[data-role="language"]').textContent;
  chosenWords.textContent = row ? chosenWords.dataset.words.replace("{language}", language) : "";
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") choose(null);
  if (!pressed(event)) return;
  const key = event.key.toLowerCase();
  if (key === "u") {
    box.querySelector("[data-undo]")?.click();
    return;
  }
  if (/^[1-9]$/.test(key) && chosen) {
    chosen.querySelector(`[data-need="${key}"]`)?.click();
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
