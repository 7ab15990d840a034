// The ends of a shift's bar, pulled with the mouse: the bar follows the hand by whole slots and its
// hours are told on the way. A finger opens the day instead, where there is room for it.

const GRIP_PX = 6;
const HOURS = /(\d\d):(\d\d)–(\d\d):(\d\d)/;

const edgeAt = (bar, x) => {
  const { left, right } = bar.getBoundingClientRect();
  const reach = Math.min(GRIP_PX, (right - left) / 3);
  if (Math.abs(x - left) <= reach) return "start";
  return Math.abs(x - right) <= reach ? "end" : null;
};

// The one shift of a day that can be pulled, and which end of it the pointer is at.
const gripAt = (event) => {
  const cell = event.target.closest?.(".people .has-shift");
  if (!cell || event.pointerType !== "mouse" || cell.querySelector(".lock")) return null;
  const bars = cell.querySelectorAll(".work-bar:not(.training)");
  const edge = bars.length === 1 ? edgeAt(bars[0], event.clientX) : null;
  return edge && { cell, bar: bars[0], edge };
};

const clock = (minutes) =>
  [Math.floor(minutes / 60), minutes % 60].map((one) => String(one).padStart(2, "0")).join(":");

const placed = (bar, name) => Number(getComputedStyle(bar).getPropertyValue(name));

export const pullEnds = (live, editable, done) => {
  let held = null;
  let pulled = false;

  const begin = ({ cell, bar, edge }, event) => {
    const scale = getComputedStyle(cell.closest("table"));
    const label = cell.querySelector(".work-hours");
    const units = Number(scale.getPropertyValue("--n"));
    held = {
      cell,
      bar,
      edge,
      label,
      hours: label.innerHTML,
      units,
      unit: bar.parentElement.clientWidth / units,
      minutes: 60 / Number(scale.getPropertyValue("--u")),
      x: placed(bar, "--x"),
      w: placed(bar, "--w"),
      pointer: event.pointerId,
      from: event.clientX,
      by: 0,
    };
  };

  const tell = () => {
    const told = HOURS.exec(held.hours);
    if (!told) return;
    const [fromHour, fromMinute, toHour, toMinute] = told.slice(1).map(Number);
    const shift = held.by * held.minutes;
    const first = fromHour * 60 + fromMinute + (held.edge === "start" ? shift : 0);
    const last = toHour * 60 + toMinute + (held.edge === "end" ? shift : 0);
    held.label.textContent = `${clock(first)}–${clock(last)}`;
  };

  const follow = (event) => {
    const { cell, bar, edge, x, w, units } = held;
    const wanted = Math.round((event.clientX - held.from) / held.unit);
    const [least, most] = edge === "start" ? [-x, w - 1] : [1 - w, units - x - w];
    held.by = Math.max(least, Math.min(most, wanted));
    cell.classList.add("is-pulled");
    bar.style.setProperty("--x", x + (edge === "start" ? held.by : 0));
    bar.style.setProperty("--w", w + (edge === "start" ? -held.by : held.by));
    tell();
  };

  const forget = () =>
    window.setTimeout(() => {
      pulled = false;
    });

  const end = (keep) => {
    const { cell, bar, label, hours, by, edge, minutes } = held;
    held = null;
    pulled = by !== 0;
    const back = () => {
      cell.classList.remove("is-pulled");
      bar.style.removeProperty("--x");
      bar.style.removeProperty("--w");
      label.innerHTML = hours;
    };
    if (!keep || !by) {
      back();
      return;
    }
    const pull = { startBy: edge === "start" ? by * minutes : 0, endBy: edge === "end" ? by * minutes : 0 };
    // Where the server refuses, or is not reached, the bar is where it was.
    done(cell, pull).finally(back);
  };

  // Before the board's own dragging hears of it.
  live.addEventListener(
    "pointerdown",
    (event) => {
      const grip = event.button === 0 && editable() && gripAt(event);
      if (!grip) return;
      event.stopPropagation();
      begin(grip, event);
    },
    true,
  );
  live.addEventListener("pointermove", (event) => {
    const cell = event.target.closest?.(".people .has-shift");
    if (!held && cell) cell.classList.toggle("at-end", editable() && gripAt(event) !== null);
  });
  window.addEventListener("pointermove", (event) => {
    if (held && event.pointerId === held.pointer) follow(event);
  });
  window.addEventListener("pointerup", (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    end(true);
    forget();
  });
  window.addEventListener("pointercancel", () => {
    if (!held) return;
    end(false);
    forget();
  });
  document.addEventListener("keydown", (event) => {
    if (!held || event.key !== "Escape") return;
    end(false);
    // The button is still down: letting it go opens nothing.
    pulled = true;
    window.addEventListener("pointerup", forget, { once: true });
  });
  // Nothing is marked or dragged on the way, and what was pulled is not opened as well.
  live.addEventListener(
    "mousedown",
    (event) => {
      if (!held) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  live.addEventListener("click", (event) => pulled && event.preventDefault(), true);
};
