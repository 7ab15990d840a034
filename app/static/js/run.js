// A run, watched: asks for its state once a second, says it in words and draws cost and bound.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 220;
const EDGE = { left: 56, right: 12, top: 12, bottom: 28 };
const PATIENCE_MS = 1000;

const box = document.querySelector(".run");
const part = (role) => box.querySelector(`[data-role="${role}"]`);
const whole = new Intl.NumberFormat(document.documentElement.lang);
const tenths = new Intl.NumberFormat(document.documentElement.lang, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

const make = (name, attributes, text) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
};

const roundStep = (span) => {
  const power = 10 ** Math.floor(Math.log10(Math.max(span, 1) / 3));
  return [1, 2, 5, 10].map((one) => one * power).find((step) => span / step <= 4) || 10 * power;
};

const stairs = (points, name, x, y) => {
  let path = "";
  let last = null;
  for (const point of points) {
    if (point[name] === null || point[name] === undefined) continue;
    path += last === null ? `M${x(point.seconds)} ${y(point[name])}` : `H${x(point.seconds)}V${y(point[name])}`;
    last = point[name];
  }
  return last === null ? "" : `${path}H${WIDTH - EDGE.right}`;
};

// The first roster is far above the rest; the scale follows what is still to be decided.
const scaleOf = (points) => {
  const costs = points.map((one) => one.cost).filter((one) => one !== null && one !== undefined);
  const bounds = points.map((one) => one.bound).filter((one) => one !== null && one !== undefined);
  if (!costs.length && !bounds.length) return null;
  const best = costs.length ? Math.min(...costs) : Math.max(...bounds);
  const proven = bounds.length ? Math.max(...bounds) : best;
  const room = Math.max((best - proven) * 2, best * 0.1, 1);
  return { low: Math.max(0, proven - room), high: Math.max(best, proven) + room };
};

const draw = (points) => {
  const plot = part("plot");
  const timed = points.filter((one) => one.seconds !== null && one.seconds !== undefined);
  const scale = scaleOf(timed);
  if (!plot || !scale || timed.length < 2) return;
  part("chart").hidden = false;
  const longest = Math.max(1, timed[timed.length - 1].seconds);
  const x = (seconds) => EDGE.left + (seconds / longest) * (WIDTH - EDGE.left - EDGE.right);
  const y = (cost) => {
    const share = (Math.min(cost, scale.high) - scale.low) / (scale.high - scale.low);
    return HEIGHT - EDGE.bottom - Math.max(0, share) * (HEIGHT - EDGE.top - EDGE.bottom);
  };
  const picture = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-hidden": "true" });
  const step = roundStep(scale.high - scale.low);
  for (let cost = Math.ceil(scale.low / step) * step; cost <= scale.high; cost += step) {
    picture.append(make("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(cost), y2: y(cost) }));
    picture.append(make("text", { x: EDGE.left - 6, y: y(cost) + 4, "text-anchor": "end" }, whole.format(cost)));
  }
  const beat = roundStep(longest);
  const unit = EDGE.right + 64;
  for (let seconds = 0; x(seconds) < WIDTH - unit; seconds += beat) {
    picture.append(make("text", { x: x(seconds), y: HEIGHT - 8, "text-anchor": "middle" }, whole.format(seconds)));
  }
  picture.append(make("text", { x: WIDTH - EDGE.right, y: HEIGHT - 8, "text-anchor": "end" }, box.dataset.labelSeconds));
  for (const name of ["bound", "cost"]) {
    picture.append(make("path", { class: `line-${name}`, d: stairs(timed, name, x, y), fill: "none" }));
  }
  plot.replaceChildren(picture);
};

const list = (points) => {
  const rows = part("rows");
  if (!rows) return;
  rows.replaceChildren(
    ...points.map((one) => {
      const row = document.createElement("tr");
      const texts = [
        one.seconds === null || one.seconds === undefined ? "" : tenths.format(one.seconds),
        one.cost === null || one.cost === undefined ? "" : whole.format(one.cost),
        one.bound === null || one.bound === undefined ? "" : whole.format(one.bound),
        one.gap === null || one.gap === undefined ? "" : tenths.format(one.gap),
      ];
      for (const text of texts) {
        const cell = document.createElement("td");
        cell.className = "number";
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }),
  );
};

const say = (role, text) => {
  const element = part(role);
  if (element && element.textContent !== text) element.textContent = text;
};

const show = (state) => {
  say("words", state.words);
  say("step", state.step);
  say("cost", state.cost === null ? "–" : whole.format(state.cost));
  say("bound", state.bound === null ? "–" : whole.format(state.bound));
  say("gap", state.gap);
  const busy = part("busy");
  if (busy && state.of) {
    busy.max = state.of;
    busy.value = state.done;
  } else if (busy) {
    busy.removeAttribute("value");
  }
  draw(state.points);
  list(state.points);
};

const look = async () => {
  try {
    const answer = await fetch(box.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.redirected) {
      // The session ended: signing in again leads back here.
      window.location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    show(state);
    if (state.ended) {
      // The page is asked for anew: with its result, or with what went wrong.
      window.location.reload();
      return;
    }
  } catch {
    say("step", box.dataset.lost);
  }
  window.setTimeout(look, PATIENCE_MS);
};

if (box.dataset.ended === "yes") {
  fetch(box.dataset.state).then((answer) => answer.json()).then((state) => draw(state.points));
} else {
  look();
}
