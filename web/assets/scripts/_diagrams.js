// The diagram viewer is heavy: its script and style come when a diagram comes near the screen.
import { forEach } from "./_shared.js";

let loading;

function load(figure) {
  loading ||= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: figure.dataset.style });
    const script = Object.assign(document.createElement("script"), { src: figure.dataset.script });
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(style, script);
  });
  return loading;
}

forEach("[data-diagram]", (figure) => {
  if (figure.dataset.seen) return;
  figure.dataset.seen = "1";
  const state = figure.querySelector("[data-state]");
  const observer = new IntersectionObserver(
    async ([entry]) => {
      if (!entry.isIntersecting) return;
      observer.disconnect();
      state.hidden = false;
      try {
        await load(figure);
        await window.pilarDiagram(figure);
        state.hidden = true;
      } catch {
        state.textContent = figure.dataset.failed;
        figure.querySelector("[data-canvas]").hidden = true;
      }
    },
    { rootMargin: "300px" },
  );
  observer.observe(figure);
});
