/** The operators' functions, which the command line finds by these names. */
export const DEAD_LETTERS = "dead-letters";
export const PERSONAL_DATA = "personal-data";
export const SLEEPER = "sleeper";
/** The tunnel's task, which the command line runs by this name. */
export const TUNNEL = "tunnel";
/** On the NAT instance of a stage that has one: the stage's name. */
export const NAT_TAG = "cloud-design:nat";

/** The broker's name in the private domain of its stage. */
export const BROKER_NAME = "rabbitmq";

/**
 * A physical name that must be unique in an account and region, so it contains the stage. A resource gets one only if CloudFormation cannot name
 * it.
 */
export function nameOf(stack: { stage: string }, name: string): string {
  return `${stack.stage}-cloud-design-${name}`;
}

/** The private DNS domain of a stage. A name of the project's own, because AWS itself uses `ec2.internal` and `compute.internal`. */
export function internalDomain({ stage }: { stage: string }): string {
  return `${stage}.cloud-design.internal`;
}

/** The host of a broker in a container. */
export function brokerHost(stack: { stage: string }): string {
  return `${BROKER_NAME}.${internalDomain(stack)}`;
}

/** The host of the sign-in page and of tokens: Cognito's domain, unique in a region over all accounts, hence the account's number. */
export function signInUrlOf({
  stage,
  account,
  region,
}: {
  stage: string;
  account: string;
  region: string;
}): string {
  return `https://${nameOf({ stage }, account)}.auth.${region}.amazoncognito.com`;
}

/** The namespace of a stage's own metrics. */
export function metricsNamespace({ stage }: { stage: string }): string {
  return `cloud-design/${stage}`;
}

/** The parameter in which .github/workflows/deploy.yml records the last commit that passed the smoke test. */
export function revisionParameter({ stage }: { stage: string }): string {
  return `/cloud-design/${stage}/revision`;
}

/** The parameter from which the stage's own clients learn which authorities sign its certificates; a new generation has a name of its own. */
export function authorityParameter({ stage }: { stage: string }, generation: string): string {
  return `/cloud-design/${stage}/authority-${generation}`;
}

/** The parameter in which the sleeper keeps whether the stage sleeps. */
export function sleepParameter({ stage }: { stage: string }): string {
  return `/cloud-design/${stage}/sleep`;
}
