import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { debianProgram } from "@cloud-design/local/servers/debian-packages";
import { run } from "@cloud-design/local/servers/run";
import { findProgram } from "@cloud-design/local/servers/search-path";

/** The checker of Prometheus's files: an installed promtool, or one from Debian's package `prometheus`, unpacked into the user's cache. */
export async function findPromtool(report: (doing: string) => void): Promise<string> {
  const installed = findProgram("promtool");
  if (installed !== undefined) return installed;
  const root = await debianProgram(
    {
      title: "Promtool",
      packages: ["prometheus"],
      prepare: preparePromtool,
      howToGetIt: "Install it (your system's package `prometheus`).",
    },
    report,
  );
  return unpackedPromtool(root);
}

async function preparePromtool(root: string): Promise<void> {
  const promtool = unpackedPromtool(root);
  if (!existsSync(promtool)) throw new Error("there is no promtool in its package");
  // The server and its pages take twice the room and are not needed.
  for (const path of ["usr/bin/prometheus", "usr/share", "etc", "var"])
    await rm(join(root, path), { recursive: true, force: true });
  // Checks that it starts before a test relies on it: it is one file without libraries.
  await run(promtool, ["--version"]);
}

function unpackedPromtool(root: string): string {
  return join(root, "usr/bin/promtool");
}
