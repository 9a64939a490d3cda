/** A resource of a stage: the stack that makes it, its type, and how its logical id begins before CDK's eight characters of hash. */
export interface Made {
  stack: string;
  type: string;
  id: string;
}

const made = (type: string) => (stack: string, id: string) => ({ stack, type, id });
const lambda = made("AWS::Lambda::Function");
const logs = made("AWS::Logs::LogGroup");
const service = (stack: string) => made("AWS::ECS::Service")(stack, "Service");

/** Lambda functions and their logs, by the names that their parts have on the laptop; the last ones are on AWS alone. */
export const FUNCTIONS = {
  gateway: { resource: lambda("Gateway", "Gateway"), logs: logs("Gateway", "GatewayLogs") },
  "order-bridge": { resource: lambda("Orders", "OrderBridge"), logs: logs("Orders", "OrderBridgeLogs") },
  "status-probe": { resource: lambda("Status", "StatusProbe"), logs: logs("Status", "StatusProbeLogs") },
  "token-scopes": { resource: lambda("Identity", "TokenScopes"), logs: logs("Identity", "TokenScopesLogs") },
  "dead-letters": {
    resource: lambda("DeadLetters", "DeadLetters"),
    logs: logs("DeadLetters", "DeadLettersLogs"),
  },
  migrate: { resource: lambda("Databases", "Migrate"), logs: logs("Databases", "MigrateLogs") },
  certificate: { resource: lambda("Cluster", "Certificate"), logs: logs("Cluster", "CertificateLogs") },
} as const;

export const SERVICES = {
  inventory: { resource: service("Inventory"), logs: logs("Inventory", "Logs") },
  billing: { resource: service("Billing"), logs: logs("Billing", "Logs") },
} as const;

/** Queues of SQS; what waits in RabbitMQ is asked of the status page. */
export const QUEUES = {
  orders: made("AWS::SQS::Queue")("Orders", "Queue"),
  "orders-dead-letters": made("AWS::SQS::Queue")("Orders", "DeadLetters"),
} as const;

export const BROKER = made("AWS::AmazonMQ::Broker")("Broker", "Broker");
export const DISTRIBUTION = made("AWS::CloudFront::Distribution")("Site", "Distribution");
/** One server and one proxy for each service in prod, one of each for both elsewhere. */
export const DATABASES = { stack: "Databases", server: "AWS::RDS::DBInstance", proxy: "AWS::RDS::DBProxy" };

export type FunctionName = keyof typeof FUNCTIONS;
export type ServiceName = keyof typeof SERVICES;

export function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

export function isService(name: string): name is ServiceName {
  return Object.hasOwn(SERVICES, name);
}

export function isThis(made: Made, { type, id }: { type: string; id: string }): boolean {
  return type === made.type && new RegExp(`^${made.id}(?:[0-9A-F]{8})?$`).test(id);
}
