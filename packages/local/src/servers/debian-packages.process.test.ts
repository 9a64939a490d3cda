import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloud-design-debian-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Asks for a program twice, with the given script as apt-get. */
function askTwice(aptGet: string, prepare = "async () => {}"): { output: string; calls: string } {
  const program = (name: string, script: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >> ${folder}/calls\n${script}\n`, {
      mode: 0o755,
    });
  program("apt-get", aptGet);
  program("dpkg-deb", 'touch "$3/program"');
  const code = `
    import { debianProgram } from ${JSON.stringify(join(import.meta.dirname, "debian-packages.ts"))};
    const wanted = { title: "Thing", packages: ["thing"], prepare: ${prepare}, howToGetIt: "Buy it." };
    const ask = () => debianProgram(wanted, () => {}).catch(({ name, message }) => name + ": " + message);
    console.log(JSON.stringify([await ask(), await ask()]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, XDG_CACHE_HOME: join(folder, "cache") },
    encoding: "utf8",
  });
  return { output: stdout + stderr, calls: readFileSync(join(folder, "calls"), "utf8") };
}

const DOWNLOAD =
  'for s in "$@"; do case $s in Dir::Cache=*) touch "$(echo $s | cut -d= -f2)/archives/a.deb";; esac; done';

test.skipIf(process.platform !== "linux")("downloads and unpacks a program once", () => {
  const { output, calls } = askTwice(DOWNLOAD);
  const [first, second] = JSON.parse(output);
  expect(first).toMatch(/cloud-design\/thing\//);
  expect(second).toBe(first);
  expect(calls).toBe("apt-get\ndpkg-deb\n");
});

test.skipIf(process.platform !== "linux")("says why the program is not available, and what to do", () => {
  const { output } = askTwice("echo 'E: Unable to locate package thing.' >&2; exit 100");
  expect(JSON.parse(output)[0]).toBe(
    "SetupError: Thing is not available from Debian's packages: E: Unable to locate package thing. Buy it.",
  );
});

test.skipIf(process.platform !== "linux")("keeps no program that does not start", () => {
  const { output, calls } = askTwice(DOWNLOAD, 'async () => { throw new Error("it does not start"); }');
  expect(JSON.parse(output)[1]).toContain("it does not start. Buy it.");
  expect(calls).toBe("apt-get\ndpkg-deb\napt-get\ndpkg-deb\n");
});
