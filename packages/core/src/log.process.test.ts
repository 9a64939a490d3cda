import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { LOG_FIELDS, type LogFields, LogLine } from "./log-line.ts";
import { LIST_MAX, TEXT_MAX } from "./logged-text.ts";

/** Runs a process with a log and this script; returns its output and how it ended. */
function written(script: string, env: Record<string, string> = {}, output: "pipe" | number = "pipe") {
  const path = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  const code = `
    import { createLog } from ${path("log.ts")};
    import { writeTogether } from ${path("log-output.ts")};
    import { logProcess } from ${path("log-process.ts")};
    const log = createLog("test");
    logProcess(log);
    ${script}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
    stdio: ["ignore", output, "pipe"],
    timeout: 20_000,
    maxBuffer: 64 * 1_024 * 1_024,
  });
  return { lines: (stdout ?? "").split("\n").slice(0, -1), stdout, stderr, status };
}

const parsed = (lines: readonly string[]) => lines.map((line) => LogLine.parse(JSON.parse(line)));

/** JavaScript expressions for hostile values, each logged as a field and as a message. */
const EVIL = {
  "control characters": '"a\\r\\n\\u0000\\u001b[2J\\u009b1m{\\"level\\":\\"info\\"}\\n"',
  "a character that some readers take for a line end": '"a\\u2028b\\u2029c\\u0085d\\u000be\\u000cf"',
  "half a surrogate pair": '"a\\ud800b\\udc00"',
  "a surrogate pair across the bound": `"${"a".repeat(TEXT_MAX - 2)}🎬🎬"`,
  "a megabyte": '"\\u0001".repeat(1_048_576)',
  "a circle": "(() => { const circle = { a: 1 }; circle.self = circle; return circle; })()",
  "a list of cyclic objects": "(() => { const list = ['x']; list.push(list); return list; })()",
  "a getter that throws": "({ get a() { throw new Error('no'); }, toJSON() { throw new Error('no'); } })",
  "a proxy that throws on every access": "new Proxy({}, { get() { throw new Error('no'); } })",
  "a number that JSON cannot express": "1 / 0",
  "a bigint": "10n",
  "a symbol": "Symbol('x')",
  "a function": "() => 1",
  null: "null",
  "an error that cannot be read":
    "Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('no'); } })",
  "an error without a prototype": "Object.setPrototypeOf(new Error('x'), null)",
  "an error with megabytes":
    "Object.assign(new Error('\\u2028\\n    at x\\n'.repeat(100_000)), { code: 'x'.repeat(1_048_576), cause: new Error('y'.repeat(1_048_576)) })",
  "an error with a wrong type in code and stack": "Object.assign(new Error('x'), { code: NaN, stack: 5 })",
};

describe("a log", () => {
  test("writes one line of the schema under 256 KB per call, whatever the values", () => {
    const names = JSON.stringify(Object.keys(LOG_FIELDS));
    const { lines, stderr, status } = written(`
      for (const evil of [${Object.values(EVIL).join(",\n")}]) {
        log.info(Object.fromEntries(${names}.map((name) => [name, evil])), "every field");
        log.info({ unwell: [evil, evil] }, "a list");
        log.warn({ err: evil }, "an error");
        log.error(evil, "all fields at once");
        log.info({ port: 1 }, evil);
        log.info(evil);
      }`);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(lines).toHaveLength(6 * Object.keys(EVIL).length);
    for (const [index, line] of lines.entries()) {
      const name = Object.keys(EVIL)[Math.floor(index / 6)];
      expect(LogLine.safeParse(JSON.parse(line)).error, name).toBeUndefined();
      expect(Buffer.byteLength(line), name).toBeLessThan(256 * 1_024);
      expect(/[\p{Cc}\u2028\u2029]/u.test(line), name).toBe(false);
      expect(/\\ud[89a-f]/i.test(line), name).toBe(false);
    }
  });

  test("leaves out a field that throws when it is read, and writes the line", () => {
    const { lines } = written(`
      log.info({ get path() { throw new Error("no"); }, method: "GET" }, "read");`);
    expect(parsed(lines)).toMatchObject([{ message: "read", method: "GET" }]);
    expect(lines[0]).not.toContain("path");
  });

  test("cuts long texts and marks the cut", () => {
    const { lines } = written(`
      log.info({ path: "x".repeat(${TEXT_MAX}), reason: "y".repeat(${TEXT_MAX + 1}), late: Array(100).fill("z") }, "w".repeat(9_999));`);
    const [line] = parsed(lines);
    expect(line?.path).toBe("x".repeat(TEXT_MAX));
    expect(line?.reason).toBe(`${"y".repeat(TEXT_MAX - 1)}…`);
    expect(line?.message).toHaveLength(TEXT_MAX);
    expect(line?.late).toHaveLength(LIST_MAX);
  });

  test("drops fields that are not on the list or have another type", () => {
    const { stdout } = written(`
      log.info({ authorization: "canary", port: "canary", path: { secret: "canary" }, order_id: "1" }, "said");
      log.info({ __proto__: { path: "x" }, constructor: "canary", toString: "canary", level: "canary", time: "canary", service: "canary", message: "canary" }, "said");`);
    expect(stdout).not.toContain("canary");
    expect(parsed(stdout.trim().split("\n"))).toMatchObject([{ order_id: "1" }, { service: "test" }]);
  });

  test("fails the type check for a field that is not on the list or has another type", () => {
    const log = createLog("test");
    log.info({ order_id: "1", unaccounted: undefined }, "well");
    // @ts-expect-error
    log.info({ orderId: "1" }, "a field that is not on the list");
    // @ts-expect-error
    log.info({ port: "8080" }, "a field of another type");
    const entry = { order_id: "1", body: "{}" };
    // @ts-expect-error
    log.info(entry, "a field that came in with a variable");
    // @ts-expect-error
    log.info({ ...entry, port: 1 }, "one that came in with others");
    // @ts-expect-error
    log.info(new Error("no"), "an error in the place of the fields");
    // @ts-expect-error
    log.info({ port: 1 });
    const fields: LogFields = entry;
    expect(Object.keys(LOG_FIELDS)).toContain(Object.keys(fields)[0]);
  });

  test("names its fields in snake case, each with a meaning", () => {
    for (const [name, [, meaning]] of Object.entries(LOG_FIELDS)) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(meaning).toMatch(/^\w.{5,}[^.]$/);
    }
  });

  test("writes a line before the call returns, even if the process is killed next", () => {
    const { lines } = written(`
      for (let index = 0; index < 100; index++) log.info({ port: index }, "said");
      process.kill(process.pid, "SIGKILL");`);
    expect(parsed(lines).map(({ port }) => port)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test("writes the lines of a batch before the call returns, also those before a failure", () => {
    const { lines } = written(`
      try {
        writeTogether(() => {
          for (let index = 0; index < 100; index++) log.info({ port: index, path: "x".repeat(index * 20) }, "said");
          throw new Error("no");
        });
      } catch {
        log.info({ port: 100 }, "said");
      }
      process.kill(process.pid, "SIGKILL");`);
    expect(parsed(lines).map(({ port }) => port)).toEqual(Array.from({ length: 101 }, (_, index) => index));
  });

  test.skipIf(process.platform !== "linux")("lets the process go on when the disk is full", () => {
    const full = openSync("/dev/full", "w");
    const script = `for (let index = 0; index < 1_000; index++) log.info({ path: "x".repeat(2_000) }, "said");`;
    const { stderr, status } = written(script, {}, full);
    closeSync(full);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });

  test.skipIf(process.platform !== "linux")(
    "lets the process go on when its reader has stopped reading, and leaves it whole lines",
    () => {
      const directory = mkdtempSync(join(tmpdir(), "cloud-design-"));
      const path = join(directory, "pipe");
      execFileSync("mkfifo", [path]);
      // Both ends of the pipe are open, and this process does not read.
      const unread = openSync(path, "r+");
      const script = `
      const startedAt = performance.now();
      for (let index = 0; index < 1_000; index++)
        writeTogether(() => {
          for (let each = 0; each < 10; each++) log.info({ path: "x".repeat(200 + each * 70) }, "said");
        });
      process.exitCode = performance.now() - startedAt < 10_000 ? 0 : 7;`;
      const { stderr, status } = written(script, {}, unread);
      const pipe = Buffer.alloc(1_048_576);
      const lines = pipe.toString("utf8", 0, readSync(unread, pipe)).split("\n");
      closeSync(unread);
      rmSync(directory, { recursive: true });
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
      expect(lines.pop()).toBe("");
      expect(parsed(lines).length).toBeGreaterThan(10);
    },
  );

  test("takes its level from LOG_LEVEL, and info with a warning for an unknown level", () => {
    const script = `log.debug("a"); log.info("b"); log.warn("c"); log.fatal("d")`;
    const messages = (level: string) =>
      parsed(written(script, { LOG_LEVEL: level }).lines).map((line) => line.message);
    expect(messages("debug")).toEqual(["a", "b", "c", "d"]);
    expect(messages("warn")).toEqual(["c", "d"]);
    expect(messages("silent")).toEqual([]);
    expect(messages("INFO")).toEqual([expect.stringMatching(/^LOG_LEVEL must be one of /), "b", "c", "d"]);
  });
});

describe("a process", () => {
  test.each([
    ["an uncaught exception", `setTimeout(() => { throw new TypeError("it broke"); });`],
    ["an unhandled rejection", `Promise.reject(new TypeError("it broke")); setTimeout(() => {}, 60_000);`],
    ["a module that fails", `await null; throw new TypeError("it broke");`],
  ])("ends at %s as it would without a log, and logs one line", (_, script) => {
    const { lines, stderr, status } = written(script);
    expect({ stderr, status }).toEqual({ stderr: "", status: 1 });
    expect(parsed(lines)).toEqual([
      expect.objectContaining({
        level: "fatal",
        message: "uncaught error: the process ends",
        err: expect.objectContaining({ type: "TypeError", message: "it broke", stack: expect.any(String) }),
      }),
    ]);
  });

  test.each(["undefined", "'canary'", "null", "{ canary: 1 }", "new Proxy({}, {})"])(
    "logs one line without the value when %s is thrown",
    (thrown) => {
      const { lines, stderr, status } = written(`setTimeout(() => { throw ${thrown}; });`);
      expect({ stderr, status }).toEqual({ stderr: "", status: 1 });
      expect(parsed(lines)).toMatchObject([{ level: "fatal", err: { type: expect.any(String) } }]);
      expect(lines[0]).not.toContain("canary");
    },
  );

  test.skipIf(process.platform !== "linux")("ends also when its log cannot be written", () => {
    const full = openSync("/dev/full", "w");
    const { status } = written(`setTimeout(() => { throw new Error("no"); });`, {}, full);
    closeSync(full);
    expect(status).toBe(1);
  });

  test("logs the warnings of Node", () => {
    const { lines, stderr } = written(`process.emitWarning("it is old", "DeprecationWarning", "DEP0001");`);
    expect(stderr).toBe("");
    expect(parsed(lines)).toMatchObject([
      { level: "warn", message: "a warning of Node", err: { code: "DEP0001", message: "it is old" } },
    ]);
  });
});
