import { globSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runPnpm } from "../pnpm.ts";

const FORMAT = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--prod"];
/** The packages in the images of both services, and in all functions. */
const DEPLOYED = ["@cloud-design/containers", "@cloud-design/functions"];

/** `npm run sbom`: lists the third-party packages that this repository runs. */
export async function run(args: string[]): Promise<number> {
  const { positionals } = parseFlags("npm run sbom", args, {});
  if (positionals[0] !== undefined) throw new SetupError(`npm run sbom takes no argument ${positionals[0]}.`);
  for (const file of await writeSboms(join(ROOT, "dist/sbom"))) console.log(relative(ROOT, file));
  return 0;
}

/** One bill of materials (CycloneDX) for the whole workspace, and one for each package that runs on AWS. Resolves with the files. */
export async function writeSboms(directory: string): Promise<string[]> {
  mkdirSync(directory, { recursive: true });
  const filters = DEPLOYED.flatMap((name) => ["--filter", name]);
  // One after the other: if npx does not have pnpm yet, two at once would fetch it into the same place.
  for (const what of [
    ["--out", join(directory, "cloud-design.cdx.json")],
    ["--split", ...filters, "--out", join(directory, "%s.cdx.json")],
  ]) {
    const { code, said } = await runPnpm([...FORMAT, ...what]);
    if (code !== 0) throw new SetupError(`pnpm could not write it:\n${said}`);
  }
  return globSync(join(directory, "*.cdx.json")).sort();
}
