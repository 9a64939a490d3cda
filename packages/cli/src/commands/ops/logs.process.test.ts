import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { lastLines, logFileOf } from "@cloud-design/local/supervisor/log-file";
import { writePlatform } from "@cloud-design/local/supervisor/platform-file";
import { expect, test } from "vitest";

test("the end of a log has the requested number of lines, and begins with a whole line", async () => {
  await using directory = await temporaryDirectory();
  const log = join(directory.path, "long.log");
  const lines = Array.from(
    { length: 20_000 },
    (_, number) => `{"line":${number},"of":"a log of some length"}`,
  );
  writeFileSync(log, `${lines.join("\n")}\n`);
  for (const count of [1, 5_000, 19_999, 50_000]) expect(lastLines(log, count)).toEqual(lines.slice(-count));
});

test("a pipe gets all lines", async () => {
  await using directory = await temporaryDirectory();
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number} of a log of some length`);
  const last = lastOf(directory.path, lines.join("\n"));
  expect(await last("19000")).toBe(`${lines.slice(1_000).join("\n")}\n`);
});

test("`ops logs` shows the lines of a log, and escapes characters that command a terminal", async () => {
  await using directory = await temporaryDirectory();
  const last = lastOf(directory.path, "first\n\u001b]0;renamed\u0007\u001b[2Jgone\r\n\u009b31mé 漢\n");
  expect(await last("0")).toBe("");
  expect(await last("2")).toBe("\\u001b]0;renamed\\u0007\\u001b[2Jgone\\u000d\n\\u009b31mé 漢\n");
});

/** The output of `ops logs -n` for a platform whose RabbitMQ has logged this. */
function lastOf(directory: string, said: string): (lines: string) => Promise<string> {
  const log = logFileOf(directory, "rabbitmq");
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, said);
  writePlatform(directory, {
    version: 1,
    supervisor: { pid: 0, startedAt: "" },
    state: "stopped",
    startedAt: new Date(0).toISOString(),
    control: "",
    parts: {
      rabbitmq: {
        state: "stopped",
        pid: null,
        startedAt: null,
        port: 0,
        url: "",
        log,
        restarts: 0,
        stopSignal: "SIGTERM",
      },
    },
  });
  const cli = join(import.meta.dirname, "../../cli.ts");
  const options = { env: { ...process.env, CLOUD_DESIGN_LOCAL: directory }, maxBuffer: 10_000_000 };
  return async (lines) => {
    const args = [cli, "ops", "logs", "rabbitmq", "-n", lines];
    return (await promisify(execFile)(process.execPath, args, options)).stdout;
  };
}
