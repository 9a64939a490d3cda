import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  ListUserPoolClientsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { clientSettings } from "./aws-access.ts";
import type { StageAccess } from "./resources.ts";

export interface PoolUser {
  /** The owner of the user's orders. */
  sub: string;
  name: string;
  /** Email and the like. */
  attributes: Record<string, string>;
  groups: string[];
  isEnabled: boolean;
  /** ISO 8601: the last change, for a disabled user the time of that. */
  changedAt: string;
}

/** The users and programs of a pool, as an administrator sees them. */
export interface PoolUsers {
  /** By `sub`, user name or email. */
  find(subject: string): Promise<PoolUser | undefined>;
  /** The name of the program with this client id or name. */
  findProgram(subject: string): Promise<string | undefined>;
  /** Ends sign-ins and refresh tokens. An access token stays good until it ends, because API Gateway does not ask Cognito. */
  disable(user: PoolUser): Promise<void>;
  remove(user: PoolUser): Promise<void>;
}

export function openPoolUsers(stage: StageAccess, UserPoolId: string): PoolUsers {
  const client = new CognitoIdentityProviderClient(clientSettings(stage));
  return {
    async find(Username) {
      const found = await client
        .send(new AdminGetUserCommand({ UserPoolId, Username }))
        .catch((error: Error) => {
          if (error.name !== "UserNotFoundException") throw error;
        });
      if (found === undefined) return undefined;
      const { Groups = [] } = await client.send(new AdminListGroupsForUserCommand({ UserPoolId, Username }));
      const { sub = "", ...attributes } = Object.fromEntries(
        (found.UserAttributes ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
      );
      return {
        sub,
        name: found.Username ?? Username,
        attributes,
        groups: Groups.map(({ GroupName = "" }) => GroupName),
        isEnabled: found.Enabled ?? true,
        changedAt: (found.UserLastModifiedDate ?? new Date(0)).toISOString(),
      };
    },
    async findProgram(subject) {
      // The pool has five clients (stacks/identity.ts); a page may have 60.
      const { UserPoolClients = [] } = await client.send(
        new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 60 }),
      );
      return UserPoolClients.find(({ ClientId, ClientName }) => [ClientId, ClientName].includes(subject))
        ?.ClientName;
    },
    async disable({ name }) {
      await client.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: name }));
      await client.send(new AdminDisableUserCommand({ UserPoolId, Username: name }));
    },
    async remove({ name }) {
      await client.send(new AdminDeleteUserCommand({ UserPoolId, Username: name }));
    },
  };
}
