import { openAws } from "@cloud-design/core/aws";
import type * as z from "zod";

/** Longer than usual: no caller of this function expects an answer within seconds. */
const ANSWER_SECONDS = 5;

const SERVICES = {
  ecs: { target: "AmazonEC2ContainerServiceV20141113", version: "1.1" },
  ssm: { target: "AmazonSSM", version: "1.1" },
  "application-autoscaling": { target: "AnyScaleFrontendService", version: "1.1" },
  events: { target: "AWSEvents", version: "1.1" },
  monitoring: { target: "GraniteServiceVersion20100801", version: "1.0" },
} as const;

/** Calls an operation of a service in the function's region, and checks the parts of its answer that are used. */
export function jsonService(name: keyof typeof SERVICES) {
  const call = openAws({
    ...SERVICES[name],
    id: name.toUpperCase().replaceAll("-", "_"),
    signingName: name,
    url: `https://${name}.${process.env.AWS_REGION}.amazonaws.com`,
    answerSeconds: ANSWER_SECONDS,
  });
  return async <T extends z.ZodType>(operation: string, input: object, answer: T): Promise<z.output<T>> =>
    answer.parse(await call(operation, input));
}
