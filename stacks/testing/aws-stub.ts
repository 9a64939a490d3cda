import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export const ACCOUNT = "123456789012";

/** The versions of SST's and CDK's bootstrap that SST 2.49 requires; it would deploy anew over older ones. */
const BOOTSTRAP_STACKS: Readonly<Record<string, Record<string, string>>> = {
  CDKToolkit: { BootstrapVersion: "21", BucketName: "cdk-assets" },
  SSTBootstrap: { Version: "7.4", BucketName: "sst-bootstrap" },
};
const BROKER_OPTIONS = [
  { hostInstanceType: "mq.m7g.medium", supportedDeploymentModes: ["SINGLE_INSTANCE"] },
  { hostInstanceType: "mq.m7g.large", supportedDeploymentModes: ["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"] },
].map((option) => ({ ...option, engineType: "RABBITMQ", supportedEngineVersions: ["3.13", "4.2"] }));

export interface AwsStub extends AsyncDisposable {
  url: string;
  /** The questions asked so far, each once. The stub answers the ones about an account, and refuses every other. */
  asked: Set<string>;
}

/** The part of AWS that `sst build` asks: a bootstrapped account without a stage, and the broker types of its region. */
export async function startAwsStub(): Promise<AwsStub> {
  const asked = new Set<string>();
  const server = createServer(async (request, response) => {
    const { question, answer, status = 200 } = replyTo(request, new URLSearchParams(await text(request)));
    asked.add(question);
    response.statusCode = answer === undefined ? 500 : status;
    response.end(answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

function replyTo(
  { method, url = "" }: IncomingMessage,
  form: URLSearchParams,
): { question: string; answer?: string; status?: number } {
  const action = form.get("Action");
  if (action === "GetCallerIdentity") {
    return {
      question: action,
      answer: xml(action, `<Account>${ACCOUNT}</Account><UserId>U</UserId><Arn>arn</Arn>`),
    };
  }
  const outputs = BOOTSTRAP_STACKS[form.get("StackName") ?? ""];
  if (action === "DescribeStacks" && outputs) {
    return { question: `DescribeStacks ${form.get("StackName")}`, answer: xml(action, stackOf(outputs)) };
  }
  if (action === "DescribeStacks") {
    const stack = form.get("StackName");
    const error = `<Error><Code>ValidationError</Code><Message>Stack with id ${stack} does not exist</Message></Error>`;
    return {
      question: `DescribeStacks ${stack}`,
      answer: `<ErrorResponse>${error}</ErrorResponse>`,
      status: 400,
    };
  }
  if (method === "GET" && url.startsWith("/v1/broker-instance-options")) {
    return {
      question: "DescribeBrokerInstanceOptions",
      answer: JSON.stringify({ brokerInstanceOptions: BROKER_OPTIONS }),
    };
  }
  return { question: `${method} ${url} ${form}` };
}

function stackOf(outputs: Record<string, string>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<Stacks><member><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join("")}</Outputs></member></Stacks>`;
}

function xml(action: string, result: string): string {
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}
