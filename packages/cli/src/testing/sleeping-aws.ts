import { ec2 } from "@cloud-design/stage/testing/account-answers";
import {
  jsonError,
  type Question,
  type RecordedAnswer,
  xml,
  xmlError,
} from "@cloud-design/stage/testing/recorded-aws";

export const STAGE = "recorded-1";
const PREFIX = `${STAGE}-cloud-design-`;
const SERVER = `${PREFIX}inventory-billing`;
const BUCKET = "pages";
const MAPPINGS = ["mapping-1", "mapping-2"] as const;
const serviceArn = (name: string) =>
  `arn:aws:ecs:us-east-1:123456789012:service/stage-cluster/${name}-service`;
const SERVICES = ["inventory", "billing", "broker"] as const;
type ServiceName = (typeof SERVICES)[number];

/** The environment of the stage's sleeper. */
export const SLEEPER_ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "nobody",
  AWS_SECRET_ACCESS_KEY: "nothing",
  LOG_LEVEL: "silent",
  ALARM_PREFIX: PREFIX,
  BUCKET,
  MAPPINGS: JSON.stringify(MAPPINGS),
  NAT_TAG: STAGE,
  PROBE_RULE: "probe",
  SERVERS: JSON.stringify([SERVER]),
  SERVICES: JSON.stringify([
    { inventory: serviceArn("inventory"), billing: serviceArn("billing") },
    { broker: serviceArn("broker") },
  ]),
  STATE_PARAMETER: `/cloud-design/${STAGE}/sleep`,
};

type Operations = Record<string, (question: Question) => RecordedAnswer>;

/** The parts as AWS has them. */
export interface Parts {
  server: string;
  nat: string;
  services: Record<ServiceName, { desired: number; running: number; isSuspended: boolean }>;
  mappings: string[];
  rule: string;
  areAlarmsOn: boolean;
}

export function awakeParts(): Parts {
  const service = { desired: 2, running: 2, isSuspended: false };
  return {
    server: "available",
    nat: "running",
    services: {
      inventory: { ...service },
      billing: { ...service },
      broker: { ...service, desired: 1, running: 1 },
    },
    mappings: ["Enabled", "Enabled"],
    rule: "ENABLED",
    areAlarmsOn: true,
  };
}

export function asleepParts(): Parts {
  const service = { desired: 0, running: 0, isSuspended: true };
  return {
    server: "stopped",
    nat: "stopped",
    // Nothing scales the broker.
    services: {
      inventory: { ...service },
      billing: { ...service },
      broker: { ...service, isSuspended: false },
    },
    mappings: ["Disabled", "Disabled"],
    rule: "DISABLED",
    areAlarmsOn: false,
  };
}

/** The states that change by themselves, and into what. */
const BECOMES: Readonly<Record<string, string>> = {
  stopping: "stopped",
  starting: "available",
  "backing-up": "available",
  pending: "running",
  Disabling: "Disabled",
  Enabling: "Enabled",
};
export const SERVER_STATES = ["available", "stopping", "stopped", "starting", "backing-up"];
export const NAT_STATES = ["running", "stopping", "stopped", "pending"];
export const MAPPING_STATES = ["Enabled", "Disabling", "Disabled", "Enabling"];

/**
 * AWS for the sleeper: parts whose states change with each look at them, never with time, and which refuse what AWS would refuse. `faults`
 * collects each call that would harm a stage.
 */
export class SleepingAws {
  parts = awakeParts();
  parameter = JSON.stringify({ wanted: "awake", isSettled: true });
  objects = new Map<string, string>();
  faults: string[] = [];
  /** Operations that AWS denies. */
  denied = new Set<string>();
  readonly #answers: Operations;

  constructor() {
    const answers: Operations = {
      GetParameter: () => ({ body: { Parameter: { Value: this.parameter } } }),
      PutParameter: ({ json }) => {
        this.parameter = String(json.Value);
        return { body: {} };
      },
      DescribeAlarms: () => ({
        body: {
          MetricAlarms: [{ AlarmName: `${PREFIX}api-errors`, ActionsEnabled: this.parts.areAlarmsOn }],
          CompositeAlarms: [{ AlarmName: `${PREFIX}orders-fast`, ActionsEnabled: this.parts.areAlarmsOn }],
        },
      }),
      EnableAlarmActions: () => this.#alarms(true),
      DisableAlarmActions: () => this.#alarms(false),
      DescribeRule: () => ({ body: { State: this.parts.rule } }),
      EnableRule: () => this.#rule("ENABLED"),
      DisableRule: () => this.#rule("DISABLED"),
      DescribeServices: ({ json }) => this.#describeService(serviceIn(json)),
      UpdateService: ({ json }) => this.#updateService(String(json.service), Number(json.desiredCount)),
      DescribeScalableTargets: ({ json }) => this.#targets(serviceIn(json)),
      RegisterScalableTarget: ({ json }) => this.#suspend(json),
      DescribeDBInstances: () => this.#describeServer(),
      StopDBInstance: () => this.#changeServer("available", "stopping", "StopDBInstance"),
      StartDBInstance: () => this.#changeServer("stopped", "starting", "StartDBInstance"),
      DescribeInstances: () => this.#describeNat(),
      StopInstances: () => this.#changeNat("running", "stopping", "StopInstances"),
      StartInstances: () => this.#changeNat("stopped", "pending", "StartInstances"),
    };
    for (const [index, id] of MAPPINGS.entries()) {
      answers[`GET /2015-03-31/event-source-mappings/${id}`] = () => this.#describeMapping(index);
      answers[`PUT /2015-03-31/event-source-mappings/${id}`] = ({ json }) =>
        this.#changeMapping(index, json.Enabled === true);
    }
    this.#answers = answers;
  }

  answer(question: Question): RecordedAnswer | undefined {
    const { operation } = question;
    if (this.denied.has(operation)) return xmlError("AccessDenied", `You may not ${operation}`, 403);
    return this.#answers[operation]?.(question) ?? this.#object(question);
  }

  #alarms(areOn: boolean): RecordedAnswer {
    this.parts.areAlarmsOn = areOn;
    return { body: {} };
  }

  #rule(state: string): RecordedAnswer {
    this.parts.rule = state;
    return { body: {} };
  }

  #describeService(name: ServiceName): RecordedAnswer {
    const service = this.parts.services[name];
    const { desired: desiredCount, running: runningCount } = service;
    service.running = desiredCount;
    const pendingCount = Math.max(0, desiredCount - runningCount);
    return { body: { services: [{ desiredCount, runningCount, pendingCount }] } };
  }

  #updateService(arn: string, desired: number): RecordedAnswer {
    const { server, nat, services } = this.parts;
    const name = SERVICES.find((known) => arn === serviceArn(known)) ?? "broker";
    if (desired > 0 && !(server === "available" || server === "backing-up"))
      this.faults.push(`${name} starts before its database`);
    if (desired > 0 && nat !== "running") this.faults.push(`${name} starts without a network`);
    if (desired === 0 && this.parts.mappings.includes("Enabled"))
      this.faults.push(`${name} stops while the queues are asked`);
    if (desired === 0 && name === "broker" && services.inventory.running + services.billing.running > 0)
      this.faults.push("the broker stops before the services");
    services[name].desired = desired;
    return { body: {} };
  }

  #targets(name: ServiceName): RecordedAnswer {
    const { isSuspended } = this.parts.services[name];
    const target = { MinCapacity: 2, SuspendedState: { DynamicScalingOutSuspended: isSuspended } };
    return { body: { ScalableTargets: name === "broker" ? [] : [target] } };
  }

  #suspend({ ResourceId, SuspendedState }: Question["json"]): RecordedAnswer {
    const name = SERVICES.find((known) => serviceArn(known).endsWith(`:${ResourceId}`)) ?? "broker";
    if (name === "broker") return jsonError("ObjectNotFoundException", "Nothing scales it");
    this.parts.services[name].isSuspended = Object(SuspendedState).DynamicScalingOutSuspended === true;
    return { body: {} };
  }

  #describeServer(): RecordedAnswer {
    const state = this.parts.server;
    this.parts.server = BECOMES[state] ?? state;
    const instance = `<DBInstance><DBInstanceStatus>${state}</DBInstanceStatus></DBInstance>`;
    return xml("DescribeDBInstances", `<DBInstances>${instance}</DBInstances>`);
  }

  #changeServer(from: string, to: string, operation: string): RecordedAnswer {
    if (this.parts.server !== from) return xmlError("InvalidDBInstanceState", `It is ${this.parts.server}`);
    if (to === "stopping") this.#checkNoTasks("the database");
    this.parts.server = to;
    return xml(operation, "<DBInstance></DBInstance>");
  }

  #describeNat(): RecordedAnswer {
    const state = this.parts.nat;
    this.parts.nat = BECOMES[state] ?? state;
    const instance = `<item><instanceId>i-1</instanceId><instanceState><name>${state}</name></instanceState></item>`;
    return ec2(
      "DescribeInstances",
      `<reservationSet><item><instancesSet>${instance}</instancesSet></item></reservationSet>`,
    );
  }

  #changeNat(from: string, to: string, operation: string): RecordedAnswer {
    if (this.parts.nat !== from) return ec2Error("IncorrectInstanceState", `It is ${this.parts.nat}`);
    if (to === "stopping") this.#checkNoTasks("the network");
    this.parts.nat = to;
    return ec2(operation, "<instancesSet></instancesSet>");
  }

  #checkNoTasks(what: string): void {
    const running = Object.values(this.parts.services).reduce((sum, service) => sum + service.running, 0);
    if (running > 0) this.faults.push(`${what} stops under ${running} tasks`);
  }

  #describeMapping(index: number): RecordedAnswer {
    const State = this.parts.mappings[index] ?? "";
    this.parts.mappings[index] = BECOMES[State] ?? State;
    return { body: { UUID: MAPPINGS[index], State } };
  }

  #changeMapping(index: number, isOn: boolean): RecordedAnswer {
    const state = this.parts.mappings[index] ?? "";
    if (state in BECOMES) return jsonError("ResourceInUseException", "Another change is under way", 400);
    this.parts.mappings[index] = isOn ? "Enabling" : "Disabling";
    return { body: {} };
  }

  /** The site's bucket; everything else is not recorded. */
  #object({ operation, body }: Question): RecordedAnswer | undefined {
    const [, method, key] = new RegExp(`^(GET|PUT) /${BUCKET}/(.+)$`).exec(operation) ?? [];
    if (key === undefined) return undefined;
    if (method === "PUT") {
      this.objects.set(key, body);
      return { body: "" };
    }
    const object = this.objects.get(key);
    return object === undefined
      ? { status: 404, body: "<Error><Code>NoSuchKey</Code><Message>missing</Message></Error>" }
      : { body: object };
  }
}

function serviceIn({ services, ResourceIds }: Question["json"]): ServiceName {
  const [id = ""] = (services ?? ResourceIds) as string[];
  return SERVICES.find((name) => id.endsWith(`/${name}-service`)) ?? "broker";
}

function ec2Error(code: string, message: string): RecordedAnswer {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status: 400, body: `<Response><Errors>${error}</Errors></Response>` };
}
