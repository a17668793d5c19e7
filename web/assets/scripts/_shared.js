// What several of the small scripts need.

/** The token that proves to the server that a request comes from this page. */
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Runs `start(element)` for each match now and for each that htmx brings in later. */
export function forEach(selector, start) {
  const run = (root) => {
    if (root.matches?.(selector)) start(root);
    root.querySelectorAll?.(selector).forEach(start);
  };
  const ready = () => {
    run(document);
    document.addEventListener("htmx:after:swap", (event) => run(event.detail?.ctx?.target ?? document));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
}
