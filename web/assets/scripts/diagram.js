// The BPMN viewer: shows where the case stands, the way it has walked, and badges; drag to move, buttons to zoom.
import "bpmn-js/dist/assets/diagram-js.css";
import "../styles/_viewer.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { addZoom } from "./_zoom.js";

// The page's own colours, so that a drawing is as dark or as light as what stands around it.
const COLOURS = { defaultFillColor: "var(--app-paper)", defaultStrokeColor: "var(--app-ink)", defaultLabelColor: "var(--app-ink)" };
const [READABLE, MARGIN, LEAST] = [0.6, 24, 180];

const words = (text) => (text ? text.split(" ").filter(Boolean) : []);

function mark(viewer, ids, marker) {
  const registry = viewer.get("elementRegistry");
  const canvas = viewer.get("canvas");
  for (const id of ids) if (registry.get(id)) canvas.addMarker(id, marker);
}

function badge(viewer, id, className, text, position = { top: -14, left: 8 }) {
  if (!viewer.get("elementRegistry").get(id)) return;
  const html = Object.assign(document.createElement("span"), { className, textContent: text });
  viewer.get("overlays").add(id, { position, html });
}

/** Texts by element, each in a badge. */
function badges(viewer, texts, className, position) {
  for (const [id, text] of Object.entries(JSON.parse(texts || "{}"))) badge(viewer, id, className, text, position);
}

/** Fits the whole diagram; where that would be unreadable, goes close to where the case stands, else to the beginning. */
function look(viewer, here) {
  const [canvas, registry] = [viewer.get("canvas"), viewer.get("elementRegistry")];
  lower(canvas);
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() > READABLE) return;
  const stands = here.map((id) => registry.get(id)).find(Boolean);
  const begins = registry.filter(({ type }) => type === "bpmn:StartEvent").sort((one, other) => one.x - other.x)[0];
  if (stands) goClose(canvas, stands, 0.8, 0.5);
  else if (begins) goClose(canvas, begins, READABLE, 0.15);
}

/** A short drawing needs no tall box. */
function lower(canvas) {
  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const needed = Math.max(inner.height * Math.max(READABLE, Math.min(1, width / inner.width)) + 2 * MARGIN, LEAST);
  if (needed >= height) return;
  canvas.getContainer().closest("[data-canvas]").style.height = `${needed}px`;
  canvas.resized();
}

/** Shows `place` at `scale`, as far from the left as `across` says (0: at the edge, 0.5: in the middle). */
function goClose(canvas, place, scale, across) {
  const [width, height] = [canvas.getSize().width / scale, canvas.getSize().height / scale];
  canvas.viewbox({ x: place.x + place.width / 2 - width * across, y: place.y + place.height / 2 - height / 2, width, height });
}

/** A label is drawn as wide as its own language needs; what is longer here would break inside a word. */
function makeRoom(bounds, text) {
  if (!bounds) return;
  const needed = 7 * Math.max(...text.split(/\s/).map((word) => word.length));
  const missing = needed - bounds.getAttribute("width");
  if (missing <= 0) return;
  bounds.setAttribute("width", needed);
  bounds.setAttribute("x", bounds.getAttribute("x") - missing / 2);
}

/** The drawing in the reader's language: what has an English name carries it as a property, a pool is called as its process. */
function inLanguage(text) {
  if (document.documentElement.lang === "id") return text;
  const drawing = new DOMParser().parseFromString(text, "application/xml");
  for (const english of drawing.querySelectorAll('extensionElements > properties > property[name="label:en"]')) {
    const element = english.closest("extensionElements").parentNode;
    element.setAttribute("name", english.getAttribute("value"));
    makeRoom(drawing.querySelector(`[bpmnElement="${element.id}"] > BPMNLabel > Bounds`), english.getAttribute("value"));
  }
  for (const pool of drawing.querySelectorAll("participant[processRef]")) {
    const process = drawing.querySelector(`process[id="${pool.getAttribute("processRef")}"]`);
    if (process) pool.setAttribute("name", process.getAttribute("name"));
  }
  return new XMLSerializer().serializeToString(drawing);
}

window.pilarDiagram = async (figure) => {
  const container = figure.querySelector("[data-canvas]");
  const response = await fetch(figure.dataset.diagram, { headers: { Accept: "application/xml" } });
  if (!response.ok) throw new Error(String(response.status));
  container.hidden = false;
  const viewer = new NavigatedViewer({ container, bpmnRenderer: COLOURS });
  await viewer.importXML(inLanguage(await response.text()));
  const here = words(figure.dataset.here);
  mark(viewer, words(figure.dataset.done), "pilar-done");
  mark(viewer, words(figure.dataset.flows), "pilar-walked");
  mark(viewer, here, "pilar-here");
  for (const id of here) badge(viewer, id, "pilar-you", figure.dataset.you);
  badges(viewer, figure.dataset.counts, "pilar-count");
  badges(viewer, figure.dataset.badges, "pilar-badge", { top: -14, right: 8 });
  addZoom(figure, viewer.get("canvas"));
  look(viewer, here);
  figure.dataset.ready = "1";
};
