import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { startAwsStub } from "../../../../stacks/testing/aws-stub.ts";
import { typeCommand } from "../testing/type-command.ts";
import { isConfirmed, previewOf } from "./remove.ts";

const TARGET = { stage: "dev", region: "us-east-1", account: "123456789012" };

/** What becomes of it when somebody types this, and then leaves. */
async function typed(text: string): Promise<boolean> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(text);
  return isConfirmed("dev", input, output);
}

describe("npm run remove", () => {
  it("shows what would go, and removes nothing when nobody is there to confirm it", async () => {
    await using aws = await startAwsStub();
    const { code, stdout, stderr } = await typeCommand(["remove", "--stage", "without-env-file"], aws.url);
    expect(stdout).toContain("databases, queues, users, pages and logs");
    expect(stderr).toBe("Nobody is here to confirm it: add --yes to remove the stage without being asked.\n");
    expect(code).toBe(1);
    expect([...aws.asked]).toEqual(["GetCallerIdentity"]);
  });

  it("explains itself, and refuses what it does not know", async () => {
    await using aws = await startAwsStub();
    expect(await typeCommand(["remove", "--help"], aws.url)).toMatchObject({ code: 0, stderr: "" });
    expect(await typeCommand(["remove", "--stage", "without-env-file", "--yess"], aws.url)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "npm run remove has no flag --yess: did you mean --yes?\n",
    });
  });

  it.each([
    ["dev\n", true],
    [" dev \n", true],
    ["prod\n", false],
    ["y\n", false],
    ["\n", false],
    ["", false],
  ])("takes %j for %j", async (text, isYes) => {
    expect(await typed(text)).toBe(isYes);
  });

  it("of prod names what stays, and how to lift each protection", () => {
    const preview = previewOf({ ...TARGET, stage: "prod", region: "eu-west-3" });
    expect(preview).toContain("- a last snapshot of each database, and its automatic backups for 14 days");
    for (const noun of ["inventory", "billing"]) {
      expect(preview).toContain(
        `aws rds modify-db-instance --region eu-west-3 --db-instance-identifier prod-cloud-design-${noun} --no-deletion-protection`,
      );
    }
    expect(preview).toContain("aws elbv2 modify-load-balancer-attributes --region eu-west-3");
  });

  it("of any other stage has nothing to lift", () => {
    expect(previewOf(TARGET)).not.toMatch(/Protected|snapshot/);
  });

  it("of one stack promises no more than that", () => {
    const preview = previewOf({ ...TARGET, stack: "Firewall" });
    expect(preview).toContain("Removing the stack Firewall of stage dev");
    expect(preview).not.toContain("databases");
  });
});
