import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";
import { takes, transform } from "../testing/event-pattern.ts";
import { STAGES } from "../testing/setup.ts";

const Rule = z.object({
  EventPattern: z.record(z.string(), z.unknown()).default({}),
  State: z.string(),
  Targets: z.array(z.unknown()),
});
const Target = z.object({
  Arn: z.string(),
  InputTransformer: z.object({
    InputPathsMap: z.record(z.string(), z.string()),
    InputTemplate: z.string(),
  }),
});

/** As in the RDS user guide, "Monitoring Amazon RDS events"; the reference is how the template names the instance. */
const event = (EventID: string, instance: string) => ({
  ...{ version: "0", id: "1", account: "123456789012", time: "2026-11-30T12:00:00Z", region: "us-east-1" },
  source: "aws.rds",
  "detail-type": "RDS DB Instance Event",
  resources: [instance],
  detail: { SourceType: "DB_INSTANCE", SourceIdentifier: "orders-1", EventID, Message: "The disk grows." },
});

describe.each(STAGES)("the stage %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const rules = resourcesOf(app, "AWS::Events::Rule", Rule).filter(({ name }) =>
    name.endsWith("-storage-events"),
  );
  const instances = rules.flatMap(({ properties }) =>
    z.array(z.string()).parse(properties.EventPattern.resources),
  );
  /** The mails that an event causes. */
  const mailsOf = (sent: Record<string, unknown>) =>
    rules
      .filter(({ properties }) => properties.State === "ENABLED" && takes(properties.EventPattern, sent))
      .flatMap(({ properties }) => z.array(Target).parse(properties.Targets))
      .filter(({ Arn }) => Arn === "<Alerts/Topic>")
      .map(({ InputTransformer }) => transform(InputTransformer, sent));

  it("hears of each of its database servers", () => {
    const servers = app.resources
      .filter(({ type }) => type === "AWS::RDS::DBInstance")
      .map(({ name }) => name);
    expect(instances.map((arn) => /<?(Databases\/[\w-]+)/.exec(arn)?.[1]).sort()).toEqual(servers.sort());
  });

  it.each(["RDS-EVENT-0007", "RDS-EVENT-0223", "RDS-EVENT-0224", "RDS-EVENT-0225"])(
    "mails %s of a server in a sentence, with the heading that says what to do",
    (id) => {
      for (const instance of instances)
        expect(mailsOf(event(id, instance))).toEqual([
          expect.stringMatching(
            /^RDS says of the database orders-1: The disk grows\. What to do: docs\/runbook\.md#(inventory|billing)-database-storage$/,
          ),
        ]);
    },
  );

  it("sends no mail before an ordinary enlargement, nor of another server", () => {
    for (const instance of instances) expect(mailsOf(event("RDS-EVENT-0089", instance))).toEqual([]);
    expect(mailsOf(event("RDS-EVENT-0007", "arn:aws:rds:us-east-1:123456789012:db:other"))).toEqual([]);
  });
});
