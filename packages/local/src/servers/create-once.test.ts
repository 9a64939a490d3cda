import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createOnce } from "./create-once.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const fillWith = (content: string) => (directory: string) => writeFile(join(directory, "file"), content);

test("leaves no directory when filling it fails", async () => {
  await using temporary = await temporaryDirectory();
  const directory = join(temporary.path, "wanted");
  const fill = async (inside: string) => {
    await fillWith("half")(inside);
    throw new Error("out of space");
  };
  await expect(createOnce(directory, fill)).rejects.toThrow("out of space");
  expect(await readdir(temporary.path)).toEqual([]);
});

test("keeps the first result when two processes fill the same directory", async () => {
  await using temporary = await temporaryDirectory();
  const directory = join(temporary.path, "wanted");
  const late = createOnce(directory, async (inside) => {
    await fillWith("late")(inside);
    await expect.poll(() => existsSync(directory)).toBe(true);
  });
  await createOnce(directory, fillWith("first"));
  await late;
  expect(await readFile(join(directory, "file"), "utf8")).toBe("first");
  expect(await readdir(temporary.path)).toEqual(["wanted"]);
});
