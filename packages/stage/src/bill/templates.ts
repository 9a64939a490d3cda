import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TEMPLATE = ".template.json";

/** A resource as its template has it, with CloudFormation's functions in its properties. */
export interface Resource {
  /** Without the stage: `Network`. */
  stack: string;
  id: string;
  type: string;
  properties: Record<string, unknown>;
}

/** The stacks of an assembly, the folder that `sst build` writes, by their full names. */
export function stacksIn(assembly: string): string[] {
  return readdirSync(assembly)
    .filter((name) => name.endsWith(TEMPLATE))
    .map((name) => name.slice(0, -TEMPLATE.length))
    .sort();
}

/** The resources of all templates of an assembly, stack by stack. */
export function resourcesIn(assembly: string): Resource[] {
  return stacksIn(assembly).flatMap((name) => {
    const { Resources = {} } = JSON.parse(readFileSync(join(assembly, name + TEMPLATE), "utf8"));
    return Object.entries<{ Type: string; Properties?: Record<string, unknown> }>(Resources).map(
      ([id, { Type: type, Properties: properties = {} }]) => ({
        stack: name.split("-").at(-1) ?? name,
        id,
        type,
        properties,
      }),
    );
  });
}
