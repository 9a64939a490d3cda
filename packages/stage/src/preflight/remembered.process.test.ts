import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stageSettings } from "../preset.ts";
import { type RecordedAws, startRecordedAws, xml, xmlError } from "../testing/recorded-aws.ts";
import { rememberedOf, settlePreset } from "./remembered.ts";

const ACCESS = { region: "us-east-1" };
let aws: RecordedAws;

beforeEach(async () => {
  aws = await startRecordedAws({});
  const environment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "",
    AWS_PROFILE: "",
    PRESET: "",
    WITH: "",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

/** Answers with a network that has these tags. */
function standing(tags: Record<string, string>, status = "UPDATE_COMPLETE"): void {
  const members = Object.entries(tags).map(
    ([key, value]) => `<member><Key>${key}</Key><Value>${value}</Value></member>`,
  );
  const stack = `<member><StackStatus>${status}</StackStatus><Tags>${members.join("")}</Tags></member>`;
  aws.answers.DescribeStacks = xml("DescribeStacks", `<Stacks>${stack}</Stacks>`);
}

describe("a stage that stands", () => {
  it("tells by its tags what it is made of", async () => {
    standing({ "cloud-design:preset": "learner", "cloud-design:with": "proxy" });
    expect(await rememberedOf("mine", ACCESS)).toEqual({
      preset: "learner",
      addition: "proxy",
      isMade: true,
    });
    expect(aws.asked.map(({ form }) => form.get("StackName"))).toEqual(["mine-cloud-design-Network"]);
  });

  it("is what its name says when it is older than presets", async () => {
    standing({ "sst:stage": "mine" });
    expect(await rememberedOf("mine", ACCESS)).toMatchObject({ preset: "standard", addition: "none" });
    expect(await rememberedOf("prod", ACCESS)).toMatchObject({ preset: "hardened", addition: "none" });
  });

  it("does not stand when its first deployment has failed", async () => {
    standing({ "cloud-design:preset": "learner" }, "ROLLBACK_COMPLETE");
    expect(await rememberedOf("mine", ACCESS)).toEqual({
      preset: "learner",
      addition: "none",
      isMade: false,
    });
  });

  it("is told from one that does not stand", async () => {
    const message = "Stack with id mine-cloud-design-Network does not exist";
    aws.answers.DescribeStacks = xmlError("ValidationError", message);
    expect(await rememberedOf("mine", ACCESS)).toBeUndefined();
  });
});

describe("a deployment", () => {
  const learner = (addition: "proxy" | "none") => ({ preset: "learner" as const, addition, isMade: true });

  it("of a new stage takes what is asked for, and standard without", () => {
    expect(settlePreset("mine", { named: { preset: "learner", addition: "proxy" } })).toBe(
      "learner; with proxy",
    );
    expect(stageSettings("mine")).toMatchObject({ nat: "instance", hasProxy: true });
  });

  it("of a new stage is standard when nothing is said", () => {
    expect(settlePreset("mine", {})).toBe("standard");
    expect(stageSettings("mine").hasProxy).toBe(true);
  });

  it.each([
    [{ preset: "hardened" }, "hardened"],
    [{}, "learner"],
  ])("after a first one that has failed may take another preset: %j", (named, preset) => {
    const remembered = { ...learner("none"), isMade: false };
    expect(settlePreset("mine", { named, remembered })).toBe(preset);
  });

  it("leaves the proxy as it is when nothing is said", () => {
    expect(settlePreset("mine", { remembered: learner("proxy") })).toBe(
      "learner, as the stage was made; with proxy",
    );
    expect(stageSettings("mine").hasProxy).toBe(true);
  });

  it.each([
    ["proxy", "none", true],
    ["none", "proxy", false],
  ] as const)("may change it to %s", (addition, before, hasProxy) => {
    settlePreset("mine", { named: { addition }, remembered: learner(before) });
    expect(stageSettings("mine").hasProxy).toBe(hasProxy);
  });

  it("may change it by the owner's setting", () => {
    vi.stubEnv("WITH", "proxy");
    settlePreset("mine", { remembered: learner("none") });
    expect(stageSettings("mine").hasProxy).toBe(true);
  });

  it.each([
    [{ addition: "firewall" }, "WITH is proxy, or none to take it away again."],
    [{ preset: "cheap" }, "PRESET is learner, standard or hardened."],
    [
      { preset: "standard" },
      "The stage mine was made learner, and a stage keeps its preset: leave standard out, or name a new stage for it.",
    ],
  ])("is refused with a sentence: %j", (named, sentence) => {
    expect(() => settlePreset("mine", { named, remembered: learner("none") })).toThrow(sentence);
  });

  it("is refused when a flag contradicts a setting", () => {
    vi.stubEnv("WITH", "proxy");
    expect(() => settlePreset("mine", { named: { addition: "none" }, remembered: learner("proxy") })).toThrow(
      "--with none contradicts the setting WITH=proxy: leave one of them out.",
    );
  });
});
