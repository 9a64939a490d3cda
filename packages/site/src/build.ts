import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseIncidents, renderPage } from "@cloud-design/status";
import { buildAssets } from "@cloud-design/status/assets";

/** From the root, where every command runs: in SST's bundle a module does not know its own place. */
const SITE = realpathSync("packages/site");
const ROOT = join(SITE, "../..");
const BUILT = join(SITE, "dist");
const DAY_MS = 24 * 60 * 60 * 1_000;

/** What the pages are made of. */
const SOURCES = ["docs/**", "packages/{site,client,status}/{*,src/**,public/**}", "pnpm-lock.yaml"];

/** Where the site that these very sources give is, once it is built. */
export function siteDirectory(): string {
  return join(BUILT, hashOfSources());
}

/** Builds the whole site, unless that has been done; resolves with its folder. Throws with what the build said. */
export async function buildSite(): Promise<string> {
  const directory = siteDirectory();
  if (existsSync(directory)) return directory;
  await mkdir(BUILT, { recursive: true });
  const temporary = await mkdtemp(join(BUILT, "build-"));
  await astroBuild(temporary);
  await addStatus(temporary);
  await addContract(temporary);
  // Whoever built the same at the same time and was first has won.
  await rename(temporary, directory).catch(() => rm(temporary, { recursive: true }));
  await removeOld(directory);
  return directory;
}

/** Paths of the pages, as they stand behind the host: `/`, `/deploy`, ... */
export function pagesIn(directory: string): string[] {
  return globSync("**/index.html", { cwd: directory })
    .map((file) => `/${file.slice(0, -"index.html".length)}`.replace(/(?<=.)\/$/, ""))
    .sort();
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
    const path = join(ROOT, file);
    if (statSync(path).isFile()) hash.update(file).update("\0").update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

async function astroBuild(directory: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const astro = join(SITE, "node_modules/astro/bin/astro.mjs");
  const child = spawn(process.execPath, [astro, "build", "--outDir", directory], {
    cwd: SITE,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  child.once("error", reject).once("close", resolve);
  if ((await promise) === 0) return;
  await rm(directory, { recursive: true });
  throw new Error(`The pages could not be built:\n${said.trimEnd().split("\n").slice(-15).join("\n")}`);
}

/** What the status page is made of, and how it looks before the probe has run for the first time. */
async function addStatus(directory: string): Promise<void> {
  const { css, script } = await buildAssets();
  const assets = { css: css.name, script: script.name };
  const incidents = parseIncidents(
    globSync("docs/incidents/*.md", { cwd: ROOT })
      .filter((file) => basename(file) !== "README.md")
      .map((file) => ({ name: basename(file), text: readFileSync(join(ROOT, file), "utf8") })),
  );
  const files = {
    [css.name]: css.content,
    [script.name]: script.content,
    "assets.json": JSON.stringify(assets),
    "incidents.json": JSON.stringify(incidents),
    "index.html": renderPage({ incidents, now: Date.now(), assets }),
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

/** What earlier sources gave; a platform that started today may still serve it. */
async function removeOld(current: string): Promise<void> {
  const names = globSync("*", { cwd: BUILT }).filter((name) => name !== basename(current));
  for (const path of names.map((name) => join(BUILT, name))) {
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) await rm(path, { recursive: true, force: true });
  }
}
