import { paginateListSecrets, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { MONTH_OF } from "../prices.ts";
import { all, aws, hasTags, isOurs, type Look, patient } from "./found.ts";

/** Secrets. CloudFormation deletes them at once; a deletion by hand may leave a recovery window. */
export const secrets: Look = {
  service: "Secrets Manager",
  namespaces: ["secretsmanager"],
  types: ["AWS::SecretsManager::Secret"],
  async find(asked) {
    const client = new SecretsManagerClient(patient(asked));
    const pages = paginateListSecrets({ client }, { IncludePlannedDeletion: true });
    const found = await all(pages, (page) => page.SecretList);
    return found
      .filter(({ Name, ARN, Tags }) => isOurs(asked, Name, ARN) || hasTags(asked, Tags))
      .map(({ ARN: id = "", Name: name = "", DeletedDate }) => ({
        type: "AWS::SecretsManager::Secret",
        id,
        name,
        // AWS does not bill a secret that is marked for deletion (AWS Secrets Manager Pricing).
        usdMonthly: DeletedDate ? 0 : MONTH_OF.secret,
        ...(DeletedDate && {
          why: `is marked for deletion since ${DeletedDate.toISOString().slice(0, 10)} and no longer billed`,
        }),
        commands: [
          aws(asked, "secretsmanager", "delete-secret", "--secret-id", id, "--force-delete-without-recovery"),
        ],
      }));
  },
};
