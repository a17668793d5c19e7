// The analyst's BPMN editor: the modeler with its FEEL-aware panel, checked while one draws, saved on demand.
import "camunda-bpmn-js/dist/assets/base-modeler.css";
import "../styles/_modeler.css";
import "../styles/_viewer.css";

import { makeModeler } from "./_modeler.js";
import { translate } from "./_modeler_words.js";
import { keepTranslated } from "./_panel_words.js";
import { csrfToken } from "./_shared.js";
import { addZoom } from "./_zoom.js";

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

const SOON = 1500;

/** Sends the drawing to the server as a form; the answer is JSON. Raises when it is refused. */
async function send(address, fields) {
  const response = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRF-Token": csrfToken(), Accept: "application/json" },
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

const READABLE = 0.6;
const ROOMY = 700;

/** The diagram beside the palette: whole if that can be read, else where it begins, with the minimap as a guide. */
function show(modeler) {
  const canvas = modeler.get("canvas");
  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const whole = Math.min(1, (width - 170) / inner.width, (height - 50) / inner.height);
  const scale = Math.max(READABLE, whole);
  const starts = modeler.get("elementRegistry").filter(({ type }) => type === "bpmn:StartEvent");
  const first = starts.sort((one, other) => one.x - other.x)[0];
  const top = inner.y - 25 / scale;
  const y = scale > whole && first ? Math.max(top, first.y - height / scale / 2) : top;
  canvas.viewbox({ x: inner.x - 140 / scale, y, width: width / scale, height: height / scale });
  if (scale > whole && width > ROOMY) modeler.get("minimap").open();
}

/** The list of findings under the drawing, and a mark on each element that one is about. */
function showFindings(box, modeler, findings) {
  const [registry, canvas, overlays] = ["elementRegistry", "canvas", "overlays"].map((name) => modeler.get(name));
  overlays.remove({ type: "finding" });
  registry.forEach(({ id }) => canvas.removeMarker(id, "pilar-problem"));
  const items = findings.map(({ severity, element, where, reason, mend }) => {
    const item = Object.assign(create("li"), { className: `app-findings__item app-findings__item--${severity}` });
    const tone = { error: "red", warning: "amber" }[severity] ?? "neutral";
    const tag = Object.assign(create("strong"), { className: `app-tag app-tag--${tone}` });
    tag.textContent = { error: box.dataset.error, warning: box.dataset.warning }[severity] ?? box.dataset.note;
    const place = registry.get(element);
    const about = Object.assign(create(place ? "button" : "b"), { textContent: where });
    if (place) {
      about.type = "button";
      about.className = "app-findings__place";
      about.addEventListener("click", () => {
        canvas.scrollToElement(place);
        modeler.get("selection").select(place);
      });
      canvas.addMarker(element, "pilar-problem");
      const html = Object.assign(create("span"), { className: "pilar-badge", textContent: "!", title: reason });
      overlays.add(element, "finding", { position: { top: -12, right: 12 }, html });
    }
    item.append(tag, " ", about, `: ${reason}. `, Object.assign(create("span"), { className: "app-hint", textContent: mend ?? "" }));
    return item;
  });
  if (!items.length) items.push(Object.assign(create("li"), { textContent: box.dataset.clean }));
  box.querySelector("[data-editor-findings]").replaceChildren(...items);
}

/** What cannot be saved can at least be taken home. */
function offerDownload(state, xml) {
  const file = URL.createObjectURL(new Blob([xml], { type: "application/xml" }));
  const link = Object.assign(create("a"), { href: file, download: "diagram.bpmn", textContent: "diagram.bpmn" });
  state.append(" ", link);
}

window.pilarEditor = async (box) => {
  const state = box.querySelector("[data-editor-state]");
  const [canvas, panel] = ["[data-editor-canvas]", "[data-editor-panel]"].map((part) => box.querySelector(part));
  const modeler = makeModeler(canvas, panel, translate);
  keepTranslated(document.body, translate);
  const answer = await fetch(box.dataset.file, { headers: { Accept: "application/xml" } });
  await modeler.importXML(await answer.text());
  show(modeler);
  addZoom(box.querySelector("[data-editor-canvas]"), modeler.get("canvas"));
  let changed = false;
  let soon = 0;

  const drawing = async () => (await modeler.saveXML({ format: true })).xml;
  const check = async () => {
    const { findings } = await send(box.dataset.check, { body: await drawing() });
    showFindings(box, modeler, findings);
  };
  async function save() {
    const xml = await drawing();
    state.textContent = box.dataset.saving;
    try {
      box.dataset.rev = (await send(box.dataset.save, { body: xml, rev: box.dataset.rev, json: "1" })).rev;
      changed = false;
      state.textContent = box.dataset.saved;
      state.dataset.state = "saved";
    } catch {
      state.textContent = box.dataset.failed;
      state.dataset.state = "failed";
      offerDownload(state, xml);
    }
  }

  modeler.get("eventBus").on("commandStack.changed", () => {
    changed = true;
    state.textContent = box.dataset.unsaved;
    state.dataset.state = "waiting";
    clearTimeout(soon);
    soon = setTimeout(check, SOON);
  });
  document.getElementById("editor-save").addEventListener("click", save);
  addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save();
  });
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  await check();
  box.dataset.ready = "1";
};
