import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";

/**
 * A user name and a generated password, encrypted under AWS's own key. A key of the stage's own would only add the option to share the secret
 * with another account.
 */
export function credentialsOf(scope: Construct, id: string, username: string): Secret {
  return new Secret(scope, id, {
    description: `The user name and password of ${username}`,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username }),
      generateStringKey: "password",
      // Amazon MQ refuses commas, colons and equals signs; RDS refuses slashes, quotes and at signs.
      excludePunctuation: true,
      passwordLength: 40,
    },
  });
}
