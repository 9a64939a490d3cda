import { reservedConcurrency } from "@cloud-design/stage/concurrency";
import { environmentOf } from "@cloud-design/stage/environment";
import { describe, expect, it, vi } from "vitest";

const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b";
const WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/0a1b";

describe("the settings of an account's owner", () => {
  it("may all be absent, or empty as in a .env file", () => {
    expect(environmentOf({})).toEqual({});
    expect(environmentOf({ SITE_DOMAIN: "", WEB_ACL_ARN: "", PATH: "/bin" })).toEqual({});
  });

  it("are read as they are", () => {
    const all = {
      SITE_DOMAIN: "shop.example.com",
      SITE_CERTIFICATE_ARN: CERTIFICATE,
      WEB_ACL_ARN: WEB_ACL,
      API_DOMAIN: "api.shop.example.com",
      API_CERTIFICATE_ARN: CERTIFICATE,
      ORIGIN_CERTIFICATE_ARN: CERTIFICATE,
      ORIGIN_AUTHORITY: "origin-authority.pem",
      ALARM_EMAIL: "ops@example.com",
      ROLLOUT: "ALL_AT_ONCE",
      CONCURRENCY: "SHARED",
      PRESET: "learner",
      WITH: "proxy",
      COPY_KEY_ARN: "arn:aws:kms:us-west-2:123456789012:key/0a1b",
    };
    expect(environmentOf(all)).toEqual(all);
    expect(environmentOf({ LIVE_FUNCTIONS: "gateway, token-scopes" })).toEqual({
      LIVE_FUNCTIONS: ["gateway", "token-scopes"],
    });
  });

  it.each([
    [
      { SITE_DOMAIN: "https://shop.example.com", SITE_CERTIFICATE_ARN: CERTIFICATE },
      /^SITE_DOMAIN is not a host name: .*\.$/,
    ],
    [{ SITE_DOMAIN: "shop.example.com" }, /^SITE_DOMAIN needs SITE_CERTIFICATE_ARN beside it: .*\.$/],
    [{ SITE_CERTIFICATE_ARN: CERTIFICATE }, /^SITE_CERTIFICATE_ARN needs SITE_DOMAIN beside it: .*\.$/],
    [
      {
        SITE_DOMAIN: "shop.example.com",
        SITE_CERTIFICATE_ARN: CERTIFICATE.replace("us-east-1", "eu-west-3"),
      },
      /^SITE_CERTIFICATE_ARN is not the ARN of an ACM certificate in us-east-1.*\.$/,
    ],
    [
      { WEB_ACL_ARN: WEB_ACL.replace("global", "regional") },
      /^WEB_ACL_ARN is not the ARN of a web ACL for CloudFront: .*\.$/,
    ],
    [
      { LIVE_FUNCTIONS: "gateway, migrate,billing" },
      /^LIVE_FUNCTIONS takes gateway and token-scopes, separated by a comma\.$/,
    ],
    [
      { API_DOMAIN: "api.shop.example.com", ORIGIN_AUTHORITY: "origin-authority.pem" },
      /^API_CERTIFICATE_ARN, ORIGIN_CERTIFICATE_ARN must be set too: .* go together\.$/,
    ],
    [{ ORIGIN_AUTHORITY: "authority.crt" }, /ORIGIN_AUTHORITY is not the name of a \.pem file\./],
    [{ ALARM_EMAIL: "ops" }, /^ALARM_EMAIL is not an e-mail address\.$/],
    [{ PRESET: "cheap" }, /^PRESET is learner, standard or hardened\.$/],
    [{ WITH: "firewall" }, /^WITH is proxy, or none to take it away again\.$/],
    [{ ROLLOUT: "quickly" }, /^ROLLOUT is ALL_AT_ONCE, or not set\.$/],
  ])("are refused with a sentence: %j", (variables, sentence) => {
    expect(() => environmentOf(variables)).toThrow(sentence);
  });

  it("are all named when they are wrong", () => {
    expect(() => environmentOf({ ALARM_EMAIL: "ops", WEB_ACL_ARN: "x" })).toThrow(
      /^WEB_ACL_ARN is .* ALARM_EMAIL is /,
    );
  });
});

it("an account that cannot reserve concurrency gets the functions without", () => {
  expect(reservedConcurrency("prod")).toEqual({ gateway: 500, orderGateway: 300 });
  expect(reservedConcurrency("dev")).toEqual({ gateway: undefined, orderGateway: undefined });
  vi.stubEnv("CONCURRENCY", "SHARED");
  expect(reservedConcurrency("prod")).toEqual({ gateway: undefined, orderGateway: undefined });
  vi.unstubAllEnvs();
});
