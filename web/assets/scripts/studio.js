// The analyst's BPMN editor: the modeler with its FEEL-aware panel in place of the plain text field.
import "camunda-bpmn-js/dist/assets/camunda-cloud-modeler.css";
import "../styles/_modeler.css";
import "../styles/_viewer.css";
import Modeler from "camunda-bpmn-js/lib/camunda-cloud/Modeler";

import { words } from "./_modeler_words.js";

// The FEEL editor brings its own <style>: it gets this page's nonce, as the content policy demands.
const nonce = document.currentScript?.nonce || document.querySelector("script[nonce]")?.nonce;
const create = document.createElement.bind(document);
document.createElement = (name, options) => {
  const element = create(name, options);
  if (nonce && String(name).toLowerCase() === "style") element.setAttribute("nonce", nonce);
  return element;
};

// The panel's container wants a style attribute, which the policy refuses; our style sheet says the same.
const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
Object.defineProperty(Element.prototype, "innerHTML", {
  ...inner,
  set(html) {
    inner.set.call(this, typeof html === "string" ? html.replace('style="height: 100%"', "") : html);
  },
});

function translate(template, values = {}) {
  const text = document.documentElement.lang === "id" ? (words[template] ?? template) : template;
  return text.replace(/{([^}]+)}/g, (_, key) => values[key] ?? `{${key}}`);
}

function showProblems(modeler, problems) {
  const registry = modeler.get("elementRegistry");
  for (const { element, message } of problems) {
    if (!registry.get(element)) continue;
    const html = Object.assign(create("span"), { className: "pilar-badge", textContent: "!", title: message });
    modeler.get("overlays").add(element, { position: { top: -12, right: 12 }, html });
    modeler.get("canvas").addMarker(element, "pilar-problem");
  }
}

/** The whole diagram, with room for the palette at the left. */
function fitBesidePalette(canvas) {
  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const scale = Math.min(1, (width - 170) / inner.width, (height - 50) / inner.height);
  canvas.viewbox({ x: inner.x - 140 / scale, y: inner.y - 25 / scale, width: width / scale, height: height / scale });
}

/** Links in the list of problems (`data-element`) lead to the element on the canvas. */
function followLinks(modeler) {
  document.addEventListener("click", (event) => {
    const id = event.target.closest?.("[data-element]")?.dataset.element;
    const element = id && modeler.get("elementRegistry").get(id);
    if (!element) return;
    event.preventDefault();
    modeler.get("canvas").scrollToElement(element);
    modeler.get("selection").select(element);
  });
}

async function start(box) {
  const field = document.getElementById(box.dataset.modeler);
  // The panel has fields of its own, which are no answers of this form.
  field.form.before(box);
  const modeler = new Modeler({
    container: box.querySelector("[data-canvas]"),
    propertiesPanel: { parent: box.querySelector("[data-panel]") },
    additionalModules: [{ translate: ["value", translate] }],
  });
  box.hidden = false;
  await modeler.importXML(field.value);
  field.closest("[data-plain]").hidden = true;
  fitBesidePalette(modeler.get("canvas"));
  showProblems(modeler, JSON.parse(box.dataset.problems || "[]"));
  followLinks(modeler);

  let changed = false;
  modeler.get("eventBus").on("commandStack.changed", () => (changed = true));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  // The form goes out with the drawing in its field; until that is written the submit waits.
  field.form.addEventListener("submit", async (event) => {
    if (field.dataset.written) return;
    event.preventDefault();
    field.value = (await modeler.saveXML({ format: true })).xml;
    field.dataset.written = "1";
    changed = false;
    // A form ignores a second submit while the first one's event is still under way.
    setTimeout(() => {
      field.form.requestSubmit(event.submitter);
      delete field.dataset.written;
    });
  });
  box.dataset.ready = "1";
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-modeler]").forEach((box) => {
  start(box).catch(() => box.querySelector("[data-state]")?.removeAttribute("hidden"));
}));
