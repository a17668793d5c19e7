// Small things on top of plain HTML: menus that close, passwords that can be shown, forms that go out once.
import { forEach } from "./_shared.js";

forEach("[data-password]", (box) => {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "app-password__toggle";
  const draw = () => {
    button.textContent = input.type === "password" ? box.dataset.show : box.dataset.hide;
    button.setAttribute("aria-pressed", String(input.type === "text"));
  };
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    draw();
  });
  button.setAttribute("aria-controls", input.id);
  input.form?.addEventListener("submit", () => (input.type = "password"));
  draw();
  box.append(button);
});

// Browsers name their file button in their own language: ours lies under it, in the page's, with the chosen names.
forEach("[data-choose]", (box) => {
  const input = box.querySelector("input");
  const shown = Object.assign(document.createElement("span"), { className: "app-file__shown" });
  const button = Object.assign(document.createElement("span"), { className: "app-button app-button--quiet", textContent: box.dataset.choose });
  const names = document.createElement("span");
  const draw = () => (names.textContent = [...input.files].map(({ name }) => name).join(", ") || box.dataset.none);
  shown.setAttribute("aria-hidden", "true");
  shown.append(button, names);
  box.querySelector(".app-file__shown")?.remove();
  box.append(shown);
  box.classList.add("app-file--ready");
  input.addEventListener("change", draw);
  draw();
});

// The summary of errors takes the focus, so that a screen reader starts there.
forEach(".govuk-error-summary", (summary) => {
  summary.tabIndex = -1;
  summary.focus();
  // A place that the address names takes the focus once more while the page is loading.
  if (location.hash) addEventListener("load", () => summary.focus());
});

// A "details" that works as a menu closes on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Browsers without invoker commands: a button with `commandfor` opens its dialog all the same.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (dialog && button.getAttribute("command") === "show-modal") dialog.showModal();
  });
}

// A second press on the same button changes nothing: the form has left already.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-get") || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// "/" goes to the search of the page.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
  const search = document.querySelector("#main input[type=search]");
  if (search) {
    event.preventDefault();
    search.focus();
  }
});
