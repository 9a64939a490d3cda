import { createInterface } from "node:readline/promises";
import { SetupError } from "@cloud-design/local/supervisor/part";

/** Asks a question on the terminal; without one, refuses with a sentence that says what --yes would do. */
export async function isConfirmed(question: string, withYes: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SetupError(
      `Without a terminal the command cannot ask for a confirmation: add --yes to ${withYes}.`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-D and Ctrl-C mean no.
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const typed = await Promise.race([terminal.question(`${question} (yes or no) `), closed]);
  terminal.close();
  return /^y(es)?$/i.test(typed.trim());
}
