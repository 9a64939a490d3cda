import { NEVER_LOADED } from "@cloud-design/functions/never-loaded";
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
    | "environment"
    | "copyFiles"
    | "functionName"
    | "retryAttempts"
    | "maxEventAge"
    | "reservedConcurrentExecutions"
  > {
  /** `path/to/lambda.handler`, from the repository's root. */
  handler: string;
  memorySize: number;
  /** In seconds. */
  timeout: number;
  /** Whether it sends traces and reports metrics. */
  isTraced?: boolean;
  /** Its place in the network, for a function that calls into it. */
  network?: { vpc: Vpc; group: SecurityGroup };
  settings: StageSettings;
  /** Whether it runs on the developer's machine under `sst dev` (`live.ts`). */
  isLive?: boolean;
}

/**
 * The rights by which Lambda places the function in the network: those of AWSLambdaVPCAccessExecutionRole. On `*`, because the interfaces do not
 * exist yet and EC2's describe actions support nothing narrower.
 */
const NETWORK_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** A bundled Lambda function on Node 24 and arm64 (a fifth cheaper than x86), whose log has a retention. */
export function nodeFunction(
  stack: Stack,
  id: string,
  { network, settings, isTraced = false, isLive = false, environment, ...props }: NodeFunctionProps,
): SstFunction {
  const logs = logGroup(stack, `${id}Logs`, settings);
  return new SstFunction(stack, id, {
    ...props,
    runtime: "nodejs24.x",
    // A live function could not reach the network, and a deployment that calls it would wait for a developer's machine that waits for the
    // deployment.
    enableLiveDev: isLive,
    architecture: "arm_64",
    environment: {
      LOG_LEVEL: settings.logLevel,
      ...(isTraced && functionTelemetry(stack)),
      ...environment,
    },
    // Spans go to the X-Ray daemon, which Lambda guarantees only with active tracing (CloudWatch user guide, "Send application telemetry from
    // AWS Lambda"). Lambda then also samples invocations by itself: one a second, and 5 % of the rest.
    tracing: isTraced ? "active" : "disabled",
    logGroup: logs,
    role: createRole(stack, id, logs, network !== undefined),
    nodejs: {
      minify: !isLive, // a debugger needs the names of the source
      sourcemap: false,
      esbuild: {
        // esbuild keeps the working directory in which it was loaded; SST may have changed to another root since.
        absWorkingDir: ROOT,
        external: [...NEVER_LOADED],
      },
    },
    ...(network && {
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [fixedGroup(stack, `${id}Group`, network.group)],
    }),
  });
}

/** AWS's managed policies would let the function write to every log group of the account. */
function createRole(stack: Stack, id: string, logs: LogGroup, isInNetwork: boolean): Role {
  const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logs.grantWrite(role);
  if (isInNetwork) {
    const rights = { actions: NETWORK_ACTIONS, resources: ["*"] };
    role.addToPolicy(new PolicyStatement(rights));
    // `lambda:SourceFunctionArn` is set only on calls of the function's own code (Lambda developer guide, "Giving Lambda functions access to
    // resources in an Amazon VPC"), not on Lambda's own calls.
    const conditions = { Null: { "lambda:SourceFunctionArn": "false" } };
    role.addToPolicy(new PolicyStatement({ ...rights, effect: Effect.DENY, conditions }));
  }
  return role;
}
