// What the properties panel says without asking for a translation: titles and a few texts, put right as they appear.
const TEXTS = new Set(["<empty>", "Create", "JSON contains errors", "Opened in editor", "Unparsable FEEL expression."]);
const COUNTED = /^List contains (\d+) items?$/;

/** Keeps titles and texts below `root` in the language of `translate(template, values)`. */
export function keepTranslated(root, translate) {
  const said = (text) => {
    const count = COUNTED.exec(text)?.[1];
    return count ? translate("List contains {numOfItems} items", { numOfItems: count }) : translate(text);
  };
  const put = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      // Setting what is there already would call the observer again, for ever.
      if (TEXTS.has(node.data) && said(node.data) !== node.data) node.data = said(node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const title = node.getAttribute("title");
      if (title && said(title) !== title) node.setAttribute("title", said(title));
      node.childNodes.forEach(put);
    }
  };
  put(root);
  new MutationObserver((records) =>
    records.forEach(({ type, target, addedNodes }) => (type === "childList" ? addedNodes.forEach(put) : put(target))),
  ).observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: ["title"] });
}
