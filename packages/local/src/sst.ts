import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { preflight, type Target } from "../../../stacks/shared/preflight.ts";
import { Refusal } from "../../../stacks/shared/refusal.ts";
import { parseFlags } from "./flags.ts";
import { SetupError } from "./part.ts";
import { ROOT } from "./settings.ts";

/** Where SST is installed, and nowhere else: it looks for its own packages from the folder that it is started in. */
const STACKS = join(ROOT, "stacks");
export const SST_CLI = join(STACKS, "node_modules/sst/cli/sst.js");

export interface StageArguments extends Target {
  /** Only the stacks whose names match, as SST has it. */
  stack?: string | undefined;
  profile?: string | undefined;
}

/** What `deploy` and `remove` take in common: checked as SST will check it, or refused with the same sentence. Nothing when it was only `--help`. */
export async function parseStage(
  verb: "deploy" | "remove",
  args: string[],
  { help, flags = {} }: { help: string; flags?: Parameters<typeof parseFlags>[2] },
): Promise<(StageArguments & { values: ReturnType<typeof parseFlags>["values"] }) | undefined> {
  const { values, positionals } = parseFlags(`npm run ${verb}`, args, {
    stage: { type: "string" },
    region: { type: "string" },
    profile: { type: "string" },
    help: { type: "boolean", short: "h" },
    ...flags,
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const [stack, ...more] = positionals;
  if (more.length > 0) throw new SetupError(`npm run ${verb} takes one stack, not ${positionals.join(" ")}.`);
  const text = (name: string) => (values[name] === undefined ? undefined : String(values[name]));
  const profile = text("profile");
  const globals = { stage: text("stage"), region: text("region"), profile, _: [verb] };
  const target = await preflight(globals).catch((error: unknown) => {
    throw error instanceof Refusal ? new SetupError(error.message) : error;
  });
  return { ...target, stack, profile, values };
}

/** Runs the installed SST as if it had been typed, on this Node, and gives its exit code. */
export async function runSst(args: readonly string[]): Promise<number> {
  // No word about a deployment to anybody but AWS.
  const env = { ...process.env, SST_TELEMETRY_DISABLED: "1" };
  const child = spawn(process.execPath, [SST_CLI, ...args], { cwd: STACKS, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  return code ?? 1;
}

export function sstArguments(verb: string, { stack, stage, region, profile }: StageArguments): string[] {
  return [
    verb,
    ...(stack ? [stack] : []),
    ...["--stage", stage],
    ...["--region", region],
    ...(profile ? ["--profile", profile] : []),
  ];
}
