import { parseReference, referenceTo } from "./references.ts";

/** The names that a template's intrinsic functions may refer to. */
export interface Scope {
  /** The readable name of each logical id. */
  names: Map<string, string>;
  account: string;
  region: string;
  /** The exports of all stacks, each value with the scope in which it was written. */
  exports: Map<string, { value: unknown; scope: Scope }>;
}

/** Replaces CloudFormation's functions by readable references and plain text. Throws at a function that it does not know. */
export function resolveIntrinsics(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolveIntrinsics(item, scope)).filter((item) => item !== undefined);
  }
  if (value === null || typeof value !== "object") return value;
  const [key = "", argument] = Object.entries(value)[0] ?? [];
  if (key === "Ref") return refer(String(argument), scope);
  if (key.startsWith("Fn::")) return call(key, argument, scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]) => [name, resolveIntrinsics(item, scope)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function refer(id: string, { names, account, region }: Scope): string | undefined {
  const pseudo: Record<string, string | undefined> = {
    "AWS::AccountId": account,
    "AWS::NoValue": undefined,
    "AWS::Partition": "aws",
    "AWS::Region": region,
    "AWS::URLSuffix": "amazonaws.com",
  };
  return id in pseudo ? pseudo[id] : referenceTo(names.get(id) ?? id);
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const resolved = name === "Fn::GetAtt" ? argument : resolveIntrinsics(argument, scope);
  const [first, second]: unknown[] = Array.isArray(resolved) ? resolved : [resolved];
  switch (name) {
    case "Fn::GetAtt":
      return referenceTo(scope.names.get(String(first)) ?? String(first), String(second));
    case "Fn::Base64":
      // As text: the template's reader wants to see it.
      return first;
    case "Fn::ImportValue":
      return importValue(String(first), scope);
    case "Fn::Join":
      // An attribute that is a list becomes one reference.
      return Array.isArray(second) ? second.join(String(first)) : second;
    case "Fn::Split":
      return parseReference(second) ? second : String(second).split(String(first));
    case "Fn::Select":
      // One item of an attribute that is a list: `<Broker/Broker.AmqpEndpoints.0>`.
      return Array.isArray(second) ? second[Number(first)] : String(second).replace(">", `.${first}>`);
    case "Fn::Sub":
      return String(first).replaceAll(/\$\{([^}]+)\}/g, (_, id) => refer(id, scope) ?? "");
    default:
      throw new Error(`${name} is not known here: add it to stacks/testing/intrinsics.ts.`);
  }
}

function importValue(name: string, { exports }: Scope): unknown {
  const exported = exports.get(name);
  if (!exported) throw new Error(`No stack exports ${name}.`);
  return resolveIntrinsics(exported.value, exported.scope);
}
