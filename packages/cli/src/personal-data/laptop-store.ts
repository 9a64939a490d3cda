import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { openDatabase } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import { ACCESS_TOKEN_MINUTES } from "@cloud-design/core/identity/scopes";
import { answer } from "@cloud-design/functions/personal-data/answer";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { closeAccount, closedAccounts } from "@cloud-design/local/stand-ins/cognito/closed-accounts";
import {
  isProgram,
  isUserName,
  USER_NAMES,
  USERS,
  type UserName,
} from "@cloud-design/local/stand-ins/cognito/people";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { PoolUser, PoolUsers } from "@cloud-design/stage/pool-users";
import * as z from "zod";
import { recordIn, userName } from "../operator.ts";
import type { PersonStore } from "./store.ts";

const Addresses = z.object({
  databases: z.object({ orders: z.object({ adminUrl: z.string() }) }),
  parts: z.object({ site: z.object({ url: z.string() }) }),
});

/** The personal data of this clone's running platform, handled by the same code as in the function on AWS. */
export async function laptopStore(): Promise<Omit<PersonStore, "letters">> {
  const directory = localDirectory();
  const { databases, parts } = Addresses.parse(runningPlatform(directory));
  const database = openDatabase({
    url: databases.orders.adminUrl,
    name: "personal-data",
    connectionsMax: 1,
  });
  const record = recordIn(directory, "personal-data", LOG_MESSAGES.personalData);
  return {
    by: userName(),
    siteUrl: parts.site.url,
    users: demoUsers(`${stateDirectory(directory)}/identity`),
    lastTokenMinutes: ACCESS_TOKEN_MINUTES,
    ask: (request) =>
      answer(request, { run: database.run, record }).catch((error: unknown) => {
        throw error instanceof DomainError
          ? new SetupError(`${error.message} See \`npm run ops -- ps\`.`, { cause: error })
          : error;
      }),
    close: () => database.close(),
  };
}

function demoUsers(state: string): PoolUsers {
  const close = async ({ name }: PoolUser, isDeleted: boolean) => {
    if (isUserName(name)) closeAccount(state, name, { isDeleted });
  };
  return {
    async find(subject) {
      const name = USER_NAMES.find((it) =>
        [it, USERS[it].sub, USERS[it].email].some((known) => known === subject),
      );
      return name && userOf(state, name);
    },
    findProgram: async (subject) => (isProgram(subject) ? subject : undefined),
    disable: (user) => close(user, false),
    remove: (user) => close(user, true),
  };
}

function userOf(state: string, name: UserName): PoolUser | undefined {
  const closed = closedAccounts(state)[name];
  if (closed?.isDeleted) return undefined;
  const { sub, email, groups } = USERS[name];
  return {
    sub,
    name,
    attributes: { email },
    groups: [...groups],
    isEnabled: closed === undefined,
    changedAt: closed?.disabledAt ?? new Date(0).toISOString(),
  };
}
