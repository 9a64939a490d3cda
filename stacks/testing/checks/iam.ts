import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { EXPECTED_ROLES, type ExpectedRole } from "../expected-iam.ts";
import { nameOf, replaceReferences } from "../references.ts";
import { compareSets } from "./compare.ts";

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const Principal = z.union([z.string(), z.record(z.string(), oneOrMore)]);
const Statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore,
  Resource: oneOrMore.default([]),
  Principal: Principal.optional(),
  Condition: z.record(z.string(), z.unknown()).optional(),
});
const Document = z.object({ Statement: z.array(Statement) });
const Role = z.object({
  AssumeRolePolicyDocument: Document,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.object({ PolicyDocument: Document })).default([]),
});
const Policy = z.object({ PolicyDocument: Document, Roles: z.array(z.string()) });
const Permission = z.object({ Principal: z.string(), SourceArn: z.string().optional() });

/** Each role has exactly the rights of the reviewed list, and the list gives a reason beside each `*`. */
export function roles(app: App): string[] {
  const expected = EXPECTED_ROLES[app.preset];
  const actual = rolesOf(app);
  const names = compareSets("Role", Object.keys(actual), Object.keys(expected));
  const rights = Object.entries(actual).flatMap(([name, role]) => {
    const wanted = expected[name];
    return wanted ? compareSets(name, linesOf(role), linesOf(wanted)) : [];
  });
  return [...names, ...rights, ...unexplained(expected)];
}

/** `EXPECTED_ROLES` as these templates have it, without the reasons. */
export function rolesOf(app: App): Record<string, ExpectedRole> {
  const policies = resourcesOf(app, "AWS::IAM::Policy", Policy);
  const entries = resourcesOf(app, "AWS::IAM::Role", Role).map(({ name, properties }) => {
    const attached = policies.filter((policy) =>
      policy.properties.Roles.some((role) => nameOf(role) === name),
    );
    const documents = [...properties.Policies, ...attached.map((policy) => policy.properties)];
    const statements = documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const role: ExpectedRole = {
      trusts: properties.AssumeRolePolicyDocument.Statement.map(({ Principal }) =>
        readable(Principal),
      ).join(),
      managed: properties.ManagedPolicyArns.map((arn) => arn.split("policy/").at(-1) ?? arn),
      may: statements.map(({ Effect, Action, Resource, Condition }) => ({
        actions: Effect === "Allow" ? Action : Action.map((action) => `not ${action}`),
        on: Resource.map((resource) =>
          withoutStage(replaceReferences(resource, (text) => text.slice(1, -1))),
        ),
        ...(Condition && { if: JSON.stringify(Condition) }),
      })),
    };
    return [name, role] as const;
  });
  return Object.fromEntries(entries);
}

/** CDK names an event source after its queue, with the stage and a hash of it. */
function withoutStage(resource: string): string {
  return resource.replace(/(?<=\/SqsEventSource:)\w*clouddesign(\w+)[0-9A-F]{8}/, "$1");
}

function readable(principal: z.output<typeof Principal> | undefined): string {
  return typeof principal === "object" ? Object.values(principal).flat().join() : String(principal);
}

/** One line for each action on each resource, however they were grouped. */
function linesOf({ trusts, managed = [], may }: ExpectedRole): string[] {
  return [
    `trusts ${trusts}`,
    ...managed.map((name) => `has the managed policy ${name}`),
    ...may.flatMap(({ actions, on, if: condition = "always" }) =>
      actions.flatMap((action) => on.map((resource) => `${action} on ${resource}, ${condition}`)),
    ),
  ];
}

function unexplained(roles: Record<string, ExpectedRole>): string[] {
  return Object.entries(roles).flatMap(([name, { may }]) =>
    may
      .filter(({ actions, on, because }) => [...actions, ...on].join().includes("*") && !because)
      .map(({ actions }) => `${name} has a * without a reason, for ${actions}`),
  );
}

const RESOURCE_POLICIES = [
  ["AWS::S3::BucketPolicy", "PolicyDocument"],
  ["AWS::SQS::QueuePolicy", "PolicyDocument"],
  ["AWS::SNS::TopicPolicy", "PolicyDocument"],
  ["AWS::KMS::Key", "KeyPolicy"],
] as const;

/** No bucket, queue, topic, key or function admits every caller. */
export function resourcePolicies(app: App): string[] {
  const documents = RESOURCE_POLICIES.flatMap(([type, property]) =>
    resourcesOf(app, type, z.looseObject({ [property]: Document })).flatMap(({ name, properties }) =>
      Document.parse(properties[property]).Statement.map((statement) => ({ name, statement })),
    ),
  );
  return [
    ...documents
      .filter(({ statement }) => statement.Effect === "Allow" && readable(statement.Principal).includes("*"))
      .map(({ name }) => `${name} allows everybody`),
    ...resourcesOf(app, "AWS::Lambda::Permission", Permission)
      .filter(({ properties }) => properties.Principal === "*" || !properties.SourceArn)
      .map(({ name }) => `${name} lets others than one source call the function`),
  ];
}
