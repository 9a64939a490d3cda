import { localDirectory } from "@cloud-design/local/platform/settings";
import { askControl } from "@cloud-design/local/supervisor/control";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import type { PartStatus } from "@cloud-design/local/supervisor/fleet";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";

export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("npm run ops -- ps", args, {
    json: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const stage = namedStage(values);
  if (stage) return (await import("../../stage/ps.ts")).psOnStage(stage, values.json === true);
  const parts = await askControl<PartStatus[]>(localDirectory(), "GET", "/parts");
  console.log(values.json === true ? JSON.stringify(parts, null, 2) : table(parts));
  return 0;
}

function table(parts: readonly PartStatus[]): string {
  const rows = parts.map((part) => [
    part.name,
    part.state,
    String(part.pid ?? "-"),
    part.port === 0 ? "-" : String(part.port),
    part.uptimeSeconds === null ? "-" : duration(part.uptimeSeconds),
    part.memoryMegabytes === null ? "-" : `${part.memoryMegabytes} MB`,
    String(part.restarts),
  ]);
  const all = [["PART", "STATE", "PID", "PORT", "UPTIME", "MEMORY", "RESTARTS"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  // Words begin at the left, figures end at the right.
  const cell = (text: string, column: number) =>
    column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return all.map((row) => row.map(cell).join("  ")).join("\n");
}

function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
