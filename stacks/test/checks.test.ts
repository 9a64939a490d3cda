import { describe, expect, inject, test } from "vitest";
import { readApp } from "../testing/app.ts";
import { CHECKS } from "../testing/checks.ts";
import { STAGES } from "../testing/setup.ts";

describe.each(STAGES)("the stage %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);

  test.each(Object.entries(CHECKS))("%s", (_, check) => {
    expect(check(app)).toEqual([]);
  });
});
