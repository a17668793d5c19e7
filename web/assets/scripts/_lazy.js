// Heavy parts come when they are needed: a script and its style sheet, once per page.

const loading = {};

/** Loads `data-script` and `data-style` of an element. */
export function load({ dataset: { script: src, style: href } }) {
  loading[src] ||= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    const script = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
    document.head.append(style, script);
  });
  return loading[src];
}
