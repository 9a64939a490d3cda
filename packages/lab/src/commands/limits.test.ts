import { expect, test } from "vitest";
import { run } from "./limits.ts";

test.each([
  [["--reads", "many"], '--reads takes a whole number from 0 to 1,000,000,000, not "many".'],
  [["--orders", "1.5"], '--orders takes a whole number from 0 to 1,000,000,000, not "1.5".'],
  [["--reads", "0", "--orders", "0"], "--reads and --orders cannot both be 0."],
  [["--order", "1"], "npm run limits has no flag --order: did you mean --orders?"],
  [["prod"], "npm run limits takes no argument prod."],
  [["--stage", "Prod"], 'The stage cannot be called "Prod": AWS takes lower-case letters'],
  [
    ["--page", "--stage", "dev"],
    "--page writes the table of prod for its own load: npm run limits -- --page",
  ],
])("%j is refused in one sentence, before the templates are built", async (args, said) => {
  await expect(run(args)).rejects.toThrow(said);
});
