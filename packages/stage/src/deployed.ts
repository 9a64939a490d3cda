import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { StageOutputs, stageOutputs } from "./outputs.ts";
import { DEFAULT_REGION } from "./regions.ts";
import type { StageAccess } from "./resources.ts";

export interface Deployed {
  outputs: StageOutputs;
  access: StageAccess;
}

/** A stage as an operator names it; region and profile default to AWS's usual ones. */
export interface NamedStage {
  stage: string;
  region?: string | undefined;
  profile?: string | undefined;
}

/** The file that SST writes. */
const Outputs = z.record(z.string(), z.record(z.string(), z.unknown()));

/**
 * The location and the clients of a stage. Read from SST's file of outputs when this folder deployed the stage last, otherwise from
 * CloudFormation, as for a given account or region.
 */
export async function deployedStage(named: NamedStage, root: string): Promise<Deployed> {
  const outputs = named.profile === undefined ? writtenDown(named.stage, root) : undefined;
  // A user pool's id begins with its region.
  const here = outputs?.UserPoolId.split("_")[0];
  if (outputs && here && (named.region ?? here) === here)
    return { outputs, access: { ...named, region: here } };
  const access = { ...named, region: named.region ?? DEFAULT_REGION };
  return { outputs: await stageOutputs(access), access };
}

function writtenDown(stage: string, root: string): StageOutputs | undefined {
  const path = join(root, ".sst/outputs.json");
  const { data = {} } = Outputs.safeParse(existsSync(path) ? parseJson(readFileSync(path, "utf8")) : {});
  const ofStage = Object.entries(data).filter(([stack]) => stack.startsWith(`${stage}-cloud-design-`));
  return StageOutputs.safeParse(Object.assign({}, ...ofStage.map(([, values]) => values))).data;
}
