import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { HELP_FLAG, parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { Finding } from "@cloud-design/stage/preflight/finding";
import { preflight, type Target } from "@cloud-design/stage/preflight/preflight";
import { Refusal } from "@cloud-design/stage/refusal";

/** The only folder where SST is installed: it looks for its own packages from the folder in which it is started. */
const STACKS = join(ROOT, "stacks");
const SST_CLI = join(STACKS, "node_modules/sst/cli/sst.js");

export interface StageArguments extends Target {
  /** Only the stacks whose names match, as SST matches them. */
  stack?: string | undefined;
  profile?: string | undefined;
}

/** Those of credentials with which the account was seen. */
export type SeenArguments = StageArguments & { account: string };

/** The flags that say what a stage is made of. */
export const PRESET_FLAGS = { preset: { type: "string" }, with: { type: "string" } } as const;

export type StageVerb = "deploy" | "remove" | "left" | "preflight" | "sleep" | "wake";

/** The arguments that these commands share, checked as SST will check them, and refused with the same sentence. Undefined after `--help`. */
export async function parseStage(
  verb: StageVerb,
  args: string[],
  options: {
    help: string;
    flags?: Parameters<typeof parseFlags>[2];
    report?: (finding: Finding) => void;
  },
): Promise<(StageArguments & { values: ReturnType<typeof parseFlags>["values"] }) | undefined> {
  const { values, positionals } = parseFlags(`npm run ${verb}`, args, {
    stage: { type: "string" },
    region: { type: "string" },
    profile: { type: "string" },
    ...HELP_FLAG,
    ...options.flags,
  });
  if (values.help) {
    console.log(options.help);
    return undefined;
  }
  const [stack, ...more] = positionals;
  if (more.length > 0) throw new SetupError(`npm run ${verb} takes one stack, not ${positionals.join(" ")}.`);
  const text = (name: string) => (values[name] === undefined ? undefined : String(values[name]));
  const profile = text("profile");
  const globals = {
    stage: text("stage"),
    region: text("region") ?? process.env.AWS_REGION,
    profile,
    preset: text("preset"),
    with: text("with"),
    _: [verb],
  };
  const target = await orSentence(() => preflight(globals, options.report));
  return { ...target, stack, profile, values };
}

/** Turns an error of the stacks into the one sentence that a person reads. */
export async function orSentence<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? new SetupError(error.message) : error;
  }
}

interface SstOptions {
  env?: NodeJS.ProcessEnv;
  /** Receives SST's whole output, which is then not shown; without it SST writes to the terminal. */
  logFile?: string;
}

/** Runs the installed SST with these arguments on this Node. Returns its exit code, or `INTERRUPTED`. */
export async function runSst(args: readonly string[], { env, logFile }: SstOptions = {}): Promise<number> {
  if (logFile) mkdirSync(dirname(logFile), { recursive: true });
  const log = logFile ? openSync(logFile, "w") : undefined;
  const child = spawn(process.execPath, [SST_CLI, ...args], {
    cwd: STACKS,
    env: { ...process.env, ...OWN_ENVIRONMENT, ...env },
    stdio: log === undefined ? "inherit" : ["ignore", log, log],
  });
  let isInterrupted = false;
  const forward = (signal: NodeJS.Signals) => {
    isInterrupted = true;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  const [code] = await once(child, "exit");
  for (const signal of SIGNALS) process.off(signal, forward);
  if (log !== undefined) closeSync(log);
  return isInterrupted ? INTERRUPTED : (code ?? 1);
}

/** The exit code of a shell after Ctrl-C. */
export const INTERRUPTED = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const OWN_ENVIRONMENT = {
  // A deployment must be reported to AWS only.
  SST_TELEMETRY_DISABLED: "1",
  // SST runs `npx cdk bootstrap`: this finds the pinned one, on this Node. If it is missing, npx must not fetch another.
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  npm_config_yes: "false",
};

/** Whether the STACK of a command line means the stack of this name, without stage and app: SST takes a part of it, in any case. */
export function isMeant(stack: string, name: string): boolean {
  return new RegExp(stack, "i").test(name);
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
