import { localDirectory } from "@cloud-design/local/platform/settings";
import { forgetSeed, seed } from "@cloud-design/local/seed/seed";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";

/** `npm run seed [-- --all] [--stage NAME]`: loads the demo data into an empty store. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("npm run seed", args, {
    all: { type: "boolean" },
    yes: { type: "boolean" },
    ...STAGE_FLAGS,
  });
  const all = values.all === true;
  const stage = namedStage(values, ["region", "profile", "yes"]);
  if (stage)
    return (await import("../stage/seed.ts")).seedOnStage(stage, { all, isSure: values.yes === true });
  const directory = localDirectory();
  const { parts } = runningPlatform(directory);
  const urlOf = (part: string) => parts[part]?.url ?? "";
  const [gatewayUrl, inventoryUrl, identityUrl] = [urlOf("gateway"), urlOf("inventory"), urlOf("identity")];
  const state = stateDirectory(directory);

  const { accessToken: token } = await accessToken({ identityUrl, user: "admin" });
  const response = await fetch(`${gatewayUrl}/api/movies?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new SetupError(`The movies cannot be read: ${await response.text()}`);
  const movies: unknown = await response.json();
  if (Array.isArray(movies) && movies.length > 0) {
    console.log(
      "There are movies already. Delete them first (DELETE /api/movies with an admin's token), or `npm start -- --fresh`.",
    );
    return 0;
  }
  forgetSeed(state);
  await seed({ gatewayUrl, inventoryUrl, identityUrl, state, all, report: (doing) => console.log(doing) });
  console.log("The demo data is loaded.");
  return 0;
}
