import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { productionPackages, readLockfile } from "../testing/lockfile.ts";
import { writeSboms } from "./sbom.ts";

const Sbom = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string().regex(/^1\.[5-9]$/),
  components: z.array(
    z.object({
      purl: z.string(),
      licenses: z.array(z.unknown()).default([]),
      externalReferences: z
        .array(z.object({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })).default([]) }))
        .default([]),
    }),
  ),
});

const lockfile = readLockfile();
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let sboms: Record<string, z.output<typeof Sbom>["components"]>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const files = await writeSboms(directory.path);
  sboms = Object.fromEntries(
    files.map((file) => [basename(file), Sbom.parse(JSON.parse(readFileSync(file, "utf8"))).components]),
  );
});
afterAll(() => directory[Symbol.asyncDispose]());

const othersIn = (name: string) =>
  (sboms[name] ?? []).filter(({ purl }) => !purl.startsWith("pkg:npm/%40cloud-design/"));

/** `name@version` of a third-party package, with the hash of its content. */
function packagesIn(name: string): Map<string, string | undefined> {
  return new Map(
    othersIn(name).map(({ purl, externalReferences }) => [
      decodeURIComponent(purl.slice("pkg:npm/".length)),
      externalReferences.flatMap(({ hashes }) => hashes).find(({ alg }) => alg === "SHA-512")?.content,
    ]),
  );
}

it("is one for the workspace, one for the images and one for the functions", () => {
  expect(Object.keys(sboms)).toEqual([
    "cloud-design-containers.cdx.json",
    "cloud-design-functions.cdx.json",
    "cloud-design.cdx.json",
  ]);
});

/** Packages for other machines are not installed here, and pnpm leaves them out. */
const isForSome = (key: string) => (lockfile.packages[key]?.os ?? lockfile.packages[key]?.cpu) !== undefined;

it.each(["containers", "functions"])(
  "the one of %s has exactly the packages that they need in production",
  (name) => {
    const needed = productionPackages(lockfile, [`packages/${name}`]);
    const listed = new Set(packagesIn(`cloud-design-${name}.cdx.json`).keys());
    expect(needed.size).toBeGreaterThan(20);
    expect([...needed].filter((key) => !listed.has(key) && !isForSome(key))).toEqual([]);
    expect([...listed].filter((key) => !needed.has(key))).toEqual([]);
  },
);

it("the one of the workspace has those, and all other production dependencies of the project's packages", () => {
  const named = Object.values(lockfile.importers).flatMap(({ dependencies }) =>
    Object.entries(dependencies)
      .filter(([, { version }]) => !version.startsWith("link:"))
      .map(([name, { version }]) => `${name}@${version.replace(/\(.*$/, "")}`),
  );
  const needed = productionPackages(lockfile, ["packages/containers", "packages/functions"]);
  const listed = new Set(packagesIn("cloud-design.cdx.json").keys());
  expect([...needed, ...named].filter((key) => !listed.has(key) && !isForSome(key))).toEqual([]);
});

it("each package has the hash of the lockfile, and each package on AWS has its licence", () => {
  for (const name of Object.keys(sboms)) {
    for (const [key, hash] of packagesIn(name)) {
      const integrity = Buffer.from(hash ?? "", "hex").toString("base64");
      expect(`sha512-${integrity}`, key).toBe(lockfile.packages[key]?.resolution.integrity);
    }
  }
  const deployed = ["containers", "functions"].flatMap((name) => othersIn(`cloud-design-${name}.cdx.json`));
  expect(deployed.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
});
