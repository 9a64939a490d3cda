import * as z from "zod";

export const GatewayEnvironment = z.object({
  INVENTORY_URL: z.url(),
  BILLING_URL: z.url(),
  ORDERS_QUEUE_URL: z.url(),
  /** Signs order ids. Another secret turns every order id issued so far into a 404. */
  ORDER_ID_SECRET: z.string().min(32),
  /** Where the docs stand; problems point to its pages. */
  SITE_URL: z.url(),
});
