/** Of the function that an operator's command line looks for. */
export const DEAD_LETTERS = "dead-letters";
/** Of the task that a developer's command line runs. */
export const TUNNEL = "tunnel";

/** A name that an account and region may hold once, with the stage in it. Nothing gets one that CloudFormation can name itself. */
export function nameOf(stack: { stage: string }, name: string): string {
  return `${stack.stage}-cloud-design-${name}`;
}

/** Where people sign in and programs get tokens: Cognito's domain, unique in a region over all accounts, hence the account's number. */
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

/** Where the metrics of a stage stand that no service of AWS reports. */
export function metricsNamespace({ stage }: { stage: string }): string {
  return `cloud-design/${stage}`;
}

/** Where .github/workflows/deploy.yml notes the commit that the smoke test last found well. */
export function revisionParameter({ stage }: { stage: string }): string {
  return `/cloud-design/${stage}/revision`;
}
