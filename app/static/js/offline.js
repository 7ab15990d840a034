// Lets the week be kept for when there is no network, and says so when that is what is shown.

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}
const told = document.querySelector("[data-offline]");
// The worker marks what it kept: the server can be out of reach though the browser thinks otherwise.
const kept = document.documentElement.hasAttribute("data-kept");
const show = () => {
  const away = kept || !navigator.onLine;
  if (told) told.hidden = !away;
  document.querySelectorAll("main form button").forEach((button) => {
    button.disabled = away;
  });
};
window.addEventListener("online", show);
window.addEventListener("offline", show);
show();
