// The diagram viewer comes when a diagram nears the screen, the editor on its own page at once.
import { load } from "./_lazy.js";
import { forEach } from "./_shared.js";

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

forEach("[data-editor]", async (box) => {
  if (box.dataset.seen) return;
  box.dataset.seen = "1";
  await load(box);
  await window.pilarEditor(box);
});
