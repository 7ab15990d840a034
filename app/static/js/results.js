// The grid of results by keyboard: P passed, N not passed, F absent, 0 nothing; arrows go from row to row.

const RESULT_OF = { p: "passed", a: "passed", n: "failed", r: "failed", f: "absent", 0: "" };

const rows = [...document.querySelectorAll('[data-role="row"]')];
const choice = (row, value) => row.querySelector(`input[type="radio"][value="${value}"]`);
const chosen = (row) => row.querySelector('input[type="radio"]:checked');

const goTo = (index) => {
  const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
  chosen(row)?.focus();
};

rows.forEach((row, index) => {
  row.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches('input:not([type="radio"])');
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      goTo(index + (event.key === "ArrowDown" ? 1 : -1));
    } else if (!typing && event.key.toLowerCase() in RESULT_OF) {
      event.preventDefault();
      choice(row, RESULT_OF[event.key.toLowerCase()]).checked = true;
      goTo(index + 1);
    }
  });
});

document.querySelector('[data-role="all-passed"]')?.addEventListener("click", () => {
  // Who never checked in at the door is not passed in passing.
  rows.forEach((row) => {
    if ("came" in row.dataset && chosen(row)?.value === "") choice(row, "passed").checked = true;
  });
});
