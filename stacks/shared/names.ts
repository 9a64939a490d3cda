import type { Stack } from "sst/constructs";

/** A name that an account and region may hold once, with the stage in it. Nothing gets one that CloudFormation can name itself. */
export function nameOf(stack: Stack, name: string): string {
  return `${stack.stage}-cloud-design-${name}`;
}
