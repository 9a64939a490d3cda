import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";

/** A user name and a generated password, under AWS's own key: nobody outside the account reads it, which is what a key of ours would allow. */
export function credentialsOf(scope: Construct, id: string, username: string): Secret {
  return new Secret(scope, id, {
    description: `What ${username} signs in with`,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username }),
      generateStringKey: "password",
      // Amazon MQ refuses commas, colons and equals signs, RDS slashes, quotes and at signs.
      excludePunctuation: true,
      passwordLength: 40,
    },
  });
}
