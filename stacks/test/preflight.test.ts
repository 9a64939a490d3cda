import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { BROKER_VERSION } from "@cloud-design/stage/broker-version";
import { type Globals, preflight } from "@cloud-design/stage/preflight/preflight";
import { presetOf } from "@cloud-design/stage/preset";
import { Refusal } from "@cloud-design/stage/refusal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const ACCOUNT = "123456789012";
const CERTIFICATE = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/0a1b`;
const WEB_ACL = `arn:aws:wafv2:us-east-1:${ACCOUNT}:global/webacl/edge/0a1b`;
const OFFER = {
  hostInstanceType: "mq.m7g.medium",
  supportedDeploymentModes: ["SINGLE_INSTANCE"],
  supportedEngineVersions: ["3.13", BROKER_VERSION],
};
const IDENTITY = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const NO_STACK: Answer = {
  status: 400,
  body: "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id dev-cloud-design-Network does not exist</Message></Error></ErrorResponse>",
};

type Service = "sts" | "cloudformation" | "mq" | "acm";
interface Answer {
  status?: number;
  body: unknown;
}

let server: Server;
let home: string;
let asked: Service[];
/** AWS's answers in an account without a problem; each test changes the answer that it is about. */
let answers: Record<Service, Answer | "silence">;

beforeEach(async () => {
  asked = [];
  answers = {
    sts: { body: IDENTITY },
    cloudformation: NO_STACK,
    mq: { body: { brokerInstanceOptions: [OFFER] } },
    acm: certificate({ Status: "ISSUED", DomainName: "shop.example.com" }),
  };
  server = createServer(async (request, response) => {
    const service = serviceOf(request, await text(request));
    asked.push(service);
    const answer = answers[service];
    if (answer === "silence") return;
    response.statusCode = answer.status ?? 200;
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  home = mkdtempSync(join(tmpdir(), "preflight-"));
  writeFileSync(join(home, "sst.config.ts"), "");
  // SST's directory, where the commands start it.
  vi.spyOn(process, "cwd").mockReturnValue(join(home, "stacks"));
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "",
    AWS_PROFILE: "",
    AWS_CONFIG_FILE: join(home, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    SST_STAGE: "",
    PRESET: "",
    WITH: "",
    SITE_DOMAIN: "",
    SITE_CERTIFICATE_ARN: "",
    WEB_ACL_ARN: "",
    ALARM_EMAIL: "",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

function serviceOf({ headers, url }: IncomingMessage, body: string): Service {
  if (headers["x-amz-target"]) return "acm";
  if (url?.startsWith("/v1/")) return "mq";
  return body.includes("Action=DescribeStacks") ? "cloudformation" : "sts";
}

const deploy = (globals: Globals = {}) => preflight({ stage: "dev", _: ["deploy"], ...globals });
const remove = (globals: Globals = {}) => preflight({ stage: "dev", _: ["remove"], ...globals });

function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "",
    (error: unknown) => {
      expect(error).toBeInstanceOf(Refusal);
      return (error as Refusal).message;
    },
  );
}

function certificate(detail: object): Answer {
  return { body: { Certificate: { CertificateArn: CERTIFICATE, ...detail } } };
}

function stsError(code: string, message: string): Answer {
  return {
    status: 403,
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

describe("before a deployment", () => {
  it("returns stage, region and account when there is no problem", async () => {
    expect(await deploy()).toEqual({ stage: "dev", region: "us-east-1", account: ACCOUNT });
    expect(asked.sort()).toEqual(["cloudformation", "mq", "sts"]);
  });

  it("asks for a stage instead of choosing one", async () => {
    expect(await refusal(deploy({ stage: undefined }))).toMatch(/^Name a stage: add `--stage dev`/);
    vi.stubEnv("SST_STAGE", "pr-7");
    expect(await deploy({ stage: undefined })).toMatchObject({ stage: "pr-7" });
  });

  describe("the preset", () => {
    const stands = (tags: Record<string, string>): Answer => ({
      body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>dev-cloud-design-Network</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-26T08:00:00Z</CreationTime><Tags>${Object.entries(
        tags,
      )
        .map(([key, value]) => `<member><Key>${key}</Key><Value>${value}</Value></member>`)
        .join("")}</Tags></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    });

    it.each([
      ["standard where nothing is said", "dev", undefined, "standard"],
      ["hardened in prod", "prod", undefined, "hardened"],
      ["the flag's", "dev", "learner", "learner"],
    ])("of a new stage is %s", async (_, stage, named, preset) => {
      await preflight({ stage, preset: named, _: ["build"] });
      expect(presetOf(stage)).toBe(preset);
    });

    it("comes from the setting too, for SST's own process", async () => {
      vi.stubEnv("PRESET", "learner");
      await preflight({ stage: "mine", _: ["build"] });
      expect(presetOf("mine")).toBe("learner");
    });

    it.each(["deploy", "remove", "left", "diff", "preflight", "dev"])(
      "is remembered by the stage: %s",
      async (command) => {
        answers.cloudformation = stands({ "sst:stage": "dev", "cloud-design:preset": "learner" });
        await preflight({ stage: "dev", _: [command] });
        expect(presetOf("dev")).toBe("learner");
        await preflight({ stage: "dev", preset: "learner", _: [command] });
      },
    );

    it("of a stage that is older than presets follows from its name", async () => {
      answers.cloudformation = stands({ "sst:stage": "dev" });
      await deploy();
      expect(presetOf("dev")).toBe("standard");
    });

    it.each([
      [
        "a stage that stands",
        { stage: "dev", preset: "standard" },
        "The stage dev was made learner, and a stage keeps its preset: leave standard out, or name a new stage for it.",
      ],
      [
        "prod",
        { stage: "prod", preset: "learner" },
        "prod is hardened and cannot be learner: name another stage.",
      ],
      ["nothing", { stage: "mine", preset: "cheap" }, "PRESET is learner, standard or hardened."],
    ])("that %s cannot have is refused before anything is created", async (_, globals, sentence) => {
      if (globals.stage === "dev") answers.cloudformation = stands({ "cloud-design:preset": "learner" });
      expect(await refusal(deploy(globals))).toBe(sentence);
      expect(asked).toEqual(globals.stage === "dev" ? ["sts", "cloudformation"] : []);
    });

    it.each(["PRESET", "WITH", "CONCURRENCY"])("refuses an empty line %s=", async (name) => {
      writeFileSync(join(home, ".env.mine"), `${name}=\n`);
      expect(await refusal(deploy({ stage: "mine" }))).toBe(
        `${name} is empty in .env.mine: give it a value, or delete the line.`,
      );
    });

    it("refuses a flag that contradicts the setting", async () => {
      writeFileSync(join(home, ".env.mine"), "PRESET=hardened\n");
      expect(await refusal(deploy({ stage: "mine", preset: "learner" }))).toBe(
        "--preset learner contradicts the setting PRESET=hardened: leave one of them out.",
      );
    });

    it("must be named where a one-time code keeps it from being read", async () => {
      answers.sts = stsError("AccessDenied", "multi-factor authentication required");
      for (const globals of [{ stage: "mine" }, { stage: "mine", preset: "learner" }]) {
        vi.stubEnv("PRESET", "");
        expect(await refusal(deploy(globals))).toBe(
          "The credentials need a one-time code, so what mine is made of cannot be read. Say it: --preset with the one that it was made with, and for a learner's stage --with proxy or --with none; or the settings PRESET and WITH.",
        );
      }
      for (const globals of [
        { preset: "standard" },
        { preset: "learner", with: "none" },
        { stage: "prod" },
        { _: ["remove"] },
      ]) {
        vi.stubEnv("PRESET", "");
        await deploy(globals);
      }
    });

    it("that cannot be read stops a deployment", async () => {
      answers.cloudformation = stsError("AccessDenied", "User x may not do cloudformation:DescribeStacks");
      expect(await refusal(deploy())).toMatch(
        /^The AWS credentials are not allowed to do this: .*DescribeStacks/,
      );
    });
  });

  it.each(["dev", "start"])("keeps prod off laptops: sst %s", async (command) => {
    expect(await refusal(preflight({ stage: "prod", _: [command] }))).toMatch(
      /^prod never runs on a laptop: .*\.$/,
    );
    expect(asked).toEqual([]);
    expect(await preflight({ stage: "mine", _: [command] })).toMatchObject({ stage: "mine" });
  });

  it.each(["prod", "a", "pr-123", "x".repeat(30)])("takes the stage %s", async (stage) => {
    expect(await preflight({ stage })).toEqual({ stage, region: "us-east-1" });
  });

  it.each([
    "Prod",
    "my_stage",
    "7up",
    "-dev",
    "dev-",
    "a--b",
    "dév",
    "a b",
    "x".repeat(31),
    "laws",
    "cognito-2",
  ])("refuses the stage %s, which AWS would refuse in the middle of a deployment", async (stage) => {
    expect(await refusal(deploy({ stage }))).toMatch(/^The stage cannot be called .*: (AWS|Cognito) .*\.$/);
    expect(asked).toEqual([]);
  });

  it("refuses a region whose zones are not in the table", async () => {
    expect(await refusal(deploy({ region: "mars-1" }))).toMatch(
      /^The region mars-1 is none of us-east-1, .*packages\/stage\/src\/regions\.ts\.$/,
    );
  });

  it("names the command that makes the firewall for another region", async () => {
    expect(await refusal(deploy({ region: "eu-west-3" }))).toContain(
      "run `npm run deploy -- Firewall --stage dev --region us-east-1` and put the WebAclArn",
    );
    vi.stubEnv("WEB_ACL_ARN", WEB_ACL);
    expect(await deploy({ region: "eu-west-3" })).toMatchObject({ region: "eu-west-3" });
  });

  it("asks for no firewall in another region where the preset is without", async () => {
    const globals = { stage: "mine", region: "eu-west-3", preset: "learner", _: ["build"] };
    expect(await preflight(globals)).toEqual({ stage: "mine", region: "eu-west-3" });
  });

  it("reads the stage's .env file, as SST does a moment later", async () => {
    writeFileSync(join(home, ".env"), "SITE_DOMAIN=shop.example.com\n");
    writeFileSync(
      join(home, ".env.dev"),
      `SITE_CERTIFICATE_ARN=${CERTIFICATE}\nSITE_DOMAIN=http://shop.example.com\n`,
    );
    writeFileSync(join(home, ".env.prod"), "SITE_DOMAIN=other.example.com\n");
    expect(await refusal(deploy())).toMatch(/^SITE_DOMAIN is not a host name/);
  });
});

describe("credentials", () => {
  const withoutKeys = () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "");
  };

  it("says how to sign in when there are no credentials", async () => {
    withoutKeys();
    expect(await refusal(deploy())).toMatch(
      /^There are no AWS credentials: sign in with `aws configure sso`/,
    );
    expect(await refusal(deploy({ profile: "shop" }))).toMatch(
      /^There are no AWS credentials in the profile shop: /,
    );
  });

  it("says how to sign in again when the single sign-on has ended", async () => {
    withoutKeys();
    writeFileSync(
      join(home, "config"),
      "[profile shop]\nsso_start_url=https://shop.awsapps.com/start\nsso_region=us-east-1\nsso_account_id=1\nsso_role_name=Admin\n",
    );
    vi.stubEnv("HOME", home);
    expect(await refusal(deploy({ profile: "shop" }))).toMatch(
      /have expired: .*`aws sso login --profile shop`/,
    );
  });

  it.each([
    [
      "ExpiredToken",
      "The security token included in the request is expired",
      /^The AWS credentials have expired: /,
    ],
    [
      "InvalidClientTokenId",
      "The security token is invalid",
      /^AWS refuses the credentials \(InvalidClientTokenId\): /,
    ],
    ["SignatureDoesNotMatch", "Check your key", /^AWS refuses the credentials \(SignatureDoesNotMatch\): /],
    [
      "AccessDenied",
      "User x is not authorized to perform: sts:GetCallerIdentity",
      /not allowed to do this: User x is not authorized/,
    ],
    ["SomethingNew", "Who knows", /^AWS answered with SomethingNew: Who knows\.$/],
  ])("has a sentence of its own for %s", async (code, message, sentence) => {
    answers.sts = stsError(code, message);
    expect(await refusal(deploy())).toMatch(sentence);
    expect(await refusal(remove())).toMatch(sentence);
  });

  it("says that AWS cannot be reached when the connection is refused", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    expect(await refusal(deploy())).toMatch(/^AWS cannot be reached \(.*ECONNREFUSED.*\): /);
  });

  it("gives up on a silent network", async () => {
    answers.sts = "silence";
    expect(await refusal(deploy())).toMatch(/^AWS cannot be reached /);
  });

  it("in the environment take precedence over a profile, as they do for SST", async () => {
    expect(await deploy({ profile: "shop" })).toMatchObject({ account: ACCOUNT });
  });

  it("leaves the prompt for a code to SST, because each code works once", async () => {
    withoutKeys();
    writeFileSync(
      join(home, "config"),
      "[profile base]\naws_access_key_id=a\naws_secret_access_key=b\n[profile shop]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/x\n",
    );
    expect(await deploy({ profile: "shop", preset: "standard" })).toEqual({
      stage: "dev",
      region: "us-east-1",
      account: undefined,
    });
    expect(asked).toEqual([]);
  });
});

describe("the broker", () => {
  it.each([
    [
      "a size that the region does not offer",
      { hostInstanceType: "mq.m5.large" },
      "no mq.m7g.medium for RabbitMQ in us-east-1 for this account, but mq.m5.large: ",
    ],
    [
      "a version that it does not offer",
      { supportedEngineVersions: ["3.13"] },
      "no RabbitMQ 4.2 on mq.m7g.medium in us-east-1 for this account, but 3.13: ",
    ],
    ["a later version with the same prefix", { supportedEngineVersions: ["4.20"] }, "no RabbitMQ 4.2 on "],
    [
      "a mode that it does not offer",
      { supportedDeploymentModes: [] },
      "no SINGLE_INSTANCE on mq.m7g.medium in us-east-1 for this account, but nothing: ",
    ],
  ])("is refused for %s", async (_, difference, sentence) => {
    answers.mq = { body: { brokerInstanceOptions: [{ ...OFFER, ...difference }] } };
    expect(await refusal(deploy())).toContain(`Amazon MQ has ${sentence}`);
    expect(await remove()).toMatchObject({ account: ACCOUNT });
  });

  it("may be offered by its patch releases", async () => {
    answers.mq = {
      body: { brokerInstanceOptions: [{ ...OFFER, supportedEngineVersions: [`${BROKER_VERSION}.1`] }] },
    };
    expect(await deploy()).toMatchObject({ account: ACCOUNT });
  });

  it("of prod is a cluster with its own size", async () => {
    expect(await refusal(deploy({ stage: "prod" }))).toContain("Amazon MQ has no mq.m7g.large for RabbitMQ");
  });

  it("in a container needs no offer of Amazon MQ", async () => {
    answers.mq = { body: { brokerInstanceOptions: [] } };
    vi.stubEnv("PRESET", "learner");
    expect(await deploy()).toMatchObject({ account: ACCOUNT });
  });

  it("cannot be checked without a right, which the refusal names", async () => {
    const message = "User x is not authorized to perform: mq:DescribeBrokerInstanceOptions";
    answers.mq = { status: 403, body: { __type: "ForbiddenException", message } };
    expect(await refusal(deploy())).toBe(
      `The AWS credentials are not allowed to do this: ${message}. Take a role that may deploy (docs/deploy.md).`,
    );
  });
});

describe("the certificate", () => {
  beforeEach(() => {
    vi.stubEnv("SITE_DOMAIN", "shop.example.com");
    vi.stubEnv("SITE_CERTIFICATE_ARN", CERTIFICATE);
  });

  it.each([
    ["its own name", { DomainName: "Shop.example.com" }],
    [
      "a further name",
      { DomainName: "example.com", SubjectAlternativeNames: ["example.com", "shop.example.com"] },
    ],
    ["a wildcard", { DomainName: "*.example.com" }],
  ])("may cover the domain by %s", async (_, detail) => {
    answers.acm = certificate({ Status: "ISSUED", ...detail });
    expect(await deploy()).toMatchObject({ account: ACCOUNT });
    expect(asked).toContain("acm");
  });

  it.each([
    ["shop.example.com", { DomainName: "example.com" }],
    ["shop.example.com", { DomainName: "*.shop.example.com" }],
    ["a.shop.example.com", { DomainName: "*.example.com" }],
    ["example.com", { DomainName: "*.example.com" }],
    ["shopexample.com", { DomainName: "*.example.com" }],
  ])("is refused when it does not cover %s", async (domain, detail) => {
    vi.stubEnv("SITE_DOMAIN", domain);
    answers.acm = certificate({ Status: "ISSUED", ...detail });
    expect(await refusal(deploy())).toBe(
      `The certificate of SITE_CERTIFICATE_ARN is for ${detail.DomainName} and not for ${domain}: request one in us-east-1 that names it.`,
    );
    expect(await remove()).toMatchObject({ account: ACCOUNT });
  });

  it("is refused until it is issued", async () => {
    answers.acm = certificate({ Status: "PENDING_VALIDATION", DomainName: "shop.example.com" });
    expect(await refusal(deploy())).toMatch(/is PENDING_VALIDATION, not ISSUED: add the CNAME records/);
  });

  it("is refused when the account does not have it", async () => {
    answers.acm = { status: 400, body: { __type: "ResourceNotFoundException", message: "none" } };
    expect(await refusal(deploy())).toBe(
      `There is no certificate ${CERTIFICATE} in this account: correct SITE_CERTIFICATE_ARN.`,
    );
  });

  it("of a region without a firewall of its own is looked for in us-east-1", async () => {
    vi.stubEnv("WEB_ACL_ARN", WEB_ACL);
    expect(await deploy({ region: "eu-west-3" })).toMatchObject({ account: ACCOUNT });
    expect(asked).toContain("acm");
  });
});
