import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** The versions that SST 2.49 requires in an account; it would deploy anew over older ones. */
export const BOOTSTRAP_OUTPUTS: Readonly<Record<string, Record<string, string>>> = {
  CDKToolkit: { BootstrapVersion: "28", BucketName: "cdk-assets" },
  SSTBootstrap: { Version: "7.4", BucketName: "sst-bootstrap" },
};

export interface PreparedAccount extends AsyncDisposable {
  /** The value for `AWS_ENDPOINT_URL`. */
  url: string;
}

/**
 * A stand-in for AWS that tells `sst build` that the account is prepared. Otherwise SST would prepare the account at once, before the operator
 * has seen the plan. The names of its buckets are in no template of this project.
 */
export async function servePreparedAccount(account: string): Promise<PreparedAccount> {
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    const answer = answerTo(form.get("Action"), form.get("StackName") ?? "", account);
    response.writeHead(answer === undefined ? 500 : 200).end(answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

function answerTo(action: string | null, stack: string, account: string): string | undefined {
  if (action === "GetCallerIdentity") return xml(action, `<Account>${account}</Account><Arn>arn</Arn>`);
  const outputs = BOOTSTRAP_OUTPUTS[stack];
  if (action !== "DescribeStacks" || !outputs) return undefined;
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return xml(
    action,
    `<Stacks><member><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join("")}</Outputs></member></Stacks>`,
  );
}

function xml(action: string, result: string): string {
  return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
}
