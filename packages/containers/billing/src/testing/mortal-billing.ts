import * as Billing from "@cloud-design/core/billing";
import { openDatabase } from "@cloud-design/core/database";
import { createLog } from "@cloud-design/core/log";
import { startConsumer } from "../consumer.ts";
import { createOrderRecorder } from "../order-recorder.ts";

/** The user id whose orders crash this billing process, as a bug in a parser would. */
const DEADLY_USER_ID = 666;

const log = createLog("mortal-billing");
const database = openDatabase({ url: process.env.DATABASE_URL ?? "", name: "mortal-billing" });

startConsumer({
  amqpUrl: process.env.AMQP_URL ?? "",
  log,
  createRecorder: (session) =>
    createOrderRecorder({
      database,
      ...session,
      record: async (db, orders) => {
        if (orders.some(({ userId }) => userId === DEADLY_USER_ID)) process.kill(process.pid, "SIGKILL");
        return Billing.record(db, orders);
      },
    }),
});
