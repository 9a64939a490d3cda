import { expect, it } from "vitest";
import { aws, bytesText, isNamed } from "./found.ts";

it.each([
  ["dev-cloud-design-Network", true],
  ["/aws/rds/instance/dev-cloud-design-billing/upgrade", true],
  ["aws-waf-logs-dev-cloud-design-edge", true],
  ["my-dev-cloud-design-Network", false],
  ["/aws/lambda/my-dev-cloud-design-Broker", false],
  ["dev-cloud-designer", false],
  ["", false],
])("assigns %s to stage dev: %s", (name, isOfDev) => {
  expect(isNamed({ stage: "dev" }, name)).toBe(isOfDev);
});

it("quotes the special characters of a shell, and names region and profile", () => {
  expect(
    aws({ region: "eu-west-3", profile: "my own" }, "logs", "delete-log-group", "a/b", "$x `y` it's"),
  ).toBe("aws logs delete-log-group a/b '$x `y` it'\\''s' --region eu-west-3 --profile 'my own'");
});

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KB"],
  [1.5 * 1024 ** 2, "1.5 MB"],
  [20 * 1024 ** 3, "20 GB"],
  [5000 * 1024 ** 4, "5000 TB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
