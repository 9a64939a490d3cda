import * as z from "zod";
import { type App, resourcesOf } from "./app.ts";

/** The parts of a request that AWS WAF inspects; an absent part is empty. */
export interface WebRequest {
  method?: string;
  path?: string;
  /** Decoded, as AWS inspects it. */
  query?: string;
  body?: string;
  /** By lower-case names. Every request has a host and a user agent by default. */
  headers?: Record<string, string>;
}

const CustomResponse = z.object({
  ResponseCode: z.number(),
  CustomResponseBodyKey: z.string(),
  ResponseHeaders: z.array(z.object({ Name: z.string(), Value: z.string() })),
});
const Action = z.union([
  z.strictObject({ Count: z.strictObject({}) }),
  z.strictObject({ Block: z.object({ CustomResponse: CustomResponse.optional() }) }),
]);
export type Action = z.output<typeof Action>;

const ManagedRule = z.object({
  OverrideAction: z.strictObject({ None: z.strictObject({}) }),
  Statement: z.object({
    ManagedRuleGroupStatement: z.strictObject({
      VendorName: z.literal("AWS"),
      Name: z.string(),
      RuleActionOverrides: z.array(z.object({ Name: z.string(), ActionToUse: Action })).default([]),
    }),
  }),
});
const RateRule = z.object({
  Action,
  Statement: z.object({
    RateBasedStatement: z.strictObject({ AggregateKeyType: z.literal("IP"), Limit: z.number() }),
  }),
});
const WebAcl = z.object({
  DefaultAction: z.strictObject({ Allow: z.strictObject({}) }),
  CustomResponseBodies: z
    .record(z.string(), z.object({ ContentType: z.string(), Content: z.string() }))
    .default({}),
  Rules: z.array(z.union([ManagedRule, RateRule])),
});
export type WebAcl = z.output<typeof WebAcl>;

const SCRIPT = /<script|javascript:|\bon\w+\s*=/i;
const METADATA = /169\.254\.169\.254|fd00:ec2::254|metadata\.google/i;
const CLIMB = /\.\.\/|\.\.\\|\/etc\/passwd/i;
const REMOTE = /[a-z]+:\/\/\d{1,3}(\.\d{1,3}){3}/i;
const EXTENSION = /\.(log|ini)$/i;
const LOG4J = /\$\{\s*jndi:/i;
const JAVA = /\(java\.lang\.Runtime\)|getRuntime\(\)\.exec/i;
const REACT = /__proto__.*:constructor|\$1:__proto__/is;

const all = ({ headers = {} }: WebRequest) => Object.values(headers).join("\n");
const argumentsOf = ({ query = "" }: WebRequest) =>
  query.split("&").map((one) => one.slice(one.indexOf("=") + 1));

type Rules = Record<string, (request: WebRequest) => boolean>;

/**
 * The AWS rules in use, by "Baseline rule groups" and "IP reputation rule groups" of the AWS WAF Developer Guide in November 2026: the parts of
 * a request that each inspects, and examples of what it matches. AWS does not publish the full patterns.
 */
const DOCUMENTED: Record<string, Rules> = {
  // By lists that change all the time: no request here comes from such an address.
  AWSManagedRulesAmazonIpReputationList: {
    AWSManagedIPReputationList: () => false,
    AWSManagedReconnaissanceList: () => false,
    AWSManagedIPDDoSList: () => false,
  },
  AWSManagedRulesKnownBadInputsRuleSet: {
    JavaDeserializationRCE_HEADER: (request) => JAVA.test(all(request)),
    JavaDeserializationRCE_BODY: ({ body = "" }) => JAVA.test(body),
    JavaDeserializationRCE_URIPATH: ({ path = "" }) => JAVA.test(path),
    JavaDeserializationRCE_QUERYSTRING: ({ query = "" }) => JAVA.test(query),
    Host_localhost_HEADER: ({ headers = {} }) => /localhost/i.test(headers.host ?? ""),
    PROPFIND_METHOD: ({ method = "GET" }) => /^propfind$/i.test(method),
    ExploitablePaths_URIPATH: ({ path = "" }) => /web-inf/i.test(path),
    Log4JRCE_HEADER: (request) => LOG4J.test(all(request)),
    Log4JRCE_QUERYSTRING: ({ query = "" }) => LOG4J.test(query),
    Log4JRCE_URIPATH: ({ path = "" }) => LOG4J.test(path),
    Log4JRCE_BODY: ({ body = "" }) => LOG4J.test(body),
    ReactJSRCE_BODY: ({ body = "" }) => REACT.test(body),
  },
  AWSManagedRulesCommonRuleSet: {
    NoUserAgent_HEADER: ({ headers = {} }) => !headers["user-agent"],
    UserAgent_BadBots_HEADER: ({ headers = {} }) => /nessus|nmap/i.test(headers["user-agent"] ?? ""),
    SizeRestrictions_QUERYSTRING: ({ query = "" }) => Buffer.byteLength(encodeURI(query)) > 2_048,
    SizeRestrictions_Cookie_HEADER: ({ headers = {} }) => (headers.cookie ?? "").length > 10_240,
    SizeRestrictions_BODY: ({ body = "" }) => Buffer.byteLength(body) > 8_192,
    SizeRestrictions_URIPATH: ({ path = "" }) => path.length > 1_024,
    EC2MetaDataSSRF_BODY: ({ body = "" }) => METADATA.test(body),
    EC2MetaDataSSRF_COOKIE: ({ headers = {} }) => METADATA.test(headers.cookie ?? ""),
    EC2MetaDataSSRF_URIPATH: ({ path = "" }) => METADATA.test(path),
    EC2MetaDataSSRF_QUERYARGUMENTS: (request) => argumentsOf(request).some((one) => METADATA.test(one)),
    GenericLFI_QUERYARGUMENTS: (request) => argumentsOf(request).some((one) => CLIMB.test(one)),
    GenericLFI_URIPATH: ({ path = "" }) => CLIMB.test(path),
    GenericLFI_BODY: ({ body = "" }) => CLIMB.test(body),
    RestrictedExtensions_URIPATH: ({ path = "" }) => EXTENSION.test(path),
    RestrictedExtensions_QUERYARGUMENTS: (request) => argumentsOf(request).some((one) => EXTENSION.test(one)),
    GenericRFI_QUERYARGUMENTS: (request) => argumentsOf(request).some((one) => REMOTE.test(one)),
    GenericRFI_BODY: ({ body = "" }) => REMOTE.test(body),
    GenericRFI_URIPATH: ({ path = "" }) => REMOTE.test(path),
    CrossSiteScripting_COOKIE: ({ headers = {} }) => SCRIPT.test(headers.cookie ?? ""),
    CrossSiteScripting_QUERYARGUMENTS: (request) => argumentsOf(request).some((one) => SCRIPT.test(one)),
    CrossSiteScripting_BODY: ({ body = "" }) => SCRIPT.test(body),
    CrossSiteScripting_URIPATH: ({ path = "" }) => SCRIPT.test(path),
  },
};

/** Rules that block by AWS's own choice, except this one, which counts. */
const COUNTS_BY_ITSELF = new Set(["AWSManagedIPDDoSList"]);

export function webAclOf(app: App): WebAcl {
  const [acl] = resourcesOf(app, "AWS::WAFv2::WebACL", WebAcl);
  if (!acl) throw new Error(`${app.stage} has no firewall.`);
  return acl.properties;
}

export function overridesOf({ Rules }: WebAcl) {
  return Rules.flatMap(({ Statement }) =>
    "ManagedRuleGroupStatement" in Statement ? Statement.ManagedRuleGroupStatement.RuleActionOverrides : [],
  );
}

/** The firewall's AWS rules, each with its action here. Throws for a group that is not documented above. */
export function managedRules({ Rules }: WebAcl) {
  return Rules.flatMap((rule) => {
    if (!("ManagedRuleGroupStatement" in rule.Statement)) return [];
    const { Name: group, RuleActionOverrides } = rule.Statement.ManagedRuleGroupStatement;
    const documented = DOCUMENTED[group];
    if (!documented) throw new Error(`${group} is described nowhere: say what its rules look at.`);
    const misspelt = RuleActionOverrides.filter(({ Name }) => !(Name in documented)).map(({ Name }) => Name);
    if (misspelt.length > 0) throw new Error(`${group} has no ${misspelt.join(", ")}: AWS would ignore it.`);
    return Object.entries(documented).map(([name, matches]) => {
      const override = RuleActionOverrides.find(({ Name }) => Name === name)?.ActionToUse;
      const action: Action = override ?? (COUNTS_BY_ITSELF.has(name) ? { Count: {} } : { Block: {} });
      return { name, matches, action };
    });
  });
}

export interface Refusal {
  status: number;
  type: string;
  contentType: string;
  headers: Record<string, string>;
}

/** The firewall's answer to a request; undefined when it lets the request through. */
export function refusalOf(acl: WebAcl, request: WebRequest): Refusal | undefined {
  const whole = {
    ...request,
    headers: { host: "movies.example", "user-agent": "curl/8.0", ...request.headers },
  };
  const blocking = managedRules(acl).find(({ action, matches }) => "Block" in action && matches(whole));
  return blocking && spokenBy(acl, blocking.action);
}

export function rateRefusal(acl: WebAcl): Refusal | undefined {
  const rule = acl.Rules.find((one) => "Action" in one);
  return rule && "Action" in rule ? spokenBy(acl, rule.Action) : undefined;
}

/** AWS WAF's default answer: a page in HTML. */
function spokenBy(acl: WebAcl, action: Action): Refusal {
  const custom = "Block" in action ? action.Block.CustomResponse : undefined;
  if (!custom) return { status: 403, type: "", contentType: "text/html", headers: {} };
  const body = acl.CustomResponseBodies[custom.CustomResponseBodyKey];
  const contentType = body?.ContentType === "APPLICATION_JSON" ? "application/json" : "text/plain";
  const headers = Object.fromEntries(custom.ResponseHeaders.map(({ Name, Value }) => [Name, Value]));
  return { status: custom.ResponseCode, type: JSON.parse(body?.Content ?? "{}").type, contentType, headers };
}
