import { ROOT } from "@cloud-design/site/workspace";
import type { StageSettings } from "@cloud-design/stage/settings";
import { type SecurityGroup, SubnetType, type Vpc } from "aws-cdk-lib/aws-ec2";
import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { type FunctionProps, Function as SstFunction, type Stack } from "sst/constructs";
import { fixedGroup } from "./fixed-group.ts";
import { logGroup } from "./log-group.ts";
import { functionTelemetry } from "./telemetry.ts";

interface NodeFunctionProps
  extends Pick<
    FunctionProps,
    "environment" | "copyFiles" | "functionName" | "retryAttempts" | "maxEventAge"
  > {
  /** `path/to/lambda.handler` from the root. */
  handler: string;
  memorySize: number;
  /** In seconds. */
  timeout: number;
  /** Whether it takes part in traces and reports metrics. */
  isTraced?: boolean;
  /** Where it stands when it calls into the network. */
  network?: { vpc: Vpc; group: SecurityGroup };
  settings: StageSettings;
  /** Whether it runs on the machine that types `sst dev` (`live.ts`). */
  isLive?: boolean;
}

/**
 * What Lambda does with the function's own rights to place it in the network: those of AWSLambdaVPCAccessExecutionRole. On `*`, because the
 * interfaces do not exist yet and describing knows nothing narrower.
 */
const NETWORK_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** A bundled Lambda function on Node 24 and arm64 (a fifth cheaper than x86), with a log that forgets. */
export function nodeFunction(
  stack: Stack,
  id: string,
  { network, settings, isTraced = false, isLive = false, environment, ...props }: NodeFunctionProps,
): SstFunction {
  const logs = logGroup(stack, `${id}Logs`, settings);
  return new SstFunction(stack, id, {
    ...props,
    runtime: "nodejs24.x",
    // What calls into the network would find nothing from there, and a deployment would wait for a machine that waits for the deployment.
    enableLiveDev: isLive,
    architecture: "arm_64",
    environment: {
      LOG_LEVEL: settings.logLevel,
      ...(isTraced && functionTelemetry(stack)),
      ...environment,
    },
    // Spans go to the daemon, which Lambda promises to run with active tracing alone (CloudWatch user guide, "Send application telemetry from
    // AWS Lambda"). It then also records a sample of invocations by itself: one a second, and 5 % of the rest.
    tracing: isTraced ? "active" : "disabled",
    logGroup: logs,
    role: createRole(stack, id, logs, network !== undefined),
    nodejs: {
      minify: !isLive, // a debugger shows the names that stand in the code
      sourcemap: false,
      esbuild: {
        // esbuild keeps the folder that it was loaded in, which need not be the root that SST has gone to since.
        absWorkingDir: ROOT,
        // Loaded only where there is a collector or Prometheus, and a function has neither.
        external: ["@opentelemetry/exporter-*"],
      },
    },
    ...(network && {
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [fixedGroup(stack, `${id}Group`, network.group)],
    }),
  });
}

/** AWS's managed policies would let the function write every log of the account. */
function createRole(stack: Stack, id: string, logs: LogGroup, isInNetwork: boolean): Role {
  const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logs.grantWrite(role);
  if (isInNetwork) {
    const rights = { actions: NETWORK_ACTIONS, resources: ["*"] };
    role.addToPolicy(new PolicyStatement(rights));
    // Only a call that comes from the function's own code names a function (Lambda developer guide, "Giving Lambda functions access to
    // resources in an Amazon VPC"); Lambda's own calls do not.
    const conditions = { Null: { "lambda:SourceFunctionArn": "false" } };
    role.addToPolicy(new PolicyStatement({ ...rights, effect: Effect.DENY, conditions }));
  }
  return role;
}
