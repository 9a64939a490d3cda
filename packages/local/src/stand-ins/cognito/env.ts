import * as z from "zod";
import { LambdaEnvironment } from "../lambda/lambda-function.ts";
import { LOOPBACK, Port } from "../stand-in.ts";

export const CognitoEnvironment = LambdaEnvironment.extend({
  PORT: Port,
  HOST: z.string().default(LOOPBACK),
  STATE_DIRECTORY: z.string().min(1),
  USER_POOL_ID: z.string().regex(/^[\w-]+_\w+$/, "must look like eu-west-3_LocalPool"),
  SITE_URL: z.url().transform((url) => url.replace(/\/$/, "")),
});
/** The environment as `npm start` sets it. */
export type CognitoEnvironment = z.input<typeof CognitoEnvironment>;
