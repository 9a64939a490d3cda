import * as z from "zod";
import { LambdaEnvironment } from "../lambda/lambda-function.ts";

export const EventSourceEnvironment = LambdaEnvironment.extend({
  AWS_REGION: z.string().min(1),
  ORDERS_QUEUE_URL: z.url(),
});
/** The environment as `npm start` sets it. */
export type EventSourceEnvironment = z.input<typeof EventSourceEnvironment>;
