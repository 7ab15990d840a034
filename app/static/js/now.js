// The screen asks for itself anew twice a minute, or as often as it says; what is shown stays when
// no answer comes, and so does what somebody is filling in or has the focus on.

import { swapPart } from "./swapping.js";

const box = document.querySelector('[data-role="refreshing"]');
const EVERY_MS = 1000 * Number(box.dataset.seconds || 30);
const stale = document.querySelector('[data-role="stale"]');

// A number is read out when it is called. What is put anew would be read whole or not at all, so
// that what is read stands beside it, and changes only then.
const said = document.querySelector('[data-role="said"]');
const called = () =>
  Array.from(box.querySelectorAll("[data-called]"), (one) => one.dataset.called);

const put = (html) => {
  const before = called();
  swapPart(box, html);
  const newly = called().filter((one) => !before.includes(one));
  if (newly.length) said.textContent = newly.join("; ");
};

const look = async () => {
  try {
    const answer = await fetch(window.location.href, { headers: { "X-Part": "now" } });
    if (answer.redirected || answer.status === 404 || answer.status === 403) {
      // The session ended or the address was withdrawn: the page itself says so.
      window.location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    put(await answer.text());
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
  window.setTimeout(look, EVERY_MS);
};

window.setTimeout(look, EVERY_MS);
window.addEventListener("online", () => {
  stale.hidden = true;
});
