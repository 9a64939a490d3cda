import { localDirectory } from "@cloud-design/local/platform/settings";
import { askControl, type Change } from "@cloud-design/local/supervisor/control";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { namedStage, STAGE_FLAGS } from "../../stage/flags.ts";
import { knownPart } from "./known-part.ts";

const DONE = { stop: "stopped", start: "ready", restart: "ready again" };
const NOTHING_TO_DO = { stop: "already stopped", start: "already running", restart: "already running" };

/** Changes one part after the other, in the order given, and prints the result of each. */
export async function changeParts(verb: keyof typeof DONE, args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(`npm run ops -- ${verb}`, args, {
    ...STAGE_FLAGS,
    ...(verb === "restart" && { yes: { type: "boolean" } }),
  });
  const stage = namedStage(values, ["region", "profile", "yes"]);
  if (stage) return onStage(verb, stage, { parts: positionals, isSure: values.yes === true });
  const directory = localDirectory();
  const platform = runningPlatform(directory);
  const names = positionals.length > 0 ? positionals : [undefined];
  for (const name of names.map((given) => knownPart(platform, given))) {
    const { changed, seconds } = await askControl<Change>(directory, "POST", `/parts/${name}/${verb}`);
    const what = changed ? `${DONE[verb]} after ${seconds.toFixed(1)} s` : NOTHING_TO_DO[verb];
    console.log(`${name}: ${what}`);
  }
  return 0;
}

async function onStage(
  verb: keyof typeof DONE,
  named: NamedStage,
  { parts, isSure }: { parts: string[]; isSure: boolean },
): Promise<number> {
  const flag = `--stage ${named.stage}`;
  if (verb === "stop") {
    throw new SetupError(
      `On AWS a part cannot be stopped by hand, because scaling would start it again: \`npm run ops -- restart PART ${flag}\` replaces a part, \`npm run remove -- ${flag}\` ends the stage.`,
    );
  }
  if (verb === "start") {
    throw new SetupError(
      `On AWS all parts run, and AWS starts a part that fails: \`npm run ops -- ps ${flag}\` shows them, \`npm run deploy -- ${flag}\` brings back what is missing.`,
    );
  }
  return (await import("../../stage/restart.ts")).restartOnStage(named, parts, isSure);
}
