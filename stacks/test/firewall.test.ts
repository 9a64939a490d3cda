import { PROBLEMS } from "@cloud-design/http/problem";
import { describe, expect, inject, test } from "vitest";
import { REFUSALS } from "../constructs/firewall-rules.ts";
import { readApp } from "../testing/app.ts";
import {
  type Action,
  managedRules,
  overridesOf,
  rateRefusal,
  refusalOf,
  type WebAcl,
  type WebRequest,
  webAclOf,
} from "../testing/firewall.ts";

const SCRIPT = "<script>alert(1)</script>";
const METADATA = "http://169.254.169.254/latest/meta-data/";
const LOG4J = ["$", "{jndi:ldap://a.example/a}"].join("");
const JAVA = '(java.lang.Runtime).getRuntime().exec("whoami")';
const REACT = '{"then": "$1:__proto__:then"}';
const SQL = "'; DROP TABLE movies; -- UNION SELECT * FROM orders";

const movie = (description: string): WebRequest => ({
  method: "POST",
  path: "/api/movies",
  body: JSON.stringify({ title: "Playtime", description }),
  headers: { "content-type": "application/json" },
});
const search = (title: string): WebRequest => ({ path: "/api/movies", query: `title=${title}` });
const asked = (path: string): WebRequest => ({ path });
const withHeader = (name: string, value: string): WebRequest => ({
  path: "/api/movies",
  headers: { [name]: value },
});

const LET_THROUGH: [string, WebRequest][] = [
  [
    "an order",
    {
      method: "POST",
      path: "/api/billing",
      body: '{"user_id":"3","number_of_items":"5","total_amount":"180"}',
    },
  ],
  ["a script in a description", movie(SCRIPT)],
  ["a path that climbs in a description", movie("../../../etc/passwd")],
  ["the metadata service in a description", movie(METADATA)],
  ["a numeric address in a description", movie("http://198.51.100.7/shell.php")],
  ["SQL in a description", movie(SQL)],
  ["a look-up of Log4j in a description", movie(LOG4J)],
  ["a command for Java in a description", movie(JAVA)],
  ["a property of React in a description", movie(REACT)],
  ["a description of 255 KB", movie("x".repeat(255 * 1_024))],
  ["a script in a search", search(SCRIPT)],
  ["a path that climbs in a search", search("../../etc/passwd")],
  ["the metadata service in a search", search(METADATA)],
  ["a numeric address in a search", search("http://198.51.100.7/")],
  ["a name of a log file in a search", search("Server.log")],
  ["SQL in a search", search(SQL)],
  ["a look-up of Log4j in a search", search(LOG4J)],
  ["a command for Java in a search", search(JAVA)],
  ["the longest title in a search", search("é".repeat(500))],
  ["no user agent", withHeader("user-agent", "")],
  ["a token of 2 KB", withHeader("authorization", `Bearer ${"a".repeat(2_048)}`)],
  ["an idempotency key of 255 letters", withHeader("idempotency-key", "k".repeat(255))],
  ["an order's id", asked(`/api/billing/orders/ord_${"a".repeat(40)}`)],
  ["a page of the docs", asked("/how/edge")],
];

const REFUSED: [string, WebRequest][] = [
  ["a path that climbs", asked("/api/../../etc/passwd")],
  ["a script in a path", asked(`/api/movies/${SCRIPT}`)],
  ["the metadata service in a path", asked("/api/movies/169.254.169.254")],
  ["a numeric address in a path", asked("/api/movies/http://198.51.100.7")],
  ["a log file", asked("/error.log")],
  ["a path of 2 KB", asked(`/api/movies/${"1".repeat(2_048)}`)],
  ["a folder of Java's", asked("/WEB-INF/web.xml")],
  ["a look-up of Log4j in a path", asked(`/${LOG4J}`)],
  ["a command for Java in a path", asked(`/${JAVA}`)],
  ["a look-up of Log4j in a header", withHeader("x-api-version", LOG4J)],
  ["a command for Java in a header", withHeader("x-api-version", JAVA)],
  ["another host's name", withHeader("host", "localhost")],
  ["a scanner", withHeader("user-agent", "Mozilla/5.0 (compatible; Nmap Scripting Engine)")],
  ["a script in a cookie", withHeader("cookie", SCRIPT)],
  ["the metadata service in a cookie", withHeader("cookie", METADATA)],
  ["cookies of 11 KB", withHeader("cookie", "c".repeat(11 * 1_024))],
  ["PROPFIND", { method: "PROPFIND", path: "/api/movies" }],
];

describe.each(["dev", "prod"] as const)("the firewall of %s", (stage) => {
  const acl = webAclOf(readApp(stage, inject("outputs")[stage]));

  test.each(LET_THROUGH)("lets through: %s", (_, request) => {
    expect(refusalOf(acl, request)).toBeUndefined();
  });

  test.each(REFUSED)("refuses, with a problem: %s", (_, request) => {
    expect(refusalOf(acl, request)).toEqual({
      status: 403,
      type: "/problems/request-blocked",
      contentType: "application/json",
      headers: { "cache-control": "no-store" },
    });
  });

  test("tells a caller with too many requests when to come back, with a problem", () => {
    expect(rateRefusal(acl)).toEqual({
      status: 429,
      type: "/problems/too-many-requests",
      contentType: "application/json",
      headers: { "cache-control": "no-store", "retry-after": "60" },
    });
  });

  test.each(managedRules(acl).filter(({ action }) => "Block" in action))(
    "has no HTML page for a refusal by $name",
    ({ action }) => expect(action).toMatchObject({ Block: { CustomResponse: { ResponseCode: 403 } } }),
  );

  const passes = (changed: WebAcl, [, request]: (typeof REFUSED)[number]) => !refusalOf(changed, request);
  const overrides = managedRules(acl).filter(({ name }) => !isAboutAddresses(name));
  test.each(overrides)("differs from the table when $name changes", ({ name, action }) => {
    const changed = withAction(acl, name, "Block" in action ? { Count: {} } : { Block: {} });
    const isAsTheTable =
      LET_THROUGH.every((row) => passes(changed, row)) && !REFUSED.some((row) => passes(changed, row));
    expect(isAsTheTable).toBe(false);
  });
});

/** The addresses with a bad reputation change by the hour, so a table cannot list them. */
function isAboutAddresses(name: string): boolean {
  return name.startsWith("AWSManaged");
}

function withAction(acl: WebAcl, name: string, action: Action): WebAcl {
  const changed = structuredClone(acl);
  for (const override of overridesOf(changed)) if (override.Name === name) override.ActionToUse = action;
  return changed;
}

test("an undocumented AWS rule group, and a rule that its group does not have, are errors", () => {
  const acl = webAclOf(readApp("prod", inject("outputs").prod));
  const [group] = acl.Rules.flatMap(({ Statement }) =>
    "ManagedRuleGroupStatement" in Statement ? [Statement.ManagedRuleGroupStatement] : [],
  );
  if (!group) throw new Error("There is no list.");
  group.RuleActionOverrides.push({ Name: "CrossSiteScripting_Body", ActionToUse: { Count: {} } });
  expect(() => managedRules(acl)).toThrow("has no CrossSiteScripting_Body");
  group.Name = "AWSManagedRulesSQLiRuleSet";
  expect(() => managedRules(acl)).toThrow("AWSManagedRulesSQLiRuleSet is described nowhere");
});

test("the firewall's problem has the title and the status of its page", () => {
  for (const [code, { status, title }] of Object.entries(REFUSALS))
    expect(PROBLEMS[code as keyof typeof REFUSALS]).toEqual({ status, title });
});
