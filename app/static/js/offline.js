// Lets the week be kept for when there is no network, and says so when that is what is shown.

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}
const told = document.querySelector("[data-offline]");
const show = () => {
  if (told) told.hidden = navigator.onLine;
  document.querySelectorAll("main form button").forEach((button) => {
    button.disabled = !navigator.onLine;
  });
};
window.addEventListener("online", show);
window.addEventListener("offline", show);
show();
