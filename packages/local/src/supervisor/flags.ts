import { type ParseArgsConfig, parseArgs } from "node:util";
import { SetupError } from "./part.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** Among the options of each command that has a help text; `printHelp` answers it. */
export const HELP_FLAG = { help: { type: "boolean", short: "h" } } as const;

/** Returns the exit code. */
export function printHelp(text: string): number {
  console.log(text);
  return 0;
}

/** Parses the arguments of a command. The error for an unknown flag names the nearest known one. */
export function parseFlags(
  command: string,
  args: string[],
  options: Options,
): { values: Values; positionals: string[] } {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const names = Object.keys(options);
  for (const token of tokens) {
    if (token.kind !== "option" || names.includes(token.name)) continue;
    const meant = nearest(token.name, names);
    const hint = meant === undefined ? "it takes no flags" : `did you mean --${meant}?`;
    throw new SetupError(`${command} has no flag ${token.rawName}: ${hint}`);
  }
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n", 1).join() : String(error);
    const [, option] = /^Option '(--\S+)' argument is ambiguous/.exec(said) ?? [];
    const given = tokens.find((token) => token.kind === "option" && token.rawName === option);
    if (given?.kind === "option")
      throw new SetupError(`${command}: ${option} needs a value behind it, not ${given.value}.`);
    const [, flag] = /^Option '.*(--\S+) <value>'/.exec(said) ?? [];
    throw new SetupError(flag === undefined ? said : `${command}: ${flag} needs a value behind it.`);
  }
}

/** The candidate with the least Levenshtein distance. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)
    .at(0)?.candidate;
}

function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
