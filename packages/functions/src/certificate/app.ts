import type { Identity } from "@cloud-design/core/certificate";
import { parseJson } from "@cloud-design/core/json";
import { Authorities, issue, withGeneration } from "./authority.ts";
import type { Renewal, Wanted } from "./protocol.ts";

export interface CertificateDependencies {
  stage: string;
  authority: { read(): Promise<string>; write(text: string): Promise<void> };
  task: { write(text: string): Promise<void> };
  /** The secret with this ARN. */
  broker: (secretArn: string) => { write(text: string): Promise<void> };
  acm: {
    /** Imports into the certificate of this ARN, or into a new one; resolves with its ARN. */
    import(certificate: Identity & { issuer: string }, arn?: string): Promise<string>;
    /** Resolves also when the certificate does not exist. */
    remove(arn: string): Promise<void>;
  };
  now?: () => Date;
}

export interface Issued {
  certificateArn: string;
  /** The certificates in PEM of every authority that may have signed, one after the other. */
  authority: string;
}

export interface CertificateApp {
  issue(wanted: Wanted, certificateArn?: string): Promise<Issued>;
  renew(renewal: Renewal): Promise<Issued>;
  remove(certificateArn: string): Promise<void>;
}

/** The certificates of a stage. Each call makes all of them anew, so that all are as young as the last renewal. */
export function createApp(deps: CertificateDependencies): CertificateApp {
  const { stage, authority, task, broker, acm, now = () => new Date() } = deps;
  async function authoritiesFor({ generation, ...wanted }: Wanted): Promise<Authorities> {
    const known = parse(await authority.read());
    const names = [...wanted.names, ...(wanted.broker?.names ?? [])];
    const authorities = withGeneration(known, generation, { names, stage, now: now() });
    // Stored before it signs: with a lost key a renewal could not be signed.
    if (authorities !== known) await authority.write(JSON.stringify({ authorities }));
    return authorities;
  }
  async function issueInto(authorities: Authorities, wanted: Wanted, arn?: string): Promise<Issued> {
    const issued = issue(authorities, wanted, now());
    const { balancer, issuer } = issued;
    const withIssuer = ({ key, cert }: Identity) => JSON.stringify({ key, cert: cert + issuer });
    await task.write(withIssuer(issued.task));
    if (wanted.broker && issued.broker)
      await broker(wanted.broker.secretArn).write(withIssuer(issued.broker));
    const certificateArn = await acm.import({ ...balancer, issuer }, arn);
    return { certificateArn, authority: authorities.map(({ cert }) => cert).join("") };
  }
  return {
    issue: async (wanted, arn) => issueInto(await authoritiesFor(wanted), wanted, arn),
    // No client would know an authority that a renewal made.
    renew: async ({ certificateArn, ...wanted }) =>
      issueInto(parse(await authority.read()), wanted, certificateArn),
    remove: acm.remove,
  };
}

/**
 * Throws for a damaged secret: a new authority would not be trusted by any client. The error does not contain the
 * secret's text.
 */
function parse(text: string): Authorities {
  const parsed = Authorities.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.authorities;
  throw new Error("The authority's secret is damaged: put its last version back, or make another authority.");
}
