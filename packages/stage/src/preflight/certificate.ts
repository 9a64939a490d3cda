import { ACMClient, type CertificateDetail, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import type { StackEnvironment } from "../environment.ts";
import { Refusal } from "../refusal.ts";
import { EDGE_REGION } from "../regions.ts";

/** CloudFront requires an issued certificate that covers the domain, and refuses another one only after the databases are created. */
export async function checkCertificate(environment: StackEnvironment, access: AwsAccess): Promise<string> {
  const { SITE_DOMAIN: domain, SITE_CERTIFICATE_ARN: arn } = environment;
  if (!domain || !arn) return "CloudFront's own; no SITE_DOMAIN is set";
  const { Status, DomainName, SubjectAlternativeNames = [] } = await certificateOf(arn, access);
  if (Status !== "ISSUED") {
    throw new Refusal(
      `The certificate of SITE_CERTIFICATE_ARN is ${Status}, not ISSUED: add the CNAME records that ACM shows for it to the domain's DNS, wait, and deploy again.`,
    );
  }
  const names = [...new Set([DomainName ?? "", ...SubjectAlternativeNames])];
  if (!names.some((name) => covers(name, domain))) {
    throw new Refusal(
      `The certificate of SITE_CERTIFICATE_ARN is for ${names.join(", ")} and not for ${domain}: request one in ${EDGE_REGION} that names it.`,
    );
  }
  return `issued, for ${domain}`;
}

async function certificateOf(arn: string, { profile }: AwsAccess): Promise<CertificateDetail> {
  const access = { region: EDGE_REGION, profile };
  const question = new DescribeCertificateCommand({ CertificateArn: arn });
  try {
    const { Certificate = {} } = await new ACMClient(clientSettings(access)).send(question);
    return Certificate;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") {
      throw new Refusal(`There is no certificate ${arn} in this account: correct SITE_CERTIFICATE_ARN.`);
    }
    throw explained(error, access);
  }
}

/** A wildcard stands for one label: `*.example.com` covers shop.example.com, but neither example.com nor a.shop.example.com. */
function covers(name: string, domain: string): boolean {
  const [certified, wanted] = [name.toLowerCase(), domain.toLowerCase()];
  return certified.startsWith("*.")
    ? certified.slice(1) === wanted.slice(wanted.indexOf("."))
    : certified === wanted;
}
