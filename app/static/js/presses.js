// Presses sent one after another without leaving the page, and kept until they have arrived.
// Each carries an id of its own, so one that is sent twice is counted once.

const AGAIN_MS = 2000;

export const freshId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// `box` holds `[data-role=last]`, the part that an answer replaces, and `[data-role=unsent]`.
export const pressQueue = (box, after = () => {}) => {
  const last = box.querySelector('[data-role="last"]');
  const unsent = box.querySelector('[data-role="unsent"]');
  const queue = [];
  let sending = false;

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
        after(last);
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

  last.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    put(event.target.action, new URLSearchParams(new FormData(event.target, event.submitter)));
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
