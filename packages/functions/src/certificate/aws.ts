import { setTimeout as sleep } from "node:timers/promises";
import {
  ACMClient,
  DeleteCertificateCommand,
  ImportCertificateCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-acm";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { SDK_OPTIONS } from "../shared/sdk-options.ts";
import type { CertificateDependencies } from "./app.ts";

/** The load balancer releases a certificate some time after its last listener is deleted. */
const REMOVE_ATTEMPTS = 12;

export function openSecret(arn: string) {
  const client = new SecretsManagerClient(SDK_OPTIONS);
  return {
    async read(): Promise<string> {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      return SecretString;
    },
    async write(text: string): Promise<void> {
      await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: text }));
    },
  };
}

export function openAcm(
  tags: Readonly<Record<string, string>>,
  { retrySeconds = 10 } = {},
): CertificateDependencies["acm"] {
  const client = new ACMClient(SDK_OPTIONS);
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    async import({ key, cert, issuer }, arn) {
      const { CertificateArn } = await client.send(
        new ImportCertificateCommand({
          PrivateKey: Buffer.from(key),
          Certificate: Buffer.from(cert),
          CertificateChain: Buffer.from(issuer),
          // ACM accepts tags only with a new certificate.
          ...(arn === undefined ? { Tags } : { CertificateArn: arn }),
        }),
      );
      if (CertificateArn === undefined) throw new Error("ACM did not return the ARN of the new certificate.");
      return CertificateArn;
    },
    async remove(arn) {
      for (let attempt = 1; ; attempt++) {
        try {
          await client.send(new DeleteCertificateCommand({ CertificateArn: arn }));
          return;
        } catch (error) {
          if (error instanceof ResourceNotFoundException) return;
          if (!(error instanceof ResourceInUseException) || attempt === REMOVE_ATTEMPTS) throw error;
        }
        await sleep(retrySeconds * 1_000);
      }
    },
  };
}
