// Every page's script. Pages work without it; it saves drafts, refreshes lists and smooths what browsers lack.
import htmx from "htmx.org";

import "./_answers.js";
import "./_diagrams.js";
import "./_drafts.js";
import "./_notices.js";
import "./_widgets.js";
import { csrfToken } from "./_shared.js";

// htmx asks for lists; each request carries the session's token and marks what is being replaced.
document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = csrfToken();
});
document.addEventListener("htmx:before:request", (event) => event.detail.ctx.target?.classList?.add("app-is-loading"));
document.addEventListener("htmx:finally:request", (event) => event.detail.ctx.target?.classList?.remove("app-is-loading"));

window.htmx = htmx;
