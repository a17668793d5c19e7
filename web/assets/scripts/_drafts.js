// <form data-draft="URL">: what is typed goes to the server within three seconds; the answer is the sentence to show.
import { csrfToken, forEach } from "./_shared.js";

const AFTER_LAST_KEY = 1200;
const AT_MOST = 2600;

function answers(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

function watch(form) {
  const state = document.getElementById(form.dataset.draftState || "draft-state");
  let soon = 0;
  let latest = 0;
  let dirty = false;

  const show = (text, kind) => {
    if (!state) return;
    state.textContent = text;
    state.dataset.state = kind;
  };

  async function save() {
    clearTimeout(soon);
    clearTimeout(latest);
    soon = latest = 0;
    if (!dirty) return;
    dirty = false;
    try {
      const response = await fetch(form.dataset.draft, {
        method: "POST",
        body: answers(form),
        headers: { "X-CSRF-Token": csrfToken(), Accept: "text/plain" },
      });
      const text = await response.text();
      const isSentence = response.headers.get("Content-Type")?.startsWith("text/plain");
      show(isSentence ? text : document.body.dataset.failed, response.ok ? "saved" : "failed");
      if (!response.ok && response.status >= 500) dirty = true;
    } catch {
      dirty = true;
      show(document.body.dataset.retry, "failed");
    }
  }

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(soon);
    soon = setTimeout(save, AFTER_LAST_KEY);
    latest ||= setTimeout(save, AT_MOST);
  });
  form.addEventListener("submit", () => {
    dirty = false;
    clearTimeout(soon);
    clearTimeout(latest);
  });
  addEventListener("online", save);
  // The tab is left with something unsaved: the last words travel with the beacon (its form field is the token).
  addEventListener("pagehide", () => {
    if (dirty) navigator.sendBeacon(form.dataset.draft, answers(form));
  });
}

forEach("form[data-draft]", watch);
