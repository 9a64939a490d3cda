import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { createAuthority, createServerIdentity } from "@cloud-design/core/certificate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, readApp } from "../testing/app.ts";
import { startAwsStub } from "../testing/aws-stub.ts";
import { buildTemplates, createSstRoot } from "../testing/sst-run.ts";

const ACM = "arn:aws:acm:us-east-1:123456789012:certificate";
const SETTINGS = {
  API_DOMAIN: "api.shop.example.com",
  API_CERTIFICATE_ARN: `${ACM}/server`,
  ORIGIN_CERTIFICATE_ARN: `${ACM}/client`,
  ORIGIN_AUTHORITY: "origin-authority.pem",
};

describe("an API with its own domain", () => {
  let app: App;
  const one = (type: string) =>
    app.resources.filter((resource) => resource.type === type).map(({ properties }) => properties);

  beforeAll(async () => {
    await using aws = await startAwsStub();
    await using root = await createSstRoot();
    writeFileSync(join(root.directory, SETTINGS.ORIGIN_AUTHORITY), "an authority\n");
    app = readApp("dev", await buildTemplates(root, "dev", aws.url, SETTINGS));
  });

  it("closes API Gateway's own name, and requires a client certificate at the domain", () => {
    expect(one("AWS::ApiGatewayV2::Api")).toMatchObject([{ DisableExecuteApiEndpoint: true }]);
    expect(one("AWS::ApiGatewayV2::DomainName")).toMatchObject([
      {
        DomainName: SETTINGS.API_DOMAIN,
        DomainNameConfigurations: [{ CertificateArn: SETTINGS.API_CERTIFICATE_ARN }],
        MutualTlsAuthentication: { TruststoreUri: expect.stringMatching(/^s3:\/\/.+\.pem$/) },
      },
    ]);
    expect(one("AWS::ApiGatewayV2::ApiMapping")).toMatchObject([
      { DomainName: expect.anything(), Stage: expect.anything() },
    ]);
  });

  it("lets CloudFront present its certificate there, and still its secret", () => {
    const [distribution] = one("AWS::CloudFront::Distribution") as {
      DistributionConfig: { Origins: Record<string, unknown>[] };
    }[];
    const origins = distribution?.DistributionConfig.Origins ?? [];
    expect(origins.filter((origin) => origin.DomainName === "<Api/Door>")).toMatchObject([
      {
        CustomOriginConfig: { OriginMtlsConfig: { ClientCertificateArn: SETTINGS.ORIGIN_CERTIFICATE_ARN } },
        OriginCustomHeaders: [{ HeaderName: "x-origin-secret" }],
      },
    ]);
    expect(JSON.stringify(origins)).not.toContain("execute-api");
  });
});

describe("the lines of docs/deploy.md that make the client certificate", () => {
  const directory = mkdtempSync(join(tmpdir(), "origin-certificate-"));
  const imported = join(directory, "imported");
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeAll(() => {
    const docs = readFileSync(join(import.meta.dirname, "../../docs/deploy.md"), "utf8");
    const [, lines = ""] = /### An API that only CloudFront can call.*?```sh\n(.*?)```/s.exec(docs) ?? [];
    // A stand-in for the AWS CLI that copies its input files.
    const aws = `aws() { mkdir "${imported}"; for word in "$@"; do case $word in fileb://*) cp "\${word#fileb://}" "${imported}";; esac; done; }`;
    execFileSync("bash", ["-e", "-c", `${aws}\n${lines}`], { cwd: directory, stdio: "pipe" });
  });

  it("leave the authority's certificate alone behind, and no key", () => {
    expect(readdirSync(directory).sort()).toEqual(["imported", "origin-authority.pem"]);
    expect(readdirSync(imported).sort()).toEqual(["client.key", "client.pem", "origin-authority.pem"]);
  });

  it("make a certificate that opens a server of mutual TLS, where no certificate and a stranger's are refused", async () => {
    const file = (name: string) => readFileSync(join(imported, name), "utf8");
    const wanted = {
      commonName: "another",
      from: new Date(Date.now() - 60_000),
      until: new Date(Date.now() + 600_000),
    };
    const issuer = createAuthority({ domains: ["localhost"], ...wanted });
    const identity = createServerIdentity({ authority: issuer, names: ["localhost"], ...wanted });
    const options = {
      ...identity,
      ca: file("origin-authority.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const server = createServer(options, (socket) => socket.end("open"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const call = async (shown: { cert?: string; key?: string }) => {
      const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: issuer.cert, ...shown });
      const said: unknown[] = [];
      socket.setEncoding("utf8").on("data", (text) => said.push(text));
      socket.on("error", () => {});
      await new Promise((closed) => socket.once("close", closed));
      return said;
    };
    expect(await call({ cert: file("client.pem"), key: file("client.key") })).toEqual(["open"]);
    expect(await call({})).toEqual([]);
    expect(await call(identity)).toEqual([]);
    server.close();
  });
});
