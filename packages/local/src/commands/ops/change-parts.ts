import { parseFlags } from "../../flags.ts";
import { localDirectory } from "../../settings.ts";
import { askControl, type Change } from "../../supervisor/control.ts";
import { runningPlatform } from "../../supervisor/platform-file.ts";
import { knownPart } from "./known-part.ts";

const DONE = { stop: "stopped", start: "ready", restart: "ready again" };
const NOTHING_TO_DO = { stop: "already stopped", start: "already running", restart: "already running" };

/** One part after the other, in the order given; says what became of each. */
export async function changeParts(verb: keyof typeof DONE, args: string[]): Promise<number> {
  const { positionals } = parseFlags(`npm run ops -- ${verb}`, args, {});
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
