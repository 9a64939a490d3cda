import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runPnpm } from "../pnpm.ts";

const HELP = `npm run audit:deps [-- FLAG...]
  --all         tools and tests as well; without it only the packages that run in production
ends with 0: no problem is known, 1: a problem is known, 2: the registry did not answer`;

const NOT_KNOWN = 2;

interface Question {
  args: string[];
  good: string;
  bad: string;
  /** Matches pnpm's output if the check was made and failed, not if the registry did not answer. */
  isAnswer: RegExp;
}

/** `npm run audit:deps`: asks the registry about exactly the versions of the lockfile. */
export function run(args: string[]): Promise<number> {
  return audit(args, runPnpm);
}

/** The same with a given pnpm. Resolves with the exit code. */
export async function audit(args: string[], pnpm: typeof runPnpm): Promise<number> {
  const { values, positionals } = parseFlags("npm run audit:deps", args, {
    all: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (positionals[0] !== undefined)
    throw new SetupError(`npm run audit:deps takes no argument ${positionals[0]}.`);
  if (values.help) return printHelp(HELP);
  const codes = [await ask(vulnerabilities(values.all === true), pnpm), await ask(AGES, pnpm)];
  return codes.includes(1) ? 1 : Math.max(...codes);
}

function vulnerabilities(all: boolean): Question {
  const what = all ? "any package" : "a package that runs in production";
  return {
    args: ["audit", "--audit-level", "high", ...(all ? [] : ["--prod"])],
    good: `No vulnerability of severity high or critical is known in ${what}.`,
    bad: `A vulnerability of severity high or critical is known in ${what}.`,
    isAnswer: /^Severity: /m,
  };
}

const AGES: Question = {
  // Reads and compares, but installs nothing.
  args: ["install", "--frozen-lockfile", "--lockfile-only", "--config.trustLockfile=false"],
  good: "Each version in the lockfile is as old as pnpm-workspace.yaml asks.",
  bad: "The lockfile has a version that is younger than pnpm-workspace.yaml asks.",
  isAnswer: /ERR_PNPM_MINIMUM_RELEASE_AGE_VIOLATION/,
};

/** Prints the answer in one sentence, and returns the exit code for it. */
async function ask({ args, good, bad, isAnswer }: Question, pnpm: typeof runPnpm): Promise<number> {
  // The caller can run the command again; pnpm's own retries take more than a minute.
  const { code, said } = await pnpm([...args, "--config.fetchRetries=0"]);
  if (code === 0) {
    console.log(good);
    return 0;
  }
  console.error(said);
  const isKnown = isAnswer.test(said);
  console.error(isKnown ? bad : "The registry gave no answer, so nothing is known, neither good nor bad.");
  return isKnown ? 1 : NOT_KNOWN;
}
