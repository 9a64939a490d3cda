import { PROBLEMS } from "@cloud-design/http";

/** Why a rule of AWS's only counts here: what it would refuse is harmless behind it. */
const BODY =
  "A body is parsed by one schema, stored as a parameter and shown as text: what stands in it is never run.";
const QUERY = "`title` is a parameter of a search, where a film may be called anything.";

/**
 * AWS's rules. `blocks` are theirs that stay refusals here: nothing that a client of ours means to send meets one. `counts` would refuse good
 * requests, each with its reason. AWS ignores a name that its group does not have, without a word; a test knows the names.
 */
export const MANAGED_RULES = [
  {
    name: "AWSManagedRulesAmazonIpReputationList",
    blocks: ["AWSManagedIPReputationList", "AWSManagedReconnaissanceList"],
    counts: {},
  },
  {
    name: "AWSManagedRulesKnownBadInputsRuleSet",
    blocks: [
      "JavaDeserializationRCE_HEADER",
      "JavaDeserializationRCE_URIPATH",
      "Log4JRCE_HEADER",
      "Log4JRCE_URIPATH",
      "Host_localhost_HEADER",
      "PROPFIND_METHOD",
      "ExploitablePaths_URIPATH",
    ],
    counts: {
      JavaDeserializationRCE_BODY: BODY,
      Log4JRCE_BODY: BODY,
      ReactJSRCE_BODY: BODY,
      JavaDeserializationRCE_QUERYSTRING: QUERY,
      Log4JRCE_QUERYSTRING: QUERY,
    },
  },
  {
    name: "AWSManagedRulesCommonRuleSet",
    blocks: [
      "UserAgent_BadBots_HEADER",
      "SizeRestrictions_Cookie_HEADER",
      "SizeRestrictions_URIPATH",
      "EC2MetaDataSSRF_COOKIE",
      "EC2MetaDataSSRF_URIPATH",
      "GenericLFI_URIPATH",
      "GenericRFI_URIPATH",
      "RestrictedExtensions_URIPATH",
      "CrossSiteScripting_COOKIE",
      "CrossSiteScripting_URIPATH",
    ],
    counts: {
      NoUserAgent_HEADER: "Programs often send none.",
      SizeRestrictions_BODY: "A movie may have 256 KB, where the rule ends at 8.",
      SizeRestrictions_QUERYSTRING:
        "A title of 500 letters has up to 6,000 bytes in a query, where the rule ends at 2,048.",
      EC2MetaDataSSRF_BODY: BODY,
      GenericLFI_BODY: BODY,
      GenericRFI_BODY: BODY,
      CrossSiteScripting_BODY: BODY,
      EC2MetaDataSSRF_QUERYARGUMENTS: QUERY,
      GenericLFI_QUERYARGUMENTS: QUERY,
      GenericRFI_QUERYARGUMENTS: QUERY,
      RestrictedExtensions_QUERYARGUMENTS: QUERY,
      CrossSiteScripting_QUERYARGUMENTS: QUERY,
    },
  },
] as const satisfies { name: string; blocks: readonly string[]; counts: Readonly<Record<string, string>> }[];

/**
 * What the firewall says instead of a page in HTML: problems of RFC 9457, whose `type` is relative because the firewall stands before every
 * name of the site. AWS WAF gives no other content type than `application/json` to JSON, and lets no header change it. `message` is what API Gateway's own refusals have.
 */
export const REFUSALS = {
  "request-blocked": {
    ...PROBLEMS["request-blocked"],
    message: "Forbidden",
    detail: "Something in the address, the method or the headers looks like an attack.",
  },
  "too-many-requests": {
    ...PROBLEMS["too-many-requests"],
    message: "Too Many Requests",
    detail: "Wait as long as Retry-After says, and send fewer requests.",
  },
} as const;
type RefusalCode = keyof typeof REFUSALS;

/** A fifth of the window: after it, whoever was a little too fast is under the limit again. */
export const RETRY_AFTER_SECONDS = 60;

export function refusalBodies() {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([code, words]) => [
      code,
      {
        contentType: "APPLICATION_JSON",
        content: JSON.stringify({ type: `/problems/${code}`, ...words }),
      },
    ]),
  );
}

export function blockedAs(code: RefusalCode, headers: Readonly<Record<string, string>> = {}) {
  const responseHeaders = Object.entries({ "cache-control": "no-store", ...headers });
  return {
    block: {
      customResponse: {
        responseCode: REFUSALS[code].status,
        customResponseBodyKey: code,
        responseHeaders: responseHeaders.map(([name, value]) => ({ name, value })),
      },
    },
  };
}
