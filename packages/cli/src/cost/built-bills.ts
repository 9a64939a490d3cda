import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { billOf, type TracedLine } from "@cloud-design/stage/bill/bill";
import { resourcesIn } from "@cloud-design/stage/bill/templates";
import { environmentFiles } from "@cloud-design/stage/environment";
import { PRICED_REGION } from "@cloud-design/stage/prices";
import { PRESETS, type Preset } from "@cloud-design/stage/settings";
import { buildStage } from "../commands/deploy/build.ts";
import { orSentence } from "../sst.ts";

export type BuiltBills = Record<Preset, TracedLine[]>;

const KEPT = join(ROOT, ".sst/bills.json");
/** Everything that may change a template or its price. The generated bill is a result. */
const SOURCES = [
  ".env*",
  "sst.config.ts",
  "pnpm-lock.yaml",
  "stacks/*.ts",
  "stacks/{constructs,watch}/**/*.ts",
  "packages/{core,stage,functions,site}/src/**/*.ts",
  "packages/containers/**/*.ts",
];
const RESULT = "packages/stage/src/bill/idle.ts";

/** The bill of each preset, from templates that are built now, or were built from the same sources. */
export async function builtBills(): Promise<BuiltBills> {
  const sources = hashOfSources();
  const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {};
  if (kept.sources === sources) return kept.bills;
  // The page of a bill goes to standard output, which may be a file.
  const terminal = openTerminal(process.stderr, PRESETS);
  const bills: [Preset, TracedLine[]][] = [];
  for (const preset of PRESETS) refuseChosen(preset);
  for (const preset of PRESETS) {
    terminal.doing(preset, "building templates, which needs no account");
    const assembly = await buildStage(
      { stage: preset, region: PRICED_REGION },
      { PRESET: preset, WITH: "none" },
    );
    if (assembly === undefined) throw new SetupError("Interrupted.");
    const lines = await orSentence(async () => billOf(resourcesIn(assembly)));
    bills.push([preset, lines]);
    terminal.done(preset, "built");
  }
  const built = Object.fromEntries(bills) as BuiltBills;
  mkdirSync(dirname(KEPT), { recursive: true });
  writeFileSync(KEPT, JSON.stringify({ sources, bills: built }));
  return built;
}

/** SST reads these files after this command's own settings, so each bill would be that of the file's preset. */
function refuseChosen(stage: string): void {
  const set = environmentFiles(stage).find(([, { PRESET, WITH }]) => PRESET ?? WITH);
  if (set)
    throw new SetupError(
      `${set[0]} sets PRESET or WITH, and \`npm run cost\` computes each preset: move the line to the file of its stage, as in .env.mine.`,
    );
}

function hashOfSources(): string {
  const hash = createHash("sha256");
  const files = globSync(SOURCES, {
    cwd: ROOT,
    exclude: (name) => name.endsWith("node_modules") || name.endsWith(".test.ts"),
  });
  for (const file of files.sort()) {
    if (file !== RESULT) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex");
}
