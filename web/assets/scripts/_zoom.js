// What viewer and editor share: buttons to zoom.

const BY = 1.25;

/** Buttons in a corner of `holder`, whose data attributes name them. */
export function addZoom(holder, canvas) {
  const bar = Object.assign(document.createElement("div"), { className: "app-diagram__controls" });
  const add = (label, sign, action) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, title: label });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", action);
    bar.append(button);
  };
  add(holder.dataset.zoomIn, "+", () => canvas.zoom(canvas.zoom() * BY, "auto"));
  add(holder.dataset.zoomOut, "−", () => canvas.zoom(canvas.zoom() / BY, "auto"));
  add(holder.dataset.fit, "⤢", () => canvas.zoom("fit-viewport", "auto"));
  holder.append(bar);
}
