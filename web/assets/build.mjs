// Builds web/assets into web/static: hashed names, a manifest, and compressed copies beside each file.
//
//   styles/NAME.scss   -> NAME.HASH.css     asset("NAME.css")      files and folders named _… are only imported
//   scripts/NAME.js    -> NAME.HASH.js      asset("NAME.js")       styles that it imports: asset("NAME.css")
//   any other file     -> same folder       asset("icons/x.svg")
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import * as esbuild from "esbuild";
import * as sass from "sass";

const source = dirname(fileURLToPath(import.meta.url));
const project = resolve(source, "../..");
const target = resolve(source, "../static");
const draft = `${target}.new`;
const watching = process.argv.includes("--watch");

const COMPRESSED = new Set([".css", ".js", ".svg", ".json", ".txt", ".webmanifest", ".ico"]);
const SOURCES = new Set([".scss", ".js", ".mjs"]);
const FILE = Object.fromEntries(
  [".svg", ".png", ".jpg", ".webp", ".woff", ".woff2", ".ttf", ".eot"].map((kind) => [kind, "file"]),
);

/** Lets esbuild read .scss; `@use "govuk-frontend/…"` and the like are looked up in node_modules. */
const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const result = sass.compile(path, {
        loadPaths: [join(source, "styles"), join(project, "node_modules")],
        quietDeps: true,
        style: "compressed",
      });
      return {
        contents: result.css,
        loader: "css",
        resolveDir: dirname(path),
        watchFiles: result.loadedUrls.filter((url) => url.protocol === "file:").map((url) => fileURLToPath(url)),
      };
    });
  },
};

/** htm makes diagram-js's menus: it gets the preact that draws them, as two versions of it do not understand each other. */
const onePreact = {
  name: "one-preact",
  setup(build) {
    build.onResolve({ filter: /^preact$/ }, ({ importer, kind }) =>
      importer.includes(`${sep}htm${sep}`)
        ? build.resolve("preact", { kind, resolveDir: join(project, "node_modules/@bpmn-io/diagram-js-ui/lib") })
        : undefined,
    );
  },
};

function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function entries(folder, kind) {
  if (!existsSync(join(source, folder))) return [];
  return readdirSync(join(source, folder))
    .filter((name) => extname(name) === kind && !name.startsWith("_"))
    .map((name) => join(source, folder, name));
}

const withSlashes = (path) => path.split(sep).join("/");

/** Names of what esbuild made: the entry's own file, and the style sheet that a script brought along. */
function builtNames(metafile) {
  const names = {};
  for (const [output, { entryPoint, cssBundle }] of Object.entries(metafile.outputs)) {
    if (!entryPoint || output.endsWith(".map")) continue;
    const stem = basename(entryPoint, extname(entryPoint));
    names[stem + extname(output)] = basename(output);
    if (cssBundle) names[`${stem}.css`] = basename(cssBundle);
  }
  return names;
}

/** Copies pictures, fonts and the like, each under a name that holds its content's hash. */
function copyOthers() {
  const names = {};
  for (const path of files(source)) {
    if (SOURCES.has(extname(path)) || basename(path).startsWith("_") || extname(path) === ".md") continue;
    const name = withSlashes(relative(source, path));
    const kind = extname(name);
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 8);
    names[name] = `${name.slice(0, -kind.length)}.${hash}${kind}`;
    mkdirSync(dirname(join(draft, names[name])), { recursive: true });
    cpSync(path, join(draft, names[name]));
  }
  return names;
}

function compress() {
  for (const path of files(draft)) {
    if (!COMPRESSED.has(extname(path)) || basename(path) === "manifest.json") continue;
    const body = readFileSync(path);
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: body.length > 200_000 ? 9 : 11 } };
    writeFileSync(`${path}.br`, brotliCompressSync(body, quality));
    writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
  }
}

/** Puts the finished folder in place of the old one, so that no page ever meets half a build. */
function publish(names) {
  const sorted = Object.fromEntries(Object.entries(names).sort());
  writeFileSync(join(draft, "manifest.json"), JSON.stringify(sorted, null, 1));
  rmSync(target, { recursive: true, force: true });
  renameSync(draft, target);
}

const finish = {
  name: "finish",
  setup(build) {
    build.onStart(() => rmSync(draft, { recursive: true, force: true }));
    build.onEnd((result) => {
      if (result.errors.length > 0) return;
      mkdirSync(draft, { recursive: true });
      const names = { ...copyOthers(), ...builtNames(result.metafile) };
      compress();
      publish(names);
      console.log(`${Object.keys(names).length} files in web/static`);
    });
  },
};

const context = await esbuild.context({
  absWorkingDir: project,
  entryPoints: [...entries("styles", ".scss"), ...entries("scripts", ".js")],
  outdir: draft,
  entryNames: "[name].[hash]",
  assetNames: "[name].[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: ["es2020"],
  legalComments: "linked",
  loader: FILE,
  logLevel: "warning",
  plugins: [scss, onePreact, finish],
});
if (watching) {
  await context.watch();
} else {
  try {
    await context.rebuild();
  } catch {
    // esbuild has said what is wrong, with file and line.
    process.exitCode = 1;
  }
  await context.dispose();
}
