import { parse } from "yaml";
import * as z from "zod";
import { noSuchStack } from "./account-answers.ts";
import { type Answers, type RecordedAnswer, xml, xmlError } from "./recorded-aws.ts";

const Template = z.object({
  Resources: z
    .record(
      z.string(),
      z.object({
        Type: z.string(),
        Properties: z.record(z.string(), z.unknown()).default({}),
        DeletionPolicy: z.string().default("Delete"),
      }),
    )
    .default({}),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

export interface StandInStack {
  status: string;
  template: string;
  roleArn: string;
  createdAt: string;
  updatedAt?: string;
  events: { resource: string; type: string; status: string; reason?: string; at: string }[];
  /** The final status of a change that is held. */
  next?: string;
}

type Stacks = Map<string, StandInStack>;

/** The part of CloudFormation that a deployment uses, with its states and its refusals (CloudFormation API reference, "Stack status codes"). */
export function createCloudFormation(objects: ReadonlyMap<string, string>) {
  const stacks: Stacks = new Map();
  const failing = new Set<string>();
  const held = new Set<string>();
  const changeSets = new Map<string, { template: string; roleArn: string }>();
  const isAmong = (names: ReadonlySet<string>, stack: string) =>
    [...names].some((name) => stack.endsWith(name));

  function begin(name: string, verb: "CREATE" | "UPDATE" | "DELETE", change: Partial<StandInStack>): void {
    const isFailing = [...failing].find((one) => name.endsWith(one));
    const now = new Date().toISOString();
    const events = stacks.get(name)?.events ?? [];
    if (isFailing !== undefined) {
      failing.delete(isFailing);
      const event = { resource: "Broken", type: "AWS::Test::Broken", status: `${verb}_FAILED` };
      events.unshift({ ...event, reason: "The test said that this fails.", at: now });
    }
    const done = isFailing === undefined ? `${verb}_COMPLETE` : failedBy(verb);
    const stack = { template: "{}", roleArn: "", createdAt: now, events, ...stacks.get(name), ...change };
    stacks.set(name, { ...stack, status: `${verb}_IN_PROGRESS`, next: done, updatedAt: now });
    settle(name);
  }

  /** Completes the change of a stack that is not held. */
  function settle(name: string): void {
    const stack = stacks.get(name);
    if (stack?.next === undefined || isAmong(held, name)) return;
    if (stack.next === "DELETE_COMPLETE") stacks.delete(name);
    else {
      stack.status = stack.next;
      delete stack.next;
    }
  }

  const templateOf = (form: URLSearchParams) =>
    form.get("TemplateBody") ??
    objects.get(new URL(form.get("TemplateURL") ?? "http://none").pathname) ??
    "{}";

  const ofStack = (form: URLSearchParams, answer: (stack: StandInStack) => RecordedAnswer) => {
    const name = form.get("StackName") ?? "";
    const stack = stacks.get(name);
    return stack ? answer(stack) : noSuchStack(name);
  };

  const answers: Answers = {
    CreateStack: ({ form }) => {
      const name = form.get("StackName") ?? "";
      if (stacks.has(name)) return xmlError("AlreadyExistsException", `Stack [${name}] already exists`);
      begin(name, "CREATE", { template: templateOf(form), roleArn: form.get("RoleARN") ?? "" });
      return xml("CreateStack", `<StackId>${name}</StackId>`);
    },
    UpdateStack: ({ form }) => {
      const name = form.get("StackName") ?? "";
      const stack = stacks.get(name);
      if (!stack) return xmlError("ValidationError", `Stack [${name}] does not exist`);
      if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
        return xmlError(
          "ValidationError",
          `Stack:${name} is in ${stack.status} state and can not be updated.`,
        );
      }
      const template = templateOf(form);
      if (template === stack.template) return xmlError("ValidationError", "No updates are to be performed.");
      begin(name, "UPDATE", { template });
      return xml("UpdateStack", `<StackId>${name}</StackId>`);
    },
    DeleteStack: ({ form }) => {
      const name = form.get("StackName") ?? "";
      if (stacks.has(name)) begin(name, "DELETE", {});
      return xml("DeleteStack", "");
    },
    DescribeStacks: ({ form }) => {
      for (const name of stacks.keys()) settle(name);
      const name = form.get("StackName");
      if (name !== null && !stacks.has(name)) return noSuchStack(name);
      return described([...stacks].filter(([one]) => name === null || one === name));
    },
    DescribeStackEvents: ({ form }) => ofStack(form, events),
    DescribeStackResources: ({ form }) => ofStack(form, (stack) => resources("StackResources", stack)),
    ListStackResources: ({ form }) => ofStack(form, (stack) => resources("StackResourceSummaries", stack)),
    ListImports: xmlError("ValidationError", "Export is not imported by any stack."),
    GetTemplate: ({ form }) => {
      const stack = stacks.get(form.get("StackName") ?? "");
      return stack
        ? xml("GetTemplate", `<TemplateBody>${escaped(stack.template)}</TemplateBody>`)
        : noSuchStack(form.get("StackName") ?? "");
    },
    GetTemplateSummary: xml("GetTemplateSummary", "<Parameters></Parameters>"),
    CreateChangeSet: ({ form }) => {
      const name = form.get("StackName") ?? "";
      changeSets.set(name, { template: templateOf(form), roleArn: form.get("RoleARN") ?? "" });
      const createdAt = new Date().toISOString();
      const reviewed = { status: "REVIEW_IN_PROGRESS", template: "{}", roleArn: "", createdAt, events: [] };
      if (!stacks.has(name)) stacks.set(name, reviewed);
      return xml("CreateChangeSet", `<Id>set</Id><StackId>${name}</StackId>`);
    },
    DescribeChangeSet: ({ form }) => {
      const name = form.get("StackName");
      return xml(
        "DescribeChangeSet",
        `<StackName>${name}</StackName><StackId>${name}</StackId><ChangeSetName>set</ChangeSetName><ChangeSetId>set</ChangeSetId><Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member><Type>Resource</Type></member></Changes>`,
      );
    },
    ExecuteChangeSet: ({ form }) => {
      const name = form.get("StackName") ?? "";
      const { template = "{}", roleArn = "" } = changeSets.get(name) ?? {};
      changeSets.delete(name);
      const isNew = stacks.get(name)?.status === "REVIEW_IN_PROGRESS";
      begin(name, isNew ? "CREATE" : "UPDATE", { template, roleArn });
      return xml("ExecuteChangeSet", "");
    },
    DeleteChangeSet: xml("DeleteChangeSet", ""),
    UpdateTerminationProtection: ({ form }) =>
      xml("UpdateTerminationProtection", `<StackId>${form.get("StackName")}</StackId>`),
  };
  return { answers, stacks, failing, held };
}

/** The CDK's bootstrap template is YAML, all others are JSON. */
function readTemplate(text: string): z.output<typeof Template> {
  return Template.parse(text.startsWith("{") ? JSON.parse(text) : parse(text));
}

function failedBy(verb: "CREATE" | "UPDATE" | "DELETE"): string {
  return { CREATE: "ROLLBACK_COMPLETE", UPDATE: "UPDATE_ROLLBACK_COMPLETE", DELETE: "DELETE_FAILED" }[verb];
}

function described(stacks: readonly (readonly [name: string, stack: StandInStack])[]): RecordedAnswer {
  const members = stacks.map(([name, { status, createdAt, updatedAt, template }]) => {
    const outputs = outputsOf(template).map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
    );
    const updated = updatedAt ? `<LastUpdatedTime>${updatedAt}</LastUpdatedTime>` : "";
    return `<member><StackName>${name}</StackName><StackId>${name}</StackId><StackStatus>${status}</StackStatus><CreationTime>${createdAt}</CreationTime>${updated}<Outputs>${outputs.join("")}</Outputs></member>`;
  });
  return xml("DescribeStacks", `<Stacks>${members.join("")}</Stacks>`);
}

/** The value of an output: a literal as it is, the version of a bootstrap from its parameter, any other as an address, because some are. */
function outputsOf(text: string): [key: string, value: string][] {
  const { Outputs, Resources } = readTemplate(text);
  return Object.entries(Outputs).map(([key, { Value }]) => {
    if (typeof Value === "string") return [key, Value];
    if (/bucket/i.test(key)) return [key, "assets"];
    const attribute = z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Value")]) }).safeParse(Value);
    const parameter = Resources[attribute.data?.["Fn::GetAtt"][0] ?? ""];
    return [key, parameter ? String(parameter.Properties.Value) : `https://${key.toLowerCase()}.example.com`];
  });
}

function events(stack: StandInStack): RecordedAnswer {
  const members = stack.events.map(
    ({ resource, type, status, reason = "", at }, index) =>
      `<member><EventId>${index}</EventId><LogicalResourceId>${resource}</LogicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus><ResourceStatusReason>${escaped(reason)}</ResourceStatusReason><Timestamp>${at}</Timestamp></member>`,
  );
  return xml("DescribeStackEvents", `<StackEvents>${members.join("")}</StackEvents>`);
}

function resources(list: string, stack: StandInStack): RecordedAnswer {
  const { Resources } = readTemplate(stack.template);
  // Rolled-back resources remain in the list.
  const status = stack.status === "ROLLBACK_COMPLETE" ? "DELETE_COMPLETE" : "CREATE_COMPLETE";
  const members = Object.entries(Resources).map(
    ([id, { Type }]) =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${id.toLowerCase()}</PhysicalResourceId><ResourceType>${Type}</ResourceType><ResourceStatus>${status}</ResourceStatus></member>`,
  );
  const action = list === "StackResources" ? "DescribeStackResources" : "ListStackResources";
  return xml(action, `<${list}>${members.join("")}</${list}>`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
