import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { movedPorts, PORT_NAMES, ROOT } from "@cloud-design/local/platform/settings";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { expect } from "vitest";
import * as z from "zod";
import type { Step } from "./pages.ts";

const Ports = z.object({ ports: z.record(z.enum(PORT_NAMES), z.number()) });

/** A command or address of the documentation, with the ports of the platform in this directory. */
export function onPlatform(directory: string, text: string): string {
  const moved = movedPorts(Ports.parse(readPlatform(directory)).ports);
  return text.replaceAll(/localhost:(\d+)/g, (address, port) =>
    moved[port] === undefined ? address : `localhost:${moved[port]}`,
  );
}

/** Types the commands of a page at the platform in this directory, as its reader would, and compares the answers. */
export async function typePage(steps: readonly Step[], directory: string): Promise<void> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory };
  let variables = "";
  const stopped = new Set<string>();

  async function type(command: string): Promise<string> {
    const script = variables + onPlatform(directory, command);
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: ROOT, env });
    return stdout;
  }

  try {
    for (const { command, answer } of steps) {
      const [, variable] = /^([A-Z]+)=\$\(/.exec(command) ?? [];
      const [, change, part = ""] = /ops -- (stop|start) ([\w-]+)/.exec(command) ?? [];
      if (change === "stop") stopped.add(part);
      if (change === "start") stopped.delete(part);
      if (variable !== undefined) {
        const value = (await type(`${command}; echo "$${variable}"`)).trim();
        expect(value, command).toMatch(/^\S+$/);
        variables += `${variable}=${value}; `;
      } else if (answer !== "" && isQuestion(command)) {
        // A row appears a moment after its order was accepted.
        await expect
          .poll(async () => normalise(await type(command)), { timeout: 20_000, message: command })
          .toBe(normalise(answer));
      } else {
        const said = await type(command);
        if (answer !== "") expect(normalise(said), command).toBe(normalise(answer));
      }
    }
  } finally {
    for (const part of stopped) await type(`npm run -s ops -- start ${part}`);
  }
}

/** Whether a command can be repeated without changing anything. */
function isQuestion(command: string): boolean {
  return /ops -- (sql|trace)/.test(command) || (command.startsWith("curl") && !/ -(d|X) /.test(command));
}

/** Ids, times and ports differ from run to run; white space depends on the terminal. */
function normalise(text: string): string {
  return text
    .replaceAll(/ord_[\w-]{40}/g, "ord_ID")
    .replaceAll(/"id":\d+/g, '"id":N')
    .replaceAll(/\/api\/movies\/\d+/g, "/api/movies/N")
    .replaceAll(/cursor=[\w-]+/g, "cursor=C")
    .replaceAll(/"latency_ms":\d+/g, '"latency_ms":N')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| UTC)/g, "TIME")
    .replaceAll(/^trace +[\da-f]{32}/gm, "trace ID")
    .replaceAll(/\b[\d.]+ (ms|s)\b/g, "DURATION")
    .replaceAll(/[▏▎▍▌▋▊▉█░]+/g, "BAR")
    .replaceAll(/(localhost|127\.0\.0\.1):\d+/g, "localhost:PORT")
    .replaceAll(/\s+/g, "");
}
