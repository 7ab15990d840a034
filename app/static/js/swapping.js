// A part of a page is put anew while somebody works with it: the focus, what is open and what is
// half typed are put back, each where the same thing stands now.

// What changes with every answer and tells no two forms apart.
const OF_THE_ANSWER = ["csrf_token", "revision"];
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const TOKENS = /(name="csrf_token" value=")[^"]*/g;

const byId = (box, id) => box.querySelector(`#${CSS.escape(id)}`);

// What a thing is known by before and after: its id, where it leads, or what it sends.
const keyOf = (one) => {
  if (one.id) return `#${one.id}`;
  if (one.matches("summary")) return `summary ${keyOf(one.parentElement)}`;
  if (one.matches("a")) return `a ${one.getAttribute("href")}`;
  const hidden = Array.from(one.form?.elements ?? []).filter((each) => each.type === "hidden");
  const sent = hidden.filter((each) => !OF_THE_ANSWER.includes(each.name));
  const own = one.matches("button") ? [one] : [];
  return [one.localName, one.form?.getAttribute("action"), one.name]
    .concat([...sent, ...own].map((each) => `${each.name}=${each.value}`))
    .join(" ");
};

const stopsLike = (box, key) =>
  Array.from(box.querySelectorAll(STOPS)).filter((one) => keyOf(one) === key);

const noteFocus = (box) => {
  const held = document.activeElement;
  if (held === box || !box.contains(held)) return null;
  const around = [];
  for (let one = held; one !== box; one = one.parentElement) if (one.id) around.push(one.id);
  const key = keyOf(held);
  const { selectionStart, selectionEnd } = held;
  return { key, nth: stopsLike(box, key).indexOf(held), around, selectionStart, selectionEnd };
};

// Everything folded around it is opened, or nobody could be there.
const reveal = (one) => {
  const inner = one.matches("summary") ? one.parentElement : one;
  for (let fold = inner.parentElement; fold; fold = fold.parentElement) {
    if (fold.matches("details")) fold.open = true;
  }
};

const goTo = (one) => {
  const stop = one.matches("details") ? one.querySelector("summary") : one;
  if (!stop.matches(STOPS) && !stop.hasAttribute("tabindex")) stop.tabIndex = -1;
  reveal(stop);
  stop.focus({ preventScroll: true });
};

// Where the thing itself is gone, or can no longer be pressed, the nearest around it that is still
// there; never its neighbour, which the next press would then be of.
const putFocus = (box, noted, elsewhere) => {
  const same = stopsLike(box, noted.key);
  const found = same[noted.nth] ?? same.at(-1);
  if (!found || found.disabled) {
    goTo(noted.around.map((id) => byId(box, id)).find((one) => one && !one.disabled) ?? elsewhere());
    return;
  }
  goTo(found);
  if (typeof noted.selectionStart === "number") {
    found.setSelectionRange(noted.selectionStart, noted.selectionEnd);
  }
};

const noteFolds = (box) =>
  Array.from(box.querySelectorAll("details[id]"), (one) => {
    const seen = one.open && !one.parentElement.closest("details:not([open])");
    return { id: one.id, open: one.open, seen };
  });

const putFolds = (box, noted) => {
  const still = noted.map((one) => ({ ...one, fold: byId(box, one.id) })).filter((one) => one.fold);
  for (const { fold, open } of still) fold.open = open;
  // What was seen is seen, though it may have come into something that is folded away.
  for (const { fold, seen } of still) if (seen) reveal(fold);
};

const noteTyped = (box) =>
  Array.from(box.querySelectorAll("input[id]"))
    .filter((one) => one.value !== one.defaultValue)
    .map(({ id, value }) => ({ id, value }));

const putTyped = (box, noted) => {
  for (const { id, value } of noted) {
    const field = byId(box, id);
    if (field) field.value = value;
  }
};

const renewTokens = (box, fresh) => {
  const token = fresh.querySelector("[name=csrf_token]")?.value;
  for (const field of box.querySelectorAll("[name=csrf_token]")) field.value = token;
};

const told = (one) => one.innerHTML.replace(TOKENS, "$1");

// `html` into `box`; not touched where it is the same. Whoever was at something that is gone finds
// themselves at `elsewhere()`, or at the part itself.
export const swapPart = (box, html, elsewhere = () => box) => {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (told(fresh) === told(box)) {
    renewTokens(box, fresh.content);
    return;
  }
  const focused = noteFocus(box);
  const folds = noteFolds(box);
  const typed = noteTyped(box);
  box.replaceChildren(fresh.content);
  putFolds(box, folds);
  putTyped(box, typed);
  if (focused) putFocus(box, focused, elsewhere);
};
