// What every page does with script: the menu of a narrow screen, and Bootstrap's side of the theme.

const root = document.documentElement;
root.classList.add("has-script");

const darkBySystem = window.matchMedia("(prefers-color-scheme: dark)");
const showTheme = () => {
  const chosen = root.dataset.theme;
  root.dataset.bsTheme = chosen || (darkBySystem.matches ? "dark" : "light");
};
showTheme();
darkBySystem.addEventListener("change", showTheme);

// The menus at the top close by Escape, and by going elsewhere; one is open at a time.
const startMenus = () => {
  const menus = Array.from(document.querySelectorAll(".nav-menu"));
  const closeAllBut = (kept) => {
    for (const one of menus) if (one !== kept) one.open = false;
  };
  for (const menu of menus) {
    menu.addEventListener("toggle", () => menu.open && closeAllBut(menu));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
  document.addEventListener("click", (event) => closeAllBut(event.target.closest(".nav-menu")));
};

const start = () => {
  startMenus();
  const button = document.querySelector(".menu-button");
  const menu = document.querySelector(".top-menu");
  if (button && menu) {
    const show = (open) => {
      button.setAttribute("aria-expanded", String(open));
      menu.toggleAttribute("data-closed", !open);
    };
    show(false);
    button.addEventListener("click", () => show(menu.hasAttribute("data-closed")));
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        show(false);
        button.focus();
      }
    });
  }
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => window.print());
  });
  // After a refused form the reader lands on the list of its faults.
  document.querySelector(".error-summary")?.focus();
  // A second press of the same button, while the first is on its way, does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
};

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
