// The drawing editor's parts: bpmn-js with the properties panel for `zeebe:` extensions, FEEL included. Left out is what
// this engine has no use for: element templates, listeners, ad-hoc subprocesses, another vendor's tooltips.
import BpmnModeler from "bpmn-js/lib/Modeler";
import copyPaste from "bpmn-js-native-copy-paste";
import { CreateAppendAnythingModule } from "bpmn-js-create-append-anything";
import executableFix from "bpmn-js-executable-fix";
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  ZeebePropertiesProviderModule,
} from "bpmn-js-properties-panel";
import behaviors from "camunda-bpmn-js-behaviors/lib/camunda-cloud";
import grid from "diagram-js-grid";
import minimap from "diagram-js-minimap";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";

const UNUSED = ["Zeebe__ExecutionListeners", "Zeebe__TaskListeners", "adHocSubProcessImplementation", "activeElements"];
const LAST = 100;

/** Takes the groups out of the panel that the engine would not read. */
class UsedGroups {
  static $inject = ["propertiesPanel"];

  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(LAST, this);
  }

  getGroups() {
    return (groups) => groups.filter(({ id }) => !UNUSED.includes(id));
  }
}

/** A modeler in `canvas` with its panel in `panel`, speaking through `translate(template, values)`. */
export function makeModeler(canvas, panel, translate) {
  return new BpmnModeler({
    container: canvas,
    propertiesPanel: { parent: panel },
    moddleExtensions: { zeebe },
    additionalModules: [
      minimap,
      grid,
      copyPaste,
      executableFix,
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      ZeebePropertiesProviderModule,
      behaviors,
      CreateAppendAnythingModule,
      { __init__: ["usedGroups"], usedGroups: ["type", UsedGroups] },
      { translate: ["value", translate] },
    ],
  });
}
