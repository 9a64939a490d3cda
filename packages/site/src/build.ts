// A program: builds the site from the current sources.
import { globSync, readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FIRST_STATUS_PAGE, parseIncidents } from "@cloud-design/status";
import { buildAssets } from "@cloud-design/status/assets";
import { putInPlace } from "./put-in-place.ts";
import { BUILT, runNode, SITE, siteDirectory } from "./site-directory.ts";
import { ROOT } from "./workspace.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

const directory = siteDirectory();
// First, because a mistake in one of them shows at once: it ends the build with the sentence that names it.
const incidents = readIncidentFiles();
await mkdir(BUILT, { recursive: true });
const temporary = await mkdtemp(join(BUILT, "build-"));
const cache = await mkdtemp(join(BUILT, "cache-"));
process.env.SITE_CACHE = cache;
try {
  const astro = fileURLToPath(import.meta.resolve("astro/package.json"));
  // With --force: Astro's own cache of pages does not depend on the plugins that rendered them.
  const flags = ["--force", "--root", SITE, "--outDir", temporary];
  await runNode(join(astro, "../bin/astro.mjs"), "build", ...flags);
  await addStatus(temporary);
  await addContract(temporary);
  await putInPlace(temporary, directory);
} finally {
  for (const path of [temporary, cache]) await rm(path, { recursive: true, force: true });
}
await removeOld(directory);

function readIncidentFiles() {
  const files = globSync("docs/incidents/*.md", { cwd: ROOT }).filter(
    (file) => basename(file) !== "README.md",
  );
  try {
    return parseIncidents(files.map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") })));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** The files of the status page, and its content before the probe has run for the first time. */
async function addStatus(directory: string): Promise<void> {
  const { css, script } = await buildAssets();
  const assets = { css: css.name, script: script.name };
  const files = {
    [css.name]: css.content,
    [script.name]: script.content,
    "assets.json": JSON.stringify(assets),
    "incidents.json": JSON.stringify(incidents),
    "index.html": FIRST_STATUS_PAGE,
  };
  await mkdir(join(directory, "status"));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(directory, "status", name), content);
}

/** The documents that clients load or import. */
async function addContract(directory: string): Promise<void> {
  for (const name of ["openapi.json", "asyncapi.json", "postman_collection.json", "requests.http"])
    await copyFile(join(ROOT, "packages/client", name), join(directory, name));
}

/** Removes sites of earlier sources. A platform that started within the last week may still serve one. */
async function removeOld(current: string): Promise<void> {
  const names = globSync("*", { cwd: BUILT }).filter((name) => name !== basename(current));
  for (const path of names.map((name) => join(BUILT, name))) {
    // biome-ignore lint/plugin: files carry wall time.
    if (Date.now() - statSync(path).mtimeMs > WEEK_MS) await rm(path, { recursive: true, force: true });
  }
}
