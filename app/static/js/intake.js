// The reception's presses: sent one after another without leaving the page, and kept until they
// have arrived. Each carries an id of its own, so one that is sent twice is counted once.

const AGAIN_MS = 2000;
const LETTER_MS = 4000;

const box = document.querySelector(".intake");
const form = box.querySelector('[data-role="arrivals"]');
const last = box.querySelector('[data-role="last"]');
const unsent = box.querySelector('[data-role="unsent"]');
const part = (role) => document.querySelector(`[data-role="${role}"]`);

const queue = [];
let sending = false;

const freshId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const showQueue = (late) => {
  unsent.hidden = !late;
  unsent.textContent = late ? box.dataset.waiting.replace("{n}", queue.length) : "";
};

const send = async () => {
  if (sending) return;
  sending = true;
  while (queue.length) {
    const { url, data } = queue[0];
    try {
      const answer = await fetch(url, { method: "POST", body: data, headers: { "X-Part": "last" } });
      if (answer.redirected || answer.status === 400 || answer.status === 403) {
        // Signed out, or the page has grown old: nothing more can be sent from here.
        queue.length = 0;
        window.location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      queue.shift();
      last.innerHTML = await answer.text();
      showQueue(false);
    } catch {
      showQueue(true);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
  sending = false;
};

const put = (url, data) => {
  queue.push({ url, data });
  send();
};

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

last.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  put(event.target.action, new URLSearchParams(new FormData(event.target, event.submitter)));
});

window.addEventListener("beforeunload", (event) => {
  if (queue.length) event.preventDefault();
});

// The keyboard: a language's letter, then a need's number.

const keys = part("keys");
const keysOn = part("keys-on");
const chosenWords = part("chosen");
keys.hidden = false;
keysOn.checked = localStorage.getItem("intake-keys") !== "off";
keysOn.addEventListener("change", () => {
  localStorage.setItem("intake-keys", keysOn.checked ? "on" : "off");
});

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
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (!keysOn.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
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
