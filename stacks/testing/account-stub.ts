import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { startAwsStub } from "./aws-stub.ts";

export interface CreatedStack {
  roleArn: string;
  /** Each with a value that is an address, because some are. */
  outputs: string[];
}

export interface AccountStub extends AsyncDisposable {
  url: string;
  /** In the order of their creation. */
  stacks: Map<string, CreatedStack>;
  /** What nobody here knows how to answer. */
  unknown: string[];
}

interface Answer {
  status?: number;
  body?: string;
}

type Stacks = AccountStub["stacks"];

/** An account in which every stack succeeds at once: what `sst deploy` and `sst remove` say to STS, CloudFormation, S3, ECR and SSM. */
export async function startAccountStub(): Promise<AccountStub> {
  const aws = await startAwsStub();
  const stacks: Stacks = new Map();
  const objects = new Map<string, string>();
  const unknown: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answerOf(request, body, { stacks, objects }) ?? (await forward(request, body, aws.url));
    if ((answer.status ?? 200) >= 500) unknown.push(`${request.method} ${request.url} ${body.slice(0, 200)}`);
    response.writeHead(answer.status ?? 200, { etag: '"0"' }).end(answer.body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stacks,
    unknown,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
      await aws[Symbol.asyncDispose]();
    },
  };
}

function answerOf(
  request: IncomingMessage,
  body: string,
  state: { stacks: Stacks; objects: Map<string, string> },
) {
  const { method = "", url = "", headers } = request;
  const target = headers["x-amz-target"];
  if (target !== undefined) return json(String(target).split(".")[1] ?? "");
  const form = new URLSearchParams(body);
  if (form.has("Action")) return query(form, state);
  return url.startsWith("/v1/") ? undefined : object(`${method} ${url}`, body, state.objects);
}

/** The bootstrap stacks and the identity are the smaller stub's. */
async function forward(
  { method = "GET", url = "", headers }: IncomingMessage,
  body: string,
  to: string,
): Promise<Answer> {
  const response = await fetch(to + url, {
    method,
    headers: { "content-type": headers["content-type"] ?? "" },
    ...(method !== "GET" && { body }),
  });
  return { status: response.status, body: await response.text() };
}

function query(
  form: URLSearchParams,
  { stacks, objects }: { stacks: Stacks; objects: Map<string, string> },
): Answer | undefined {
  const action = form.get("Action") ?? "";
  const name = form.get("StackName") ?? "";
  const isOurs = name.includes("-cloud-design-");
  switch (action) {
    case "AssumeRole":
      return xml(
        action,
        "<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>",
      );
    case "CreateStack": {
      const template = objects.get(new URL(form.get("TemplateURL") ?? "").pathname) ?? "{}";
      const { Outputs = {} } = JSON.parse(template);
      stacks.set(name, { roleArn: form.get("RoleARN") ?? "", outputs: Object.keys(Outputs) });
      return xml(action, `<StackId>${name}</StackId>`);
    }
    case "DeleteStack":
      stacks.delete(name);
      return xml(action, "");
    case "DescribeStacks":
      return isOurs ? describe(name, stacks) : undefined;
    case "DescribeStackEvents":
      return xml(action, "<StackEvents></StackEvents>");
    case "DescribeStackResources":
      return xml(action, "<StackResources></StackResources>");
    default:
      return undefined;
  }
}

function describe(name: string, stacks: Stacks): Answer {
  const stack = stacks.get(name);
  if (!stack) {
    const error = `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message>`;
    return { status: 400, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
  }
  const outputs = stack.outputs.map(
    (key) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>https://${key.toLowerCase()}.example.com</OutputValue></member>`,
  );
  return xml(
    "DescribeStacks",
    `<Stacks><member><StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${outputs.join("")}</Outputs></member></Stacks>`,
  );
}

/** S3: it takes what it is given, whole or in parts, and has nothing else. */
function object(request: string, body: string, objects: Map<string, string>): Answer {
  const [method, url = ""] = request.split(" ");
  const [path = "", search = ""] = url.split("?");
  if (search.startsWith("location"))
    return { body: '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>' };
  if (search.includes("list-type"))
    return { body: "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>" };
  if (search.startsWith("encryption"))
    return {
      status: 404,
      body: "<Error><Code>ServerSideEncryptionConfigurationNotFoundError</Code></Error>",
    };
  if (method === "POST") return { body: "<R><UploadId>1</UploadId><Key>k</Key></R>" };
  if (method === "PUT") objects.set(path, body);
  return method === "GET" ? { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" } : {};
}

function json(operation: string): Answer {
  const answers: Record<string, unknown> = {
    GetParameter: { Parameter: { Value: "21" } }, // the version of the bootstrap stack
    DescribeRepositories: { repositories: [{ repositoryUri: "registry.example.com/assets" }] },
    GetAuthorizationToken: {
      authorizationData: [
        {
          authorizationToken: Buffer.from("AWS:password").toString("base64"),
          proxyEndpoint: "https://registry.example.com",
        },
      ],
    },
  };
  const answer = answers[operation];
  if (answer) return { body: JSON.stringify(answer) };
  return {
    status: 400,
    body: JSON.stringify({ __type: "ImageNotFoundException", message: "There is no such image." }),
  };
}

function xml(action: string, result: string): Answer {
  return { body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
}
