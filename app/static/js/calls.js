// Logging a call: the letter of the language, the number of the need, the minutes and Enter.

import { freshId, keySwitch, pressQueue } from "./presses.js";

const box = document.querySelector(".calls");
const form = box.querySelector('[data-role="arrivals"]');
const typed = form.querySelector('[data-role="typed"]');
const pressed = keySwitch("calls-keys");

const filled = () => {
  const data = new URLSearchParams(new FormData(form));
  data.delete("csrf_token");
  return data.toString();
};
form.reset();
const empty = filled();
// Calls that were refused while the next one was being filled in: given back after it.
const refusedCalls = [];

const giveBack = () => {
  const call = filled() === empty && refusedCalls.shift();
  if (!call) return;
  for (const field of form.elements) {
    if (field.type === "radio") field.checked = call.get(field.name) === field.value;
    else if (field.name === "helped") field.value = call.get("helped");
  }
  typed.value = call.get("minutes") || call.get("typed") || "";
};

const put = pressQueue(box, (entry, refused) => {
  if (refused && entry.url === form.action) refusedCalls.push(entry.data);
  giveBack();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  const data = new URLSearchParams(new FormData(form, event.submitter));
  data.set("press", freshId());
  put(form.action, data);
  form.reset();
  typed.blur();
  giveBack();
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
