import { setTimeout as sleep } from "node:timers/promises";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { lastLines, logBytes, readFrom } from "@cloud-design/local/supervisor/log-file";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { printable } from "@cloud-design/local/terminal/readable-line";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";
import { knownPart } from "./known-part.ts";

const LOOK_AGAIN_MILLISECONDS = 200;

/** On the laptop it reads the files only: it works after the platform has stopped, or if it never became ready. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run ops -- logs", args, {
    follow: { type: "boolean", short: "f" },
    lines: { type: "string", short: "n", default: "50" },
    ...STAGE_FLAGS,
  });
  if (!/^\d+$/.test(String(values.lines))) throw new SetupError("--lines takes a number of lines.");
  const [part] = positionals;
  const stage = namedStage(values);
  if (stage) {
    const { logsOnStage } = await import("../../stage/logs.ts");
    return logsOnStage(stage, part, { lines: Number(values.lines), isFollowing: values.follow === true });
  }
  const platform = readPlatform(localDirectory());
  if (platform === undefined)
    throw new SetupError("There are no logs yet. Start the platform with `npm start`.");
  const name = knownPart(platform, part);
  const log = platform.parts[name]?.log ?? "";
  if (log === "") throw new SetupError(`${name} runs elsewhere, and so do its logs.`);
  const end = logBytes(log);
  const lines = lastLines(log, Number(values.lines));
  if (lines.length > 0) console.log(printable(lines.join("\n")));
  if (values.follow === true) await follow(log, end);
  return 0;
}

/** Until Ctrl-C, or until the reader ends. */
async function follow(log: string, end: number): Promise<never> {
  process.stdout.on("error", () => process.exit(0));
  for (let from = end; ; await sleep(LOOK_AGAIN_MILLISECONDS)) {
    if (logBytes(log) < from) from = 0; // the log was rotated
    const next = readFrom(log, from);
    process.stdout.write(printable(next.text));
    from = next.end;
  }
}
