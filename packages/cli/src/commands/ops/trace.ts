import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import pc from "picocolors";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";
import { onLaptop } from "../../trace/laptop.ts";
import { render } from "../../trace/render.ts";
import { type Found, parseSubject, type Subject } from "../../trace/subject.ts";

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

type Values = ReturnType<typeof parseFlags>["values"];

/** The hops of one order: where it was, when and for how long, and its outcome. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- trace", args, {
    json: { type: "boolean" },
    since: { type: "string" },
    ...STAGE_FLAGS,
  });
  if (positionals.length > 1)
    throw new SetupError(`trace takes one order or trace, not ${positionals.length}.`);
  const { timeline, remarks } = await find(parseSubject(positionals[0]), values);
  // biome-ignore lint/plugin: spans and log lines carry wall time.
  const look = { nowMs: Date.now(), isColoured: process.stdout.isTTY === true && pc.isColorSupported };
  console.log(values.json === true ? JSON.stringify(timeline, null, 2) : render(timeline, look));
  for (const remark of remarks) console.error(remark);
  return 0;
}

async function find(subject: Subject, values: Values): Promise<Found> {
  const stage = namedStage(values, ["since", "region", "profile"]);
  if (stage === undefined) return onLaptop(subject);
  // biome-ignore lint/plugin: spans and log lines carry wall time.
  const sinceMs = Date.now() - parseSpan(String(values.since ?? "24h"));
  return (await import("../../trace/stage.ts")).traceOnStage(subject, stage, sinceMs);
}

function parseSpan(given: string): number {
  const [, figure = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(given) ?? [];
  if (figure !== "") return Number(figure) * UNITS[unit as keyof typeof UNITS];
  throw new SetupError(`--since takes minutes, hours or days such as 30m, 24h or 7d, not "${given}".`);
}
