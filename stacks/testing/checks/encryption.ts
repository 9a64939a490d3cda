import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { compareSets } from "./compare.ts";

const CERTIFICATE = "<Cluster/BalancerCertificate/Default>";
const AUTHORITY = "<Cluster/BalancerCertificate/Default.authority>";
const TASK_CERTIFICATE = "<Cluster/TaskCertificate>";
/** The functions that know the balancer. The order gateway runs the gateway's code with its settings, but calls no service. */
const CALLERS = ["Gateway/Gateway", "Gateway/OrderGateway", "Status/StatusProbe"];
const SERVICE_URLS = ["INVENTORY_URL", "BILLING_URL"];

const Listener = z.object({
  Protocol: z.string(),
  SslPolicy: z.string().optional(),
  Certificates: z.array(z.object({ CertificateArn: z.string() })).default([]),
});
const TargetGroup = z.object({ Protocol: z.string(), HealthCheckProtocol: z.string().optional() });
const LambdaFunction = z.object({
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
});
const TaskDefinition = z.object({
  ContainerDefinitions: z.array(
    z.object({
      Environment: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
      PortMappings: z.array(z.unknown()).default([]),
    }),
  ),
});

/** The gateway and the probe call the balancer by HTTPS and check its certificate, and the balancer calls the tasks by HTTPS. */
export function encryption(app: App): string[] {
  return [...listeners(app), ...targetGroups(app), ...callers(app), ...tasks(app)];
}

function listeners(app: App): string[] {
  return resourcesOf(app, "AWS::ElasticLoadBalancingV2::Listener", Listener).flatMap(
    ({ name, properties: { Protocol, SslPolicy = "", Certificates } }) => [
      ...(Protocol === "HTTPS" ? [] : [`${name} speaks ${Protocol}`]),
      ...(SslPolicy.startsWith("ELBSecurityPolicy-TLS13-1-3-") ? [] : [`${name} takes less than TLS 1.3`]),
      ...compareSets(
        `Certificate of ${name}`,
        Certificates.map(({ CertificateArn }) => CertificateArn),
        [CERTIFICATE],
      ),
    ],
  );
}

function targetGroups(app: App): string[] {
  return resourcesOf(app, "AWS::ElasticLoadBalancingV2::TargetGroup", TargetGroup)
    .filter(({ properties }) => `${properties.Protocol} ${properties.HealthCheckProtocol}` !== "HTTPS HTTPS")
    .map(({ name }) => `${name} speaks to its tasks, or asks for their health, without TLS`);
}

function callers(app: App): string[] {
  const calling = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction)
    .map(({ name, properties }) => ({ name, variables: properties.Environment.Variables }))
    .filter(({ variables }) => SERVICE_URLS.some((key) => key in variables));
  return [
    ...compareSets(
      "Caller of the balancer",
      calling.map(({ name }) => name),
      CALLERS,
    ),
    ...calling.flatMap(({ name, variables }) => [
      ...SERVICE_URLS.filter((key) => !variables[key]?.startsWith("https://")).map(
        (key) => `${name} has no https in ${key}`,
      ),
      ...(variables.BALANCER_AUTHORITY === AUTHORITY ? [] : [`${name} does not know the authority`]),
    ]),
  ];
}

function tasks(app: App): string[] {
  const expected = `TLS_SECRET_ARN=${TASK_CERTIFICATE}`;
  // `brokerContainer` checks the broker's.
  const tasks = resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition);
  const services = tasks.filter(({ name }) => name !== "Broker/Task");
  return services.flatMap(({ name, properties }) =>
    properties.ContainerDefinitions.filter(({ PortMappings }) => PortMappings.length > 0)
      .filter(({ Environment }) => !Environment.some(({ Name, Value }) => `${Name}=${Value}` === expected))
      .map(() => `${name} has no certificate to show`),
  );
}
