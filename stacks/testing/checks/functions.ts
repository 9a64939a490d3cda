import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";

const LambdaFunction = z.object({
  Handler: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()).default(["x86_64"]),
});

/** Our functions run on the Node that the tests run on, and on arm64, a fifth cheaper. */
export function runtimes(app: App): string[] {
  return resourcesOf(app, "AWS::Lambda::Function", LambdaFunction)
    .filter(({ properties }) => properties.Handler.startsWith("packages/"))
    .filter(
      ({ properties }) => properties.Runtime !== "nodejs24.x" || properties.Architectures.join() !== "arm64",
    )
    .map(({ name, properties }) => `${name} runs on ${properties.Runtime}, ${properties.Architectures}`);
}
