import { ACMClient, KeyAlgorithm, paginateListCertificates } from "@aws-sdk/client-acm";
import { all, aws, type Look, patient } from "./found.ts";

/**
 * A stack has the balancer's certificate as a custom resource, whose function imports it into ACM; the resource's id is the certificate's ARN.
 */
const MADE_BY_FUNCTION = "AWS::CloudFormation::CustomResource";

/** Certificates. Only the tags name their stage. */
export const certificates: Look = {
  service: "ACM",
  namespaces: ["acm"],
  types: [MADE_BY_FUNCTION],
  async find(asked) {
    const client = new ACMClient(patient(asked));
    // Without a list ACM returns only RSA keys of 1,024 and 2,048 bits.
    const Includes = { keyTypes: Object.values(KeyAlgorithm) };
    const pages = paginateListCertificates({ client }, { Includes });
    const found = await all(pages, (page) => page.CertificateSummaryList);
    return found
      .filter(({ CertificateArn = "" }) => asked.tagged.has(CertificateArn))
      .map(({ CertificateArn: id = "", DomainName = "" }) => ({
        type: MADE_BY_FUNCTION,
        id,
        name: `certificate of ${DomainName} (${id.split("/").at(-1)})`,
        usdMonthly: 0, // the certificate is free
        commands: [aws(asked, "acm", "delete-certificate", "--certificate-arn", id)],
      }));
  },
};
