import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { totalOf } from "@cloud-design/stage/prices";
import { PRESETS, type Preset } from "@cloud-design/stage/settings";
import type { Wanted } from "./report.ts";
import { billRows } from "./rows.ts";

const IDLE = "packages/stage/src/bill/idle.ts";
const CENT = 0.005;

/** The bills as a table of Markdown. */
export async function markdown(bills: Bills, { presets, use }: Wanted): Promise<string> {
  const { markdownTable } = await import("@cloud-design/lab/page");
  return markdownTable(billRows(bills, presets, use));
}

/** The bills that a revision of this repository has committed. Refuses a revision without them. */
export async function billsAt(revision: string): Promise<Bills> {
  let source: string;
  try {
    source = execFileSync("git", ["show", `${revision}:${IDLE}`], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    throw new SetupError(`--against ${revision}: that revision is unknown here, or has no ${IDLE}.`);
  }
  const directory = mkdtempSync(join(tmpdir(), "bill-"));
  try {
    const file = join(directory, "idle.ts");
    writeFileSync(file, source);
    const { IDLE: bills } = await import(pathToFileURL(file).href);
    return bills;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The lines of the bills that a change of the code alters, as a comment for its pull request; undefined without one. */
export async function difference(before: Bills, after: Bills): Promise<string | undefined> {
  const { markdownTable } = await import("@cloud-design/lab/page");
  const changed = PRESETS.flatMap((preset) => changedLines(preset, before, after));
  if (changed.length === 0) return undefined;
  const totals = PRESETS.map((preset) => {
    const [was, is] = [totalOf(before[preset] ?? []), totalOf(after[preset])];
    return [preset, was.toFixed(2), is.toFixed(2), signed(is - was)];
  });
  return [
    "### This change alters the bill",
    "",
    "USD for a month without requests, computed from the templates of each preset by `npm run cost`.",
    "",
    markdownTable([["preset", "before", "after", "difference"], ...totals]),
    "",
    markdownTable([["preset", "part", "before", "after", "difference"], ...changed]),
  ].join("\n");
}

function changedLines(preset: Preset, before: Bills, after: Bills): string[][] {
  const [was, is] = [before[preset] ?? [], after[preset]];
  const parts = [...new Set([...was, ...is].map(({ part }) => part))];
  return parts.flatMap((part) => {
    const [old, now] = [was, is].map((lines) => lines.filter((line) => line.part === part));
    const usd = totalOf(now ?? []) - totalOf(old ?? []);
    if (Math.abs(usd) < CENT) return [];
    return [[preset, part, words(old), words(now), signed(usd)]];
  });
}

function words(lines: Bills[Preset] = []): string {
  return lines.map(({ count, unit }) => `${Number(count.toFixed(2))} x ${unit}`).join(", ") || "-";
}

function signed(usd: number): string {
  return `${usd < 0 ? "" : "+"}${usd.toFixed(2)}`;
}
