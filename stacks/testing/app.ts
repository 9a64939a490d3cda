import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultPreset } from "@cloud-design/stage/preset";
import type { Preset } from "@cloud-design/stage/settings";
import * as z from "zod";
import { resolveIntrinsics, type Scope } from "./intrinsics.ts";

/** A whole stage as one list of resources, whichever stack holds them. */
export interface App {
  stage: string;
  preset: Preset;
  resources: Resource[];
  /** The exports of each template; their names are unique in a region. */
  exportNames: string[];
}

export interface Resource {
  /** Its construct's path without the stage, `Network/Vpc`: the same in every stage. */
  name: string;
  type: string;
  /** Without intrinsic functions: a reference stands as `<Network/Vpc>` or `<Databases/Key.Arn>`. */
  properties: Record<string, unknown>;
  deletionPolicy: string;
  updateReplacePolicy: string;
  updatePolicy: Record<string, unknown>;
  dependsOn: string[];
}

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      properties: z.object({ templateFile: z.string().optional() }).optional(),
      metadata: z
        .record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown().optional() })))
        .optional(),
    }),
  ),
});
const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      // CloudFormation's default.
      DeletionPolicy: z.string().default("Delete"),
      UpdateReplacePolicy: z.string().default("Delete"),
      UpdatePolicy: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
    }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
});

interface Stack {
  /** The template's path. */
  file: string;
  template: z.output<typeof Template>;
  scope: Scope;
}

/** The preset of each stage that the tests build. */
export function presetOfStage(stage: string): Preset {
  return stage === "learner" ? "learner" : defaultPreset(stage);
}

/** Reads the templates that `sst build` wrote. */
export function readApp(stage: string, directory: string): App {
  const stacks = readStacks(stage, directory);
  const names = stacks.flatMap(({ scope }) => [...scope.exports.keys()]);
  return {
    stage,
    preset: presetOfStage(stage),
    resources: withParameters(stacks.flatMap(resourcesIn)),
    exportNames: [...new Set(names)],
  };
}

export function readStacks(stage: string, directory: string): Stack[] {
  const readJson = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), "utf8"));
  const exports: Scope["exports"] = new Map();
  return Object.values(Manifest.parse(readJson("manifest.json")).artifacts).flatMap((artifact) => {
    const { templateFile } = artifact.properties ?? {};
    if (artifact.type !== "aws:cloudformation:stack" || templateFile === undefined) return [];
    const template = Template.parse(readJson(templateFile));
    const [, account = "", region = ""] = /^aws:\/\/(\d+)\/(.+)$/.exec(artifact.environment ?? "") ?? [];
    const scope: Scope = { names: namesOf(stage, artifact.metadata ?? {}), account, region, exports };
    for (const { Value, Export } of Object.values(template.Outputs)) {
      if (Export) exports.set(Export.Name, { value: Value, scope });
    }
    return [{ file: join(directory, templateFile), template, scope }];
  });
}

function namesOf(
  stage: string,
  metadata: Record<string, { type: string; data?: unknown }[]>,
): Map<string, string> {
  const prefix = `/${stage}-cloud-design-`;
  const pairs = Object.entries(metadata).flatMap(([path, entries]) =>
    entries
      .filter(({ type }) => type === "aws:cdk:logicalId")
      .map(({ data }) => [String(data), path.slice(prefix.length).replace(/\/Resource$/, "")] as const),
  );
  return new Map(pairs);
}

function resourcesIn({ template, scope }: Stack): Resource[] {
  const nameOf = (id: string) => scope.names.get(id) ?? id;
  return Object.entries(template.Resources).map(([id, resource]) => ({
    name: nameOf(id),
    type: resource.Type,
    properties: resolveIntrinsics(resource.Properties, scope) as Record<string, unknown>,
    deletionPolicy: resource.DeletionPolicy,
    updateReplacePolicy: resource.UpdateReplacePolicy,
    updatePolicy: resolveIntrinsics(resource.UpdatePolicy, scope) as Record<string, unknown>,
    dependsOn: resource.DependsOn.map(nameOf),
  }));
}

/** A template's parameter that is read from a parameter of the stage stands as that one's value. */
function withParameters(resources: readonly Resource[]): Resource[] {
  const values = new Map(
    resources
      .filter(({ type }) => type === "AWS::SSM::Parameter")
      .map(({ properties: { Name, Value } }) => [Name, JSON.stringify(Value).slice(1, -1)]),
  );
  // CDK writes the slashes of the name as dashes.
  const resolved = (reference: string, name: string) => values.get(name.replaceAll("--", "/")) ?? reference;
  return resources.map((resource) => ({
    ...resource,
    properties: JSON.parse(
      JSON.stringify(resource.properties).replaceAll(/<\w+\/SsmParameterValue:([^:<>]+):[^<>]+>/g, resolved),
    ),
  }));
}

/** The resources of a type, parsed by a schema of the properties needed. Throws when one does not match it. */
export function resourcesOf<T extends z.ZodType>(
  { resources }: App,
  type: string,
  schema: T,
): (Omit<Resource, "properties"> & { properties: z.output<T> })[] {
  return resources
    .filter((resource) => resource.type === type)
    .map((resource) => {
      const { data, error } = schema.safeParse(resource.properties);
      if (error) throw new Error(`${resource.name} (${type}): ${z.prettifyError(error)}`);
      return { ...resource, properties: data };
    });
}
