import { ACCESS_TOKEN_MINUTES } from "@cloud-design/core/identity/scopes";
import { ROOT } from "@cloud-design/local/platform/settings";
import { callerOf } from "@cloud-design/stage/aws-access";
import { deployedStage, type NamedStage } from "@cloud-design/stage/deployed";
import { PERSONAL_DATA } from "@cloud-design/stage/names";
import { openPoolUsers, type PoolUsers } from "@cloud-design/stage/pool-users";
import { onStage } from "../stage/access.ts";
import { operatorsFunction } from "../stage/operators-function.ts";
import type { PersonStore } from "./store.ts";

/**
 * The cookie of managed login is good for an hour (Amazon Cognito API reference, "AdminUserGlobalSignOut"). AWS does not say that it ends with
 * the account.
 */
const COOKIE_MINUTES = 60;

/** Users in Cognito, and the rows through the stage's function: no operator reaches a database. */
export function stageStore(named: NamedStage): Promise<Omit<PersonStore, "letters">> {
  return onStage(named, async (stage) => {
    const { outputs } = await deployedStage(named, ROOT);
    return {
      by: await callerOf(stage),
      siteUrl: outputs.SiteUrl,
      users: explainedUsers(named, openPoolUsers(stage, outputs.UserPoolId)),
      lastTokenMinutes: COOKIE_MINUTES + ACCESS_TOKEN_MINUTES,
      ...operatorsFunction(stage, PERSONAL_DATA),
    };
  });
}

/** A refusal of AWS becomes one sentence. */
function explainedUsers(named: NamedStage, users: PoolUsers): PoolUsers {
  return {
    find: (subject) => onStage(named, () => users.find(subject)),
    findProgram: (subject) => onStage(named, () => users.findProgram(subject)),
    disable: (user) => onStage(named, () => users.disable(user)),
    remove: (user) => onStage(named, () => users.remove(user)),
  };
}
