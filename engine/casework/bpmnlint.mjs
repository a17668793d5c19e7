// bpmnlint's rules over some diagrams: {file: XML} comes in on standard input, a list of findings goes out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { Linter } = require("bpmnlint");
const NodeResolver = require("bpmnlint/lib/resolver/node-resolver.js");
const { BpmnModdle } = require("bpmn-moddle");
const zeebe = require("zeebe-bpmn-moddle/resources/zeebe.json");

// What Pilar's own check says better, or decides otherwise, is left out.
const RULES = {
  "fake-join": "warn",
  global: "warn",
  "label-required": "warn",
  "no-bpmndi": "warn",
  "no-duplicate-sequence-flows": "warn",
  "no-gateway-join-fork": "warn",
  "no-overlapping-elements": "warn",
  "superfluous-gateway": "warn",
  "superfluous-termination": "warn",
};

const moddle = new BpmnModdle({ zeebe });
const linter = new Linter({ config: { rules: RULES }, resolver: new NodeResolver() });
const found = [];
for (const [file, xml] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { rootElement } = await moddle.fromXML(xml);
  for (const [rule, reports] of Object.entries(await linter.lint(rootElement))) {
    for (const { id, message } of reports) found.push({ file, rule, element: id ?? "", message });
  }
}
process.stdout.write(JSON.stringify(found));
