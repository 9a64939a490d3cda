/** A resource of a stage: its stack, its type, and its logical id without CDK's eight characters of hash. */
export interface Made {
  stack: string;
  type: string;
  id: string;
}

const made = (type: string) => (stack: string, id: string) => ({ stack, type, id });
const lambda = made("AWS::Lambda::Function");
const logs = made("AWS::Logs::LogGroup");
const service = (stack: string) => made("AWS::ECS::Service")(stack, "Service");

/** Lambda functions and their logs, named like the parts of the laptop, whose `gateway` runs both functions of the API; the last ones exist only on AWS. */
export const FUNCTIONS = {
  gateway: { resource: lambda("Gateway", "Gateway"), logs: logs("Gateway", "GatewayLogs") },
  "order-gateway": {
    resource: lambda("Gateway", "OrderGateway"),
    logs: logs("Gateway", "OrderGatewayLogs"),
  },
  "order-bridge": { resource: lambda("Orders", "OrderBridge"), logs: logs("Orders", "OrderBridgeLogs") },
  "import-splitter": {
    resource: lambda("Imports", "ImportSplitter"),
    logs: logs("Imports", "ImportSplitterLogs"),
  },
  "import-loader": { resource: lambda("Imports", "ImportLoader"), logs: logs("Imports", "ImportLoaderLogs") },
  "status-probe": { resource: lambda("Status", "StatusProbe"), logs: logs("Status", "StatusProbeLogs") },
  "token-scopes": { resource: lambda("Identity", "TokenScopes"), logs: logs("Identity", "TokenScopesLogs") },
  "dead-letters": {
    resource: lambda("DeadLetters", "DeadLetters"),
    logs: logs("DeadLetters", "DeadLettersLogs"),
  },
  "personal-data": {
    resource: lambda("Databases", "PersonalData"),
    logs: logs("Databases", "PersonalDataLogs"),
  },
  "webhook-delivery": {
    resource: lambda("Webhooks", "WebhookDelivery"),
    logs: logs("Webhooks", "WebhookDeliveryLogs"),
  },
  sleeper: { resource: lambda("Sleep", "Sleeper"), logs: logs("Sleep", "SleeperLogs") },
  migrate: { resource: lambda("Databases", "Migrate"), logs: logs("Databases", "MigrateLogs") },
  certificate: { resource: lambda("Cluster", "Certificate"), logs: logs("Cluster", "CertificateLogs") },
} as const;

export const SERVICES = {
  inventory: { resource: service("Inventory"), logs: logs("Inventory", "Logs") },
  billing: { resource: service("Billing"), logs: logs("Billing", "Logs") },
} as const;

/** SQS queues, named like those of the laptop; the status page reports RabbitMQ's backlog. */
export const QUEUES = {
  orders: made("AWS::SQS::Queue")("Orders", "Queue"),
  "orders-priority": made("AWS::SQS::Queue")("Orders", "Priority"),
  "orders-dead-letters": made("AWS::SQS::Queue")("Orders", "DeadLetters"),
  "webhook-deliveries": made("AWS::SQS::Queue")("Webhooks", "Deliveries"),
  "webhook-retries": made("AWS::SQS::Queue")("Webhooks", "Retries"),
  "webhook-dead-letters": made("AWS::SQS::Queue")("Webhooks", "DeadLetters"),
  imports: made("AWS::SQS::Queue")("Imports", "FilesQueue"),
  "imports-dead-letters": made("AWS::SQS::Queue")("Imports", "FilesDeadLetters"),
  "import-chunks": made("AWS::SQS::Queue")("Imports", "ChunksQueue"),
  "import-chunks-dead-letters": made("AWS::SQS::Queue")("Imports", "ChunksDeadLetters"),
} as const;

export const BROKER = made("AWS::AmazonMQ::Broker")("Broker", "Broker");
/** RabbitMQ of a stage whose broker is a container. */
export const BROKER_CONTAINER = { resource: service("Broker"), logs: logs("Broker", "Logs") };
export const DISTRIBUTION = made("AWS::CloudFront::Distribution")("Site", "Distribution");
/** In prod a server and a proxy for each service, elsewhere one of each for both. */
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
