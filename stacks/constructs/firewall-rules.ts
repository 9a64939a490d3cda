import { PROBLEMS } from "@cloud-design/http";

/** The reasons why a rule of AWS only counts here: the value that it would refuse is harmless behind the firewall. */
const BODY =
  "A body is parsed by one schema, stored as a parameter and shown as text; its content is never run.";
const QUERY = "`title` is a parameter of a search, where a film may be called anything.";

/**
 * AWS's managed rules. `blocks` names the rules that still refuse here: a well-meant request never matches one. `counts` names
 * the rules that would refuse good requests, each with the reason. AWS silently ignores a name that its group does not have; a test checks the
 * names.
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
 * The firewall's answers, in place of an HTML page: problems of RFC 9457. `type` is relative, because the firewall stands before every name of
 * the site. AWS WAF allows JSON only the content type `application/json`, and no header can change that. `message` is the member that API
 * Gateway's own refusals have.
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

/** In seconds, a fifth of the window: after it, a client slightly over the limit is under it again. */
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
