import type { Resource } from "./app.ts";
import type { Claim } from "./checks.ts";

/** A mistake in a template, and exactly the checks that must notice it. */
export interface Mistake {
  mistake: string;
  /** Without it prod. */
  stage?: "learner";
  /** The resource's name. */
  at: string;
  make(resource: Resource): void;
  turnsRed: Claim[];
}

export const MISTAKES: readonly Mistake[] = [
  {
    mistake: "the broker's group admits every address",
    at: "Network/brokerGroup",
    make: ({ properties }) => {
      properties.SecurityGroupIngress = [
        { IpProtocol: "tcp", FromPort: 5671, ToPort: 5671, CidrIp: "0.0.0.0/0" },
      ];
    },
    turnsRed: [
      "allows only the connections on the list",
      "has no path from the internet to databases, proxies, broker or balancer",
    ],
  },
  {
    mistake: "a function may call out on any port",
    at: "Network/gatewayGroup",
    make: ({ properties }) => {
      properties.SecurityGroupEgress = [{ IpProtocol: "-1", CidrIp: "0.0.0.0/0" }];
    },
    turnsRed: ["allows only the connections on the list", "calls out by HTTPS alone"],
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
    turnsRed: ["puts nothing but NAT into public subnets"],
  },
  {
    mistake: "a service may read every secret",
    at: "Inventory/Task/TaskRole/DefaultPolicy",
    make: replaceIn("<Databases/InventoryCredentials>", "*"),
    turnsRed: ["gives each role exactly the rights on the list"],
  },
  {
    mistake: "a function's own code may make network interfaces",
    at: "Gateway/GatewayRole/DefaultPolicy",
    make: replaceIn('"lambda:SourceFunctionArn":"false"', '"lambda:SourceFunctionArn":"true"'),
    turnsRed: ["gives each role exactly the rights on the list"],
  },
  {
    mistake: "the queue takes orders from everybody",
    at: "Orders/Queue/Policy",
    make: replaceIn('"Deny"', '"Allow"'),
    turnsRed: ["opens no bucket, queue, topic, key or function to every caller"],
  },
  {
    mistake: "a schedule replays dead letters",
    at: "Status/EveryMinute",
    make: replaceIn("<Status/StatusProbe.Arn>", "<DeadLetters/DeadLetters.Arn>"),
    turnsRed: ["leaves the operators' functions to callers that IAM allows, and has no route to them"],
  },
  {
    mistake: "a schedule erases a person",
    at: "Status/EveryMinute",
    make: replaceIn("<Status/StatusProbe.Arn>", "<Databases/PersonalData.Arn>"),
    turnsRed: ["leaves the operators' functions to callers that IAM allows, and has no route to them"],
  },
  {
    mistake: "the operators' function may read the orders under way",
    at: "DeadLetters/DeadLettersRole/DefaultPolicy",
    make: replaceIn('"sqs:SendMessage"', '"sqs:ReceiveMessage"'),
    turnsRed: ["gives each role exactly the rights on the list"],
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
    turnsRed: ["has the gateway's routes, each with a throttle, and no catch-all"],
  },
  {
    mistake: "orders share the function of all other routes",
    at: "Gateway/POST --api--billing",
    make: replaceIn("POST --api--billing/Integration", "GET --api--movies/Integration"),
    turnsRed: ["accepts orders by a function of their own, with the concurrency of the table"],
  },
  {
    mistake: "nothing is reserved for orders",
    at: "Gateway/OrderGateway",
    make: set("ReservedConcurrentExecutions", undefined),
    turnsRed: ["accepts orders by a function of their own, with the concurrency of the table"],
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
    turnsRed: ["allows browsers only from the table's origins"],
  },
  {
    mistake: "the broker is public",
    at: "Broker/Broker",
    make: set("PubliclyAccessible", true),
    turnsRed: [
      "has no path from the internet to databases, proxies, broker or balancer",
      "keeps the broker private, current, logged, with one generated user",
    ],
  },
  {
    mistake: "a database's backups stay in its region",
    at: "Databases/billing-instance",
    make: set("AutomaticBackupReplicationRegion", undefined),
    turnsRed: ["keeps backups and the keys of order ids and webhooks in another region too, in prod alone"],
  },
  {
    mistake: "the key of the webhooks goes with its region",
    at: "Webhooks/Secret",
    make: set("ReplicaRegions", []),
    turnsRed: ["keeps backups and the keys of order ids and webhooks in another region too, in prod alone"],
  },
  {
    mistake: "the key of the order ids goes with its region",
    at: "Gateway/OrderIdSecret",
    make: set("ReplicaRegions", []),
    turnsRed: ["keeps backups and the keys of order ids and webhooks in another region too, in prod alone"],
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
    mistake: "an alarm does not reach the topic",
    at: "Inventory/Alarm-inventory-errors",
    make: set("AlarmActions", []),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "an alarm names no heading of the runbook",
    at: "Inventory/Alarm-inventory-errors",
    make: set("AlarmDescription", "Something is wrong. What to do: docs/runbook.md#something"),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "the end of a composite alarm does not reach the topic",
    at: "Slos/Alarm-slo-reads-fast",
    make: set("OKActions", []),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "a part of a composite alarm notifies by itself",
    at: "Slos/Alarm-slo-reads-fast-short",
    make: set("AlarmActions", ["<Alerts/Topic>"]),
    turnsRed: ["takes every alarm to the topic and to a heading of the runbook"],
  },
  {
    mistake: "an alarm is removed from its composite, and so reaches no topic",
    at: "Slos/Alarm-slo-reads-fast",
    make: set("AlarmRule", 'ALARM("<Slos/Alarm-slo-reads-fast-long.Arn>")'),
    turnsRed: [
      "takes every alarm to the topic and to a heading of the runbook",
      "rings each alarm during a fault, and not before or after it",
    ],
  },
  {
    mistake: "an alarm names a heading without its text",
    at: "Alarms/Alarm-orders-age",
    make: set("AlarmDescription", "Orders wait. What to do: docs/runbook.md#where-to-look"),
    turnsRed: ["explains each alarm: its meaning, where to look, what to do, when it is over"],
  },
  {
    mistake: "an alarm reads a metric that is on no dashboard and in no recording",
    at: "Alarms/Alarm-orders-age",
    make: set("MetricName", "ApproximateNumberOfMessagesDelayed"),
    turnsRed: [
      "shows the metrics of each alarm on a dashboard",
      "rings each alarm during a fault, and not before or after it",
    ],
  },
  {
    mistake: "a new alarm has no recording",
    at: "Alarms/Alarm-orders-age",
    make: set("AlarmName", "prod-cloud-design-orders-slow"),
    turnsRed: ["rings each alarm during a fault, and not before or after it"],
  },
  {
    mistake: "an alarm has a threshold that no fault reaches",
    at: "Alarms/Alarm-orders-age",
    make: set("Threshold", 100_000),
    turnsRed: ["rings each alarm during a fault, and not before or after it"],
  },
  {
    mistake: "an alarm never ends",
    at: "Alarms/Alarm-orders-age",
    make: set("Threshold", 0),
    turnsRed: [
      "rings each alarm during a fault, and not before or after it",
      "rings no alarm in an hour of normal traffic",
    ],
  },
  {
    mistake: "a queue drops failed messages",
    at: "Orders/Queue",
    make: set("RedrivePolicy", undefined),
    turnsRed: ["has dead letters for every queue"],
  },
  {
    mistake: "orders become visible again while they are being handled",
    at: "Orders/Queue",
    make: set("VisibilityTimeout", 30),
    turnsRed: ["returns only failed messages, and not before their function has ended"],
  },
  {
    mistake: "a function runs on an old version of Node",
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
    mistake: "the end of the trace collector stops its task",
    at: "Billing/Task",
    make: replaceIn('"Essential":false', '"Essential":true'),
    turnsRed: ["gives containers a read-only root, no rights, and the time to drain"],
  },
  {
    mistake: "the trace collector runs as root",
    at: "Billing/Task",
    make: replaceIn('"User":"4317:4317"', '"User":"0"'),
    turnsRed: ["gives containers a read-only root, no rights, and the time to drain"],
  },
  {
    mistake: "a bad deployment stays",
    at: "Billing/Service/Service",
    make: replaceIn('"Rollback":true', '"Rollback":false'),
    turnsRed: ["rolls a bad deployment of a service back"],
  },
  {
    mistake: "API Gateway calls the function past its alias",
    at: "Gateway/GET --api--movies/Integration",
    make: replaceIn("<Gateway/Live>", "<Gateway/Gateway.Arn>"),
    turnsRed: [
      "accepts orders by a function of their own, with the concurrency of the table",
      "moves callers to a new gateway, and back when an alarm rings",
    ],
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
    mistake: "the function that posts to webhooks may post to its own machine",
    at: "Webhooks/WebhookDelivery",
    make: replaceIn('"WEBHOOK_SECRET_ARN":', '"WEBHOOK_LOOPBACK":"allowed","WEBHOOK_SECRET_ARN":'),
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
    mistake: "the service may scale to three times as many tasks",
    at: "Inventory/Service/TaskCount/Target",
    make: set("MaxCapacity", 18),
    turnsRed: ["has a database connection for every task, also during a deployment"],
  },
  {
    mistake: "a second task may have the data of the broker's container",
    stage: "learner",
    at: "Broker/Service/Service",
    make: replaceIn('"MaximumPercent":100', '"MaximumPercent":200'),
    turnsRed: ["keeps the broker private, current, logged, with one generated user"],
  },
  {
    mistake: "the broker's container mounts its files without TLS",
    stage: "learner",
    at: "Broker/Task",
    make: replaceIn('"TransitEncryption":"ENABLED"', '"TransitEncryption":"DISABLED"'),
    turnsRed: ["keeps the broker private, current, logged, with one generated user"],
  },
  {
    mistake: "a client does not know the authority of the broker's container",
    stage: "learner",
    at: "Orders/OrderBridge",
    make: replaceIn('"AMQP_AUTHORITY":"<Cluster/BalancerCertificate/Default.authority>",', ""),
    turnsRed: ["keeps the broker private, current, logged, with one generated user"],
  },
  {
    mistake: "the broker's memory is smaller than the orders that billing holds",
    at: "Broker/Broker",
    make: set("HostInstanceType", "mq.t3.micro"),
    turnsRed: ["lets billing hold no more messages than the broker can take"],
  },
];

function set(property: string, value: unknown): Mistake["make"] {
  return ({ properties }) => {
    properties[property] = value;
  };
}

/** Throws when there is nothing to replace: a mistake that changes nothing would prove nothing. */
function replaceIn(before: string, after: string): Mistake["make"] {
  return (resource) => {
    const text = JSON.stringify(resource.properties);
    if (!text.includes(before)) throw new Error(`${resource.name} has no ${before} to replace.`);
    resource.properties = JSON.parse(text.replaceAll(before, after));
  };
}
