// Failed requests and lost networks, in words and in place.

const box = () => document.getElementById("notices");

function say(text) {
  const place = box();
  if (!place || place.dataset.last === text) return;
  place.dataset.last = text;
  const notice = document.createElement("div");
  notice.className = "app-notice app-notice--warning";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  place.replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:response:error", () => say(document.body.dataset.failed));
document.addEventListener("htmx:error", () => say(navigator.onLine ? document.body.dataset.failed : document.body.dataset.retry));
document.addEventListener("htmx:after:swap", () => {
  delete box()?.dataset.last;
});

function showNetwork() {
  const banner = document.querySelector("[data-offline]");
  if (banner) banner.hidden = navigator.onLine;
}
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
addEventListener("DOMContentLoaded", showNetwork);
