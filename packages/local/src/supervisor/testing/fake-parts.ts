import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Part } from "../part.ts";

/** A part as a few lines of JavaScript that call `ready()`, and `note(text)` to leave a line in the journal. */
export interface FakePart
  extends Partial<
    Pick<Part, "port" | "otherPorts" | "copies" | "readySeconds" | "stopSeconds" | "stopAgainSeconds">
  > {
  name: string;
  needs?: string[];
  script: string;
}

/** Becomes ready, writes that to the journal, and writes there when it receives the stop signal. */
export const WELL_BEHAVED = `
  note("start"); ready();
  process.on("SIGTERM", () => { note("stop"); process.exit(0); });`;

export function journalPath(directory: string): string {
  return join(directory, "journal");
}

export function fakePart(directory: string, fake: FakePart): Part {
  const { name, needs = [], script, ...rest } = fake;
  const readyFile = join(directory, `${name}.ready`);
  const prelude = `
    const { appendFileSync, writeFileSync } = require("node:fs");
    const note = (text) => appendFileSync(${JSON.stringify(journalPath(directory))}, ${JSON.stringify(name)} + " " + text + "\\n");
    const ready = () => writeFileSync(${JSON.stringify(readyFile)}, "");
    setInterval(() => {}, 1e6);`;
  return {
    name,
    needs,
    port: 0,
    url: `http://localhost/${name}`,
    prepare: () => rm(readyFile, { force: true }),
    command: () => ({ file: process.execPath, args: ["-e", prelude + script], env: {} }),
    isReady: async () => existsSync(readyFile),
    readySeconds: 10,
    stopSignal: "SIGTERM",
    stopSeconds: 5,
    ...rest,
  };
}
