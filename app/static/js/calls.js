// Logging a call: the letter of the language, the number of the need, the minutes and Enter.

import { freshId, keySwitch, pressQueue } from "./presses.js";

const box = document.querySelector(".calls");
const form = box.querySelector('[data-role="arrivals"]');
const typed = form.querySelector('[data-role="typed"]');
const pressed = keySwitch("calls-keys");

const put = pressQueue(box, (last) => {
  // A call that was refused stays as it was filled in.
  if (!last.querySelector(".notice-bad")) form.reset();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const data = new URLSearchParams(new FormData(form, event.submitter));
  data.set("press", freshId());
  put(form.action, data);
  typed.blur();
});

document.addEventListener("keydown", (event) => {
  if (!pressed(event)) return;
  const key = event.key.toLowerCase();
  if (key === "u") {
    box.querySelector("[data-undo]")?.click();
    return;
  }
  const choice = /^[a-z1-9]$/.test(key) && form.querySelector(`[data-key="${key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  if (choice.name !== "three_way" && form.querySelector("[name=language]:checked")) typed.focus();
});
