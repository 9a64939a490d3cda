import * as z from "zod";
import { SecretArn } from "../environment.ts";
import { Certificates } from "../trust.ts";

/** The settings of a process that uses the broker. */
export const BrokerEnvironment = z.object({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  /** The secret with user name and password for `AMQP_URL`; without it the URL contains them. */
  AMQP_SECRET_ARN: SecretArn.optional(),
  /** The authorities that sign the certificate of a broker in a container. Amazon MQ's is signed by a public one, which Node trusts already. */
  AMQP_AUTHORITY: Certificates.optional(),
});
/** The environment as a stack sets it. */
export type BrokerEnvironment = z.input<typeof BrokerEnvironment>;
