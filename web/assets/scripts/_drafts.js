// <form data-draft="URL">: what is typed goes to the server within three seconds; the answer is the sentence to show.
// What the server did not take (no network, the session has ended) stays in this tab, also over a new sign-in, and goes
// to the server when the form is opened again by the same worker.
import { csrfToken, forEach } from "./_shared.js";

const AFTER_LAST_KEY = 1200;
const AT_MOST = 2600;

function answers(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

const MARK = "pilar-draft ";
const { worker, ended, failed, retry } = document.body.dataset;
const keyOf = (form) => `${MARK}${worker} ${form.dataset.draft}`;

/** Keep in this tab what is typed; `sent`: the answer is on its way, and the next page says whether it was taken. */
function mirror(form, sent) {
  const typed = [...answers(form)].filter(([name]) => name !== "csrf_token");
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify({ sent, typed }));
  } catch {
    // Without room or permission the words stay on the page.
  }
}

const mirrored = () => Object.keys(sessionStorage).filter((key) => key.startsWith(MARK));

/**
 * A page of ours took what was sent; a page that asks to sign in, or tells of an error, did not; nor did the network
 * when somebody had to go back. Signing out forgets.
 */
function settle() {
  if (!worker && new URLSearchParams(location.search).has("out")) mirrored().forEach((key) => sessionStorage.removeItem(key));
  const [visit] = performance.getEntriesByType("navigation");
  const taken = worker && visit?.type === "navigate" && !document.querySelector(".app-error");
  for (const key of mirrored()) {
    const kept = JSON.parse(sessionStorage.getItem(key));
    if (kept.sent && taken) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ ...kept, sent: false }));
  }
}

const send = (form, body) =>
  fetch(form.dataset.draft, { method: "POST", body, headers: { "X-CSRF-Token": csrfToken(), Accept: "text/plain" } });

/** Bring back what the server did not have, if this worker typed it into this form. */
async function bringBack(form) {
  const kept = sessionStorage.getItem(keyOf(form));
  if (!kept) return;
  const body = new FormData();
  for (const [name, value] of JSON.parse(kept).typed) body.append(name, value);
  const response = await send(form, body);
  if (!response.ok || response.redirected) return;
  sessionStorage.removeItem(keyOf(form));
  location.replace(location.pathname + location.search);
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
      const response = await send(form, answers(form));
      const text = await response.text();
      const isSentence = response.headers.get("Content-Type")?.startsWith("text/plain");
      const isKept = response.ok && isSentence;
      show(response.redirected ? ended : isSentence ? text : failed, isKept ? "saved" : "failed");
      if (isKept) return sessionStorage.removeItem(keyOf(form));
      if (response.status >= 500) dirty = true;
    } catch {
      dirty = true;
      show(retry, "failed");
    }
    mirror(form, false);
  }

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(soon);
    soon = setTimeout(save, AFTER_LAST_KEY);
    latest ||= setTimeout(save, AT_MOST);
  });
  form.addEventListener("submit", () => {
    mirror(form, true);
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

// <form data-keep="NAME">: has no draft on the server. What a page that asked to sign in did not take is sent to be drawn.
function keep(form) {
  form.dataset.draft = form.dataset.keep;
  form.addEventListener("submit", () => mirror(form, true));
  const kept = sessionStorage.getItem(keyOf(form));
  if (!kept || !document.referrer.startsWith(`${location.origin}/sign-in`)) return;
  sessionStorage.removeItem(keyOf(form));
  const again = document.createElement("form");
  again.method = "post";
  again.action = form.action;
  for (const [name, value] of [...JSON.parse(kept).typed, ["csrf_token", csrfToken()], ["_form", "stay"]]) {
    again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(again);
  again.submit();
}

// Without a network a form would be gone for the browser's own page.
document.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopPropagation();
  document.querySelector("[data-offline]")?.scrollIntoView({ block: "center" });
}, true);

settle();
forEach("form[data-keep]", keep);
forEach("form[data-draft]", (form) => {
  watch(form);
  bringBack(form).catch(() => {});
});
