import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listen } from "../stand-in.ts";
import { serveLive } from "./live.ts";

const NOWHERE = { telemetryUrl: "http://127.0.0.1:1", siteUrl: "http://localhost" };

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => serveLive(request, response, NOWHERE));
  url = `http://127.0.0.1:${await listen(server, 0)}`;
});
afterAll(() => server.close().closeAllConnections());

/** The page, and every script that it loads, directly or through another one. */
async function scriptsOf(path: string, known = new Set<string>()): Promise<Set<string>> {
  const text = await (await fetch(url + path)).text();
  for (const [, name = ""] of text.matchAll(/(?:from|src=)\s*"([^"]+\.ts)"/g)) {
    const script = new URL(name, url + path).pathname;
    if (!known.has(script)) await scriptsOf(script, known.add(script));
  }
  return known;
}

test("serves each script of the page as JavaScript, with each line in its place", async () => {
  const scripts = await scriptsOf("/live");
  expect(scripts).toContain("/live/live.ts");
  expect(scripts).toContain("/live/words.ts");
  for (const path of scripts) {
    const response = await fetch(url + path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    const [text, source] = [await response.text(), sourceOf(path)];
    expect(text.split("\n").length).toBe(source.split("\n").length);
    expect(text).not.toBe(source);
    // JavaScript has no types that could be removed.
    expect(stripTypeScriptTypes(text)).toBe(text);
  }
});

test("a process that serves a script writes nothing to its terminal", async () => {
  const program = `
    import { createServer } from "node:http";
    import { serveLive } from ${JSON.stringify(import.meta.resolve("./live.ts"))};
    const server = createServer((request, response) => serveLive(request, response, ${JSON.stringify(NOWHERE)}));
    server.listen(0, "127.0.0.1", async () => {
      const response = await fetch(\`http://127.0.0.1:\${server.address().port}/live/words.ts\`);
      await response.text();
      process.exitCode = response.ok ? 0 : 1;
      server.close().closeAllConnections();
    });`;
  const output = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  expect(output).toEqual({ stdout: "", stderr: "" });
});

function sourceOf(path: string): string {
  const page = import.meta.resolve("@cloud-design/traces/page/page.html");
  return readFileSync(new URL(path.replace("/live/", ""), page), "utf8");
}
