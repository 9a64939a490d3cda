import { SetupError } from "../supervisor/part.ts";

/**
 * Another platform of the same clone, as a second deployment of a store beside the first (Azure's "Deployment Stamps"): it
 * shares the code and nothing else. Its letter gives it a directory and a hundred ports of its own.
 */
const FLAG = "--stamp";
/** Above those of a second clone (`--ports 20000`), and all of them below the ports that Linux assigns. */
const FIRST_PORT = 20_000;
const PORTS_EACH = 100;

/** The letter that `--stamp` chose for this process. */
export function chosenStamp(): string | undefined {
  return process.env.CLOUD_DESIGN_STAMP;
}

/** Takes `--stamp b` out of a command's arguments, and lets this process work on that platform. */
export function chooseStamp(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => arg === FLAG || arg.startsWith(`${FLAG}=`));
  const flag = args[at];
  if (flag === undefined) return [...args];
  const isApart = flag === FLAG;
  const letter = (isApart ? args[at + 1] : flag.slice(FLAG.length + 1)) ?? "";
  if (!/^[b-z]$/.test(letter))
    throw new SetupError(
      `${FLAG} takes one letter from b to z, not "${letter}": without it a command works on the first platform.`,
    );
  process.env.CLOUD_DESIGN_STAMP = letter;
  return args.toSpliced(at, isApart ? 2 : 1);
}

/** The first port of a stamp. */
export function portOf(stamp: string): number {
  return FIRST_PORT + PORTS_EACH * (stamp.charCodeAt(0) - "a".charCodeAt(0));
}

/** The command as a person types it for the platform on which this process works. */
export function withStamp(command: string): string {
  const stamp = chosenStamp();
  if (stamp === undefined) return command;
  return `${command}${command.includes(" -- ") ? "" : " --"} ${FLAG} ${stamp}`;
}
