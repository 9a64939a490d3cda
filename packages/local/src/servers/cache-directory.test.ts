import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cacheDirectory } from "./cache-directory.ts";
import { isRoot } from "./unprivileged.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cache-"));
  vi.stubEnv("XDG_CACHE_HOME", join(home, "caches"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test("XDG_CACHE_HOME says where the cache is", () => {
  chmodSync(home, 0o755);
  expect(cacheDirectory("thing")).toMatch(`${home}/caches/cloud-design/thing/`);
});

test.runIf(isRoot)("root keeps nothing in a folder that the servers' user cannot enter", () => {
  chmodSync(home, 0o700);
  expect(cacheDirectory("thing")).toMatch(/^\/var\/cache\/cloud-design\/thing\//);
});
