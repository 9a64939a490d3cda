import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  paginateListUserPools,
  type UserPoolType,
} from "@aws-sdk/client-cognito-identity-provider";
import { whyKept } from "../removal.ts";
import { type Asked, all, aws, type Found, isOurs, type Look, patient } from "./found.ts";

const USER_POOL = "AWS::Cognito::UserPool";

export const users: Look = {
  service: "Cognito",
  namespaces: ["cognito-idp"],
  types: [USER_POOL],
  async find(asked) {
    const client = new CognitoIdentityProviderClient(patient(asked));
    const pools = await all(paginateListUserPools({ client }, { MaxResults: 60 }), (page) => page.UserPools);
    const arn = (id = "") => `arn:aws:cognito-idp:${asked.region}:${asked.account}:userpool/${id}`;
    const ours = pools.filter(({ Id, Name }) => isOurs(asked, Name, arn(Id)));
    const found: Found[] = [];
    for (const { Id: UserPoolId } of ours) {
      const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }));
      if (UserPool) found.push(foundOf(asked, UserPool));
    }
    return found;
  },
};

function foundOf(asked: Asked, pool: UserPoolType): Found {
  const { Id: id = "", Name: name = "", Domain, DeletionProtection, EstimatedNumberOfUsers = 0 } = pool;
  const ofPool = ["--user-pool-id", id];
  return {
    type: USER_POOL,
    id,
    name: `${name} (${id})`,
    size: `${EstimatedNumberOfUsers} users`,
    usdMonthly: 0, // billed by the users who sign in, and without the stage no user does
    why: whyKept(USER_POOL, asked.settings),
    commands: [
      ...(DeletionProtection === "ACTIVE"
        ? [aws(asked, "cognito-idp", "update-user-pool", ...ofPool, "--deletion-protection", "INACTIVE")]
        : []),
      ...(Domain
        ? [aws(asked, "cognito-idp", "delete-user-pool-domain", ...ofPool, "--domain", Domain)]
        : []),
      aws(asked, "cognito-idp", "delete-user-pool", ...ofPool),
    ],
  };
}
