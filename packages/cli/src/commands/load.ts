import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";

/** `npm run load`: the laboratory's command, which knows no stage of itself. */
export async function run(args: string[]): Promise<number> {
  const { load } = await import("@cloud-design/lab/commands/load");
  return load(args, {
    flags: { ...STAGE_FLAGS, yes: { type: "boolean" } },
    async targetOf(values) {
      const stage = namedStage(values, ["region", "profile", "yes"]);
      if (stage === undefined) return undefined;
      const { targetOf } = await import("../stage/load-target.ts");
      return targetOf(stage, { isSure: values.yes === true });
    },
  });
}
