import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blocksIn, blocksOf } from "../repository/pages.ts";

const SECRET = "canaryPassword1";
const DISTRIBUTION = {
  ETag: "E1",
  DistributionConfig: {
    Origins: {
      Items: [
        { Id: "pages", CustomHeaders: { Quantity: 0 } },
        { Id: "api", CustomHeaders: { Items: [{ HeaderName: "x-origin-secret", HeaderValue: "before" }] } },
      ],
    },
  },
};
/**
 * A stand-in for a program: it records its arguments, which `ps` shows to all users of the machine, and its input; it answers like AWS and
 * RabbitMQ.
 */
const PROGRAM = `#!/bin/bash
printf '%s\\n' "$(basename "$0") $*" >> "$NOTES/arguments"
for word in "$@"; do
  case $word in file:///dev/fd/*) cat "\${word#file://}" >> "$NOTES/given" ;; /dev/fd/*) cat "$word" >> "$NOTES/given" ;; @-) cat >> "$NOTES/given" ;; esac
done
[ "$(basename "$0")" = aws ] || { echo '[]'; exit; }
case "$*" in
  *get-random-password*) echo ${SECRET} ;;
  *get-distribution-config*) cat "$NOTES/distribution" ;;
  *get-secret-value*) echo '{"username":"cloud-design","password":"${SECRET}"}' ;;
  *) echo id-1 ;;
esac
`;

let directory: string;
let notes: string;
let shell: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rotate-"));
  [notes, shell] = [join(directory, "notes"), join(directory, "shell")];
  for (const folder of [notes, shell, join(directory, "bin")]) mkdirSync(folder);
  writeFileSync(join(notes, "distribution"), JSON.stringify(DISTRIBUTION));
  for (const name of ["aws", "curl"]) {
    writeFileSync(join(directory, "bin", name), PROGRAM);
    chmodSync(join(directory, "bin", name), 0o755);
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

const [, rotate = ""] =
  /^## Rotate$(.*?)^## /ms.exec(readFileSync(join(ROOT, "docs/deploy.md"), "utf8")) ?? [];
/** Signs in to RabbitMQ and defines `api`. */
const broker = blocksOf("docs/runbook.md").find(({ text }) => text.includes("api()"))?.text ?? "";
const ROTATIONS = blocksIn(rotate).map(
  ({ text: lines }) => [/secret-id.*?(\w+)(?: \w+)?\)?"/.exec(lines)?.[0] ?? lines, lines] as const,
);

test("every rotation of docs/deploy.md is tested here", () => {
  expect(ROTATIONS).toHaveLength(4);
});

test.each(ROTATIONS)(
  "%s: the new secret arrives, and is in no argument of a program and in no file",
  (_, lines) => {
    execFileSync("bash", ["-e", "-c", `physical() { echo "$*"; }\n${broker}\n${lines}`], {
      cwd: shell,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: `${join(directory, "bin")}:${process.env.PATH}`, NOTES: notes, BROKER: "b-1" },
    });
    expect(readFileSync(join(notes, "given"), "utf8")).toContain(SECRET);
    const words = readFileSync(join(notes, "arguments"), "utf8");
    expect(words).toContain("put-secret-value");
    expect(words).not.toContain(SECRET);
    expect(readdirSync(shell)).toEqual([]);
  },
);
