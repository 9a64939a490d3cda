import type { Resource } from "./app.ts";
import type { Claim } from "./checks.ts";

/** What somebody might do to a template of prod, and which checks must notice: these and no others. */
export interface Mistake {
  mistake: string;
  /** The resource's name. */
  at: string;
  make(resource: Resource): void;
  turnsRed: Claim[];
}

export const MISTAKES: readonly Mistake[] = [
  {
    mistake: "the broker's group takes anybody",
    at: "Network/brokerGroup",
    make: ({ properties }) => {
      properties.SecurityGroupIngress = [
        { IpProtocol: "tcp", FromPort: 5671, ToPort: 5671, CidrIp: "0.0.0.0/0" },
      ];
    },
    turnsRed: [
      "lets speak with each other who is on the list, and nobody else",
      "has no path from the internet to databases, proxies, broker or balancer",
    ],
  },
  {
    mistake: "a function may call out on any port",
    at: "Network/gatewayGroup",
    make: ({ properties }) => {
      properties.SecurityGroupEgress = [{ IpProtocol: "-1", CidrIp: "0.0.0.0/0" }];
    },
    turnsRed: ["lets speak with each other who is on the list, and nobody else", "calls out by HTTPS alone"],
  },
  {
    mistake: "a listener of the balancer speaks HTTP",
    at: "Inventory/Listener",
    make: set("Protocol", "HTTP"),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "a listener takes TLS 1.2",
    at: "Billing/Listener",
    make: set("SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "a listener shows another certificate",
    at: "Billing/Listener",
    make: set("Certificates", [{ CertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1" }]),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "the balancer speaks HTTP to the tasks",
    at: "Billing/Targets",
    make: set("Protocol", "HTTP"),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "the balancer asks for a task's health over HTTP",
    at: "Inventory/Targets",
    make: set("HealthCheckProtocol", "HTTP"),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "the gateway calls a service over HTTP",
    at: "Gateway/Gateway",
    make: replaceIn('"BILLING_URL":"https:', '"BILLING_URL":"http:'),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "the probe is not told whose certificates it may believe",
    at: "Status/StatusProbe",
    make: replaceIn('"BALANCER_AUTHORITY":', '"LOG_LEVEL":'),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "a task would show the authority's own key",
    at: "Inventory/Task",
    make: replaceIn(
      '{"Name":"TLS_SECRET_ARN","Value":"<Cluster/TaskCertificate>"}',
      '{"Name":"TLS_SECRET_ARN","Value":"<Cluster/Authority>"}',
    ),
    turnsRed: ["speaks HTTPS alone from the gateway to the balancer and on to the tasks"],
  },
  {
    mistake: "a group is described with an apostrophe",
    at: "Network/brokerGroup",
    make: ({ properties }) => {
      properties.GroupDescription = "AWS's broker";
    },
    turnsRed: ["describes its groups in letters that EC2 takes"],
  },
  {
    mistake: "a data subnet gets a way out",
    at: "Network/Vpc/privateSubnet1/DefaultRoute",
    make: ({ properties }) => {
      properties.RouteTableId = "<Network/Vpc/isolatedSubnet1/RouteTable>";
    },
    turnsRed: ["keeps databases, proxies and broker where no route leads out"],
  },
  {
    mistake: "a service stands in a public subnet",
    at: "Inventory/Service/Service",
    make: replaceIn("<Network/Vpc/privateSubnet1/Subnet>", "<Network/Vpc/publicSubnet1/Subnet>"),
    turnsRed: ["puts nothing but NAT gateways into public subnets"],
  },
  {
    mistake: "a service may read every secret",
    at: "Inventory/Task/TaskRole/DefaultPolicy",
    make: replaceIn("<Databases/InventoryCredentials>", "*"),
    turnsRed: ["gives each role what is on the list, and nothing else"],
  },
  {
    mistake: "a function's own code may make network interfaces",
    at: "Gateway/GatewayRole/DefaultPolicy",
    make: replaceIn('"lambda:SourceFunctionArn":"false"', '"lambda:SourceFunctionArn":"true"'),
    turnsRed: ["gives each role what is on the list, and nothing else"],
  },
  {
    mistake: "the queue takes orders from everybody",
    at: "Orders/Queue/Policy",
    make: replaceIn('"Deny"', '"Allow"'),
    turnsRed: ["opens no bucket, queue, topic, key or function to everybody"],
  },
  {
    mistake: "a schedule replays dead letters",
    at: "Status/EveryMinute",
    make: replaceIn("<Status/StatusProbe.Arn>", "<DeadLetters/DeadLetters.Arn>"),
    turnsRed: ["leaves the dead letters to whoever may invoke their function, and leads nobody there"],
  },
  {
    mistake: "the operators' function may read the orders under way",
    at: "DeadLetters/DeadLettersRole/DefaultPolicy",
    make: replaceIn('"sqs:SendMessage"', '"sqs:ReceiveMessage"'),
    turnsRed: ["gives each role what is on the list, and nothing else"],
  },
  {
    mistake: "a route loses its scope",
    at: "Gateway/DELETE --api--movies",
    make: set("AuthorizationScopes", []),
    turnsRed: ["asks for a token and its scope on every route but the named ones"],
  },
  {
    mistake: "a route has no throttle",
    at: "Gateway/Stage",
    make: ({ properties }) => {
      properties.RouteSettings = {};
    },
    turnsRed: ["has the gateway's routes, each with a throttle, and none that catches all"],
  },
  {
    mistake: "the gateway asks for another secret than CloudFront sends",
    at: "Gateway/Gateway",
    make: replaceIn(
      '"ORIGIN_SECRET_ARN":"<Site/OriginSecret>"',
      '"ORIGIN_SECRET_ARN":"<Gateway/OrderIdSecret>"',
    ),
    turnsRed: ["shows the gateway which requests came through the firewall"],
  },
  {
    mistake: "a browser may call from anywhere",
    at: "Api/HttpApi",
    make: set("CorsConfiguration", { AllowOrigins: ["*"] }),
    turnsRed: ["lets browsers in from the table's origins alone"],
  },
  {
    mistake: "the broker is public",
    at: "Broker/Broker",
    make: set("PubliclyAccessible", true),
    turnsRed: [
      "has no path from the internet to databases, proxies, broker or balancer",
      "keeps Amazon MQ private, current, logged, with one generated user",
    ],
  },
  {
    mistake: "a password stands in a template",
    at: "Databases/inventory-instance",
    make: set("MasterUserPassword", "correct horse battery staple"),
    turnsRed: ["has no secret in a template"],
  },
  {
    mistake: "the secret of CloudFront stands in a template",
    at: "Site/Distribution",
    make: replaceIn("{{resolve:secretsmanager:<Site/OriginSecret>:SecretString:::}}", "open sesame"),
    turnsRed: ["shows the gateway which requests came through the firewall", "has no secret in a template"],
  },
  {
    mistake: "a log is kept for ever",
    at: "Gateway/GatewayLogs",
    make: set("RetentionInDays", undefined),
    turnsRed: ["forgets every log in time"],
  },
  {
    mistake: "a function logs where Lambda likes",
    at: "Gateway/Gateway",
    make: set("LoggingConfig", undefined),
    turnsRed: ["lets everything log into a group of its own"],
  },
  {
    mistake: "a database goes with its stack",
    at: "Databases/billing-instance",
    make: (resource) => {
      resource.deletionPolicy = "Delete";
    },
    turnsRed: ["keeps what holds data in prod, and leaves nothing behind elsewhere"],
  },
  {
    mistake: "a database takes connections without TLS",
    at: "Databases/inventory-parameters",
    make: replaceIn('"rds.force_ssl":"1"', '"rds.force_ssl":"0"'),
    turnsRed: ["runs PostgreSQL 17 with TLS, encryption and backups"],
  },
  {
    mistake: "a database logs the values of a slow statement",
    at: "Databases/inventory-parameters",
    make: replaceIn('"log_parameter_max_length":"0"', '"log_parameter_max_length":"-1"'),
    turnsRed: ["runs PostgreSQL 17 with TLS, encryption and backups"],
  },
  {
    mistake: "an alarm reaches nobody",
    at: "Inventory/Alarm-inventory-errors",
    make: set("AlarmActions", []),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "an alarm says nothing of what to do",
    at: "Inventory/Alarm-inventory-errors",
    make: set("AlarmDescription", "Something is wrong. What to do: docs/runbook.md#something"),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "an alarm that is made of others reaches nobody",
    at: "Slos/Alarm-slo-reads-fast",
    make: set("OKActions", []),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "a part of an alarm wakes people by itself",
    at: "Slos/Alarm-slo-reads-fast-short",
    make: set("AlarmActions", ["<Alerts/Topic>"]),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "an alarm is no part of another any more, and reaches nobody",
    at: "Slos/Alarm-slo-reads-fast",
    make: set("AlarmRule", 'ALARM("<Slos/Alarm-slo-reads-fast-long.Arn>")'),
    turnsRed: [
      "takes every alarm to the topic and to a heading of the runbook",
      "rings with a fault, and is quiet before it and after it",
    ],
  },
  {
    mistake: "an alarm leads to a heading that says nothing of it",
    at: "Alarms/Alarm-orders-age",
    make: set("AlarmDescription", "Orders wait. What to do: docs/runbook.md#where-to-look"),
    turnsRed: ["tells of every alarm what it means, where to look, what to do and when it is over"],
  },
  {
    mistake: "an alarm looks at something that no dashboard shows and no fault has changed",
    at: "Alarms/Alarm-orders-age",
    make: set("MetricName", "ApproximateNumberOfMessagesDelayed"),
    turnsRed: [
      "shows on a dashboard what each alarm looks at",
      "rings with a fault, and is quiet before it and after it",
    ],
  },
  {
    mistake: "an alarm comes that nobody has heard",
    at: "Alarms/Alarm-orders-age",
    make: set("AlarmName", "prod-cloud-design-orders-slow"),
    turnsRed: ["rings with a fault, and is quiet before it and after it"],
  },
  {
    mistake: "an alarm asks for more than any fault brings",
    at: "Alarms/Alarm-orders-age",
    make: set("Threshold", 100_000),
    turnsRed: ["rings with a fault, and is quiet before it and after it"],
  },
  {
    mistake: "an alarm never ends",
    at: "Alarms/Alarm-orders-age",
    make: set("Threshold", 0),
    turnsRed: [
      "rings with a fault, and is quiet before it and after it",
      "rings with nothing in an hour of normal traffic",
    ],
  },
  {
    mistake: "a queue drops what fails",
    at: "Orders/Queue",
    make: set("RedrivePolicy", undefined),
    turnsRed: ["has dead letters for every queue"],
  },
  {
    mistake: "orders become visible again while they are being handled",
    at: "Orders/Queue",
    make: set("VisibilityTimeout", 30),
    turnsRed: ["gives a failed message back alone, and no sooner than its function is done"],
  },
  {
    mistake: "a function runs on the Node of yesterday",
    at: "Orders/OrderBridge",
    make: set("Runtime", "nodejs22.x"),
    turnsRed: ["runs our functions on Node 24 and arm64"],
  },
  {
    mistake: "a container runs as root",
    at: "Billing/Task",
    make: replaceIn('"User":"10001:10001"', '"User":"0"'),
    turnsRed: ["gives containers a read-only root, no rights, and the time to drain"],
  },
  {
    mistake: "the collector of traces takes its task along",
    at: "Billing/Task",
    make: replaceIn('"Essential":false', '"Essential":true'),
    turnsRed: ["gives containers a read-only root, no rights, and the time to drain"],
  },
  {
    mistake: "the collector of traces runs as root",
    at: "Billing/Task",
    make: replaceIn('"User":"4317:4317"', '"User":"0"'),
    turnsRed: ["gives containers a read-only root, no rights, and the time to drain"],
  },
  {
    mistake: "a bad deployment stays",
    at: "Billing/Service/Service",
    make: replaceIn('"Rollback":true', '"Rollback":false'),
    turnsRed: ["takes a bad deployment of a service back by itself"],
  },
  {
    mistake: "API Gateway calls the function past its alias",
    at: "Gateway/GET --api--movies/Integration",
    make: replaceIn("<Gateway/Live>", "<Gateway/Gateway.Arn>"),
    turnsRed: ["moves callers to a new gateway, and back when an alarm rings"],
  },
  {
    mistake: "the alias jumps to a new version",
    at: "Gateway/Live",
    make: (resource) => {
      resource.updatePolicy = {};
    },
    turnsRed: ["moves callers to a new gateway, and back when an alarm rings"],
  },
  {
    mistake: "a new version is tried for less time than its alarm needs",
    at: "Gateway/Rollout",
    make: set("DeploymentConfigName", "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
    turnsRed: ["moves callers to a new gateway, and back when an alarm rings"],
  },
  {
    mistake: "a bad gateway stays",
    at: "Gateway/Rollout",
    make: replaceIn('"DEPLOYMENT_STOP_ON_ALARM"', '"DEPLOYMENT_STOP_ON_REQUEST"'),
    turnsRed: ["moves callers to a new gateway, and back when an alarm rings"],
  },
  {
    mistake: "a process misses a setting",
    at: "Orders/OrderBridge",
    make: set("Environment", { Variables: {} }),
    turnsRed: ["gives each process the settings that its own schema asks for"],
  },
  {
    mistake: "a process would sign in without a password",
    at: "Billing/Task",
    make: replaceIn(
      '{"Name":"AMQP_SECRET_ARN","Value":"<Broker/Credentials>"}',
      '{"Name":"TZ","Value":"UTC"}',
    ),
    turnsRed: ["gives each process the settings that its own schema asks for"],
  },
  {
    mistake: "there may be three times as many tasks",
    at: "Inventory/Service/TaskCount/Target",
    make: set("MaxCapacity", 18),
    turnsRed: ["has a database connection for every task, also during a deployment"],
  },
  {
    mistake: "the broker is smaller than what billing holds back",
    at: "Broker/Broker",
    make: set("HostInstanceType", "mq.t3.micro"),
    turnsRed: ["holds back no more messages than the broker bears"],
  },
];

function set(property: string, value: unknown): Mistake["make"] {
  return ({ properties }) => {
    properties[property] = value;
  };
}

/** Throws when there is nothing to replace: a mistake that changes nothing proves nothing. */
function replaceIn(before: string, after: string): Mistake["make"] {
  return (resource) => {
    const text = JSON.stringify(resource.properties);
    if (!text.includes(before)) throw new Error(`${resource.name} has no ${before} to replace.`);
    resource.properties = JSON.parse(text.replaceAll(before, after));
  };
}
