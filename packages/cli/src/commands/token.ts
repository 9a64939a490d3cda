import { localDirectory } from "@cloud-design/local/platform/settings";
import { isUserName, USER_NAMES } from "@cloud-design/local/stand-ins/cognito/people";
import { accessToken, type TokenOptions } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { explain } from "@cloud-design/local/supervisor/errors";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";

const NO_ID_TOKEN = "A machine has no ID token: name a user of the laptop, or leave --id out.";

/** `npm run -s token [-- reader|ordinary|premium|admin|machine] [--id]`: prints only the token. A stage has only the machine client. */
export async function run(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseFlags("npm run token", args, {
      id: { type: "boolean" },
      ...STAGE_FLAGS,
    });
    const stage = namedStage(values);
    if (stage) {
      if (values.id) throw new SetupError(NO_ID_TOKEN);
      const { tokenOnStage } = await import("../stage/token.ts");
      console.log(await tokenOnStage(stage, positionals));
      return 0;
    }
    const user = parseUser(positionals);
    if (values.id && user === "machine") {
      throw new SetupError(NO_ID_TOKEN);
    }
    const identityUrl = runningPlatform(localDirectory()).parts.identity?.url ?? "";
    const tokens = await accessToken({ identityUrl, user });
    console.log(values.id ? tokens.idToken : tokens.accessToken);
    return 0;
  } catch (error) {
    console.error(explain(error));
    return 1;
  }
}

function parseUser(positionals: string[]): TokenOptions["user"] {
  const [name = "ordinary", ...more] = positionals;
  if (more.length === 0 && (name === "machine" || isUserName(name))) return name;
  throw new SetupError(
    `There is no user "${positionals.join(" ")}": take ${USER_NAMES.join(", ")} or machine.`,
  );
}
