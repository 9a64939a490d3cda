import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./workspace.ts";

export const SITE = join(ROOT, "packages/site");
export const BUILT = join(SITE, "dist");

/** The sources of the pages. */
const SOURCES = ["docs/**", "packages/{site,contract,client,status}/{*,src/**,public/**}", "pnpm-lock.yaml"];

/** The folder of the site that the current sources give, once it is built: the laptop's site, or that of the stage with this sign-in page. */
export function siteDirectory(signInUrl = ""): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
    const path = join(ROOT, file);
    if (statSync(path).isFile()) hash.update(file).update("\0").update(readFileSync(path));
  }
  return join(BUILT, hash.update(signInUrl).digest("hex").slice(0, 16));
}

/**
 * Builds the whole site unless it exists; resolves with its folder. The build runs in a process of its own, since SST's bundle cannot contain
 * the builders. Throws with their output. With the address of a stage's sign-in page, the documents for clients name that address.
 */
export async function buildSite(report: (doing: string) => void, signInUrl?: string): Promise<string> {
  const built = await unlessBuilt(siteDirectory(), async () => {
    report("building the pages");
    await runNode(join(SITE, "src/build.ts"));
  });
  if (signInUrl === undefined) return built;
  return unlessBuilt(siteDirectory(signInUrl), () => runNode(join(SITE, "src/build-stage.ts"), signInUrl));
}

async function unlessBuilt(directory: string, build: () => Promise<void>): Promise<string> {
  if (!existsSync(directory)) await build();
  // The modification time tells the next build that the site is in use.
  utimesSync(directory, new Date(), new Date());
  return directory;
}

/** Paths of the pages on the host: `/`, `/deploy`, ... */
export function pagesIn(directory: string): string[] {
  return globSync("**/index.html", { cwd: directory })
    .map((file) => `/${file.slice(0, -"index.html".length)}`.replace(/(?<=.)\/$/, ""))
    .sort();
}

/** Runs a program of the build to its end; throws with its last output when it fails. */
export async function runNode(...args: string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    // NODE_ENV=test would leave the search out.
    env: { ...process.env, NODE_ENV: "production", ASTRO_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
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
  throw new Error(`The pages could not be built:\n${said.trimEnd().split("\n").slice(-15).join("\n")}`);
}
