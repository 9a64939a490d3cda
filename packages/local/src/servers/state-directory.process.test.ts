import { chmod, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory } from "./state-directory.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { isRoot } from "./unprivileged.ts";

test("is inside the clone where the servers can reach it", async () => {
  await using clone = await temporaryDirectory();
  const local = join(clone.path, ".local");
  expect(stateDirectory(local)).toBe(join(local, "state"));
});

test.runIf(isRoot)(
  "is below /var/tmp for root with a clone in a private folder, always the same one",
  async () => {
    await using clone = await temporaryDirectory();
    await chmod(clone.path, 0o700);
    const state = stateDirectory(join(clone.path, ".local"));
    try {
      expect(dirname(state)).toBe("/var/tmp");
      expect(stateDirectory(join(clone.path, ".local"))).toBe(state);
    } finally {
      await rm(state, { recursive: true });
    }
  },
);
