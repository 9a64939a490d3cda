import { chooseStamp } from "@cloud-design/local/platform/stamp";
import { nearest } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";

/** A command: what to type, what it does, and the module that does it. */
export interface Command {
  usage: string;
  about: string;
  /** Whether it works on a platform of this clone, which `--stamp` may choose. */
  takesStamp?: true;
  load: () => Promise<{ run(args: string[]): Promise<number> }>;
}

/** Runs the command that the first argument names, or lists them all. Returns the exit code. */
export async function dispatch(commands: Record<string, Command>, args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(list(commands));
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return (await command.load()).run(command.takesStamp ? chooseStamp(rest) : rest);
  const meant = nearest(name, Object.keys(commands));
  throw new SetupError(`There is no command ${name}: did you mean ${meant}?\n${list(commands)}`);
}

function list(commands: Record<string, Command>): string {
  const all = Object.values(commands);
  const width = Math.max(...all.map(({ usage }) => usage.length));
  return all.map(({ usage, about }) => `  ${usage.padEnd(width)}  ${about}`).join("\n");
}
