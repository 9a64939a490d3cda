import { type App, resourcesOf } from "@cloud-design/stacks/testing/app";
import * as z from "zod";
import { DATABASE_CLASSES } from "./aws.ts";

/** AWS WAF's default window of a rate rule, in seconds. */
const WINDOW_SECONDS = 300;
const CPU_UNITS_A_CORE = 1_024;

const Firewall = z.object({
  Rules: z.array(
    z.object({
      Statement: z.object({
        RateBasedStatement: z
          .object({ Limit: z.number(), EvaluationWindowSec: z.number().default(WINDOW_SECONDS) })
          .optional(),
      }),
    }),
  ),
});
const ApiStage = z.object({
  RouteSettings: z.record(z.string(), z.object({ ThrottlingRateLimit: z.number() })),
});
const Lambda = z.object({ ReservedConcurrentExecutions: z.number().optional() });
const Source = z.object({
  BatchSize: z.number(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});
const Target = z.object({ MinCapacity: z.number(), MaxCapacity: z.number() });
const Task = z.object({ Cpu: z.coerce.number() });
const Database = z.object({
  DBInstanceClass: z.string(),
  MaxAllocatedStorage: z.coerce.number(),
});

export type Figures = ReturnType<typeof figuresOf>;

/** The figures of a stage's templates that limit its requests. */
export function figuresOf(app: App) {
  const all = <T extends z.ZodType>(type: string, schema: T, prefix = "") =>
    resourcesOf(app, type, schema).filter(({ name }) => name.startsWith(prefix));
  const one = <T extends z.ZodType>(type: string, schema: T, prefix = ""): z.output<T> => {
    const [found] = all(type, schema, prefix);
    if (!found) throw new Error(`The templates of ${app.stage} have no ${type} ${prefix}.`);
    return found.properties;
  };
  const service = (stack: string) => {
    const { MinCapacity, MaxCapacity } = one("AWS::ApplicationAutoScaling::ScalableTarget", Target, stack);
    const { Cpu } = one("AWS::ECS::TaskDefinition", Task, stack);
    return { min: MinCapacity, max: MaxCapacity, msPerSecond: (1_000 * Cpu) / CPU_UNITS_A_CORE };
  };
  const reserved = (name: string) => one("AWS::Lambda::Function", Lambda, name).ReservedConcurrentExecutions;
  // A learner's stage has no firewall.
  const rate = all("AWS::WAFv2::WebACL", Firewall)
    .flatMap(({ properties }) => properties.Rules)
    .find(({ Statement }) => Statement.RateBasedStatement);
  const sources = all("AWS::Lambda::EventSourceMapping", Source, "Orders/").map(
    ({ properties }) => properties,
  );
  const { RouteSettings } = one("AWS::ApiGatewayV2::Stage", ApiStage);
  const databases = all("AWS::RDS::DBInstance", Database);
  const database = (noun: string) => {
    const found = databases.find(({ name }) => name.includes(noun))?.properties;
    const size = DATABASE_CLASSES[found?.DBInstanceClass ?? ""];
    if (!found || !size) throw new Error(`The limits of the database of ${noun} are unknown.`);
    return { className: found.DBInstanceClass, gigabytes: found.MaxAllocatedStorage, ...size };
  };
  return {
    perAddress: rate?.Statement.RateBasedStatement,
    throttle: (route: string) => RouteSettings[route]?.ThrottlingRateLimit ?? Infinity,
    /** The concurrency that is reserved for a function; without it, it shares the account's. */
    reserved: { gateway: reserved("Gateway/Gateway"), orderGateway: reserved("Gateway/OrderGateway") },
    /** The batches of the standard lane, which has the most; premium orders have others on top. */
    bridge: {
      batch: Math.max(...sources.map(({ BatchSize }) => BatchSize)),
      atOnce: Math.max(...sources.map(({ ScalingConfig }) => ScalingConfig.MaximumConcurrency)),
    },
    inventory: service("Inventory/"),
    billing: service("Billing/"),
    databases: { inventory: database("inventory"), billing: database("billing") },
    /** Whether both are on one server. */
    isShared: databases.length === 1,
  };
}
