import { createPublisher } from "@cloud-design/core/broker";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { declareEvents } from "@cloud-design/core/events";
import { createLog } from "@cloud-design/core/log";
import { startRelay } from "../relay.ts";

// A relay whose process dies between the confirm of its events and the statement that notes it: the second statement of
// a pass that took rows.
const database = openDatabase({ url: process.env.DATABASE_URL ?? "", name: "mortal-relay" });
let hasTaken = false;
const mortal: Database = {
  ...database,
  async run(verb, asker) {
    if (hasTaken) process.kill(process.pid, "SIGKILL");
    const answer = await database.run(verb, asker);
    hasTaken ||= Array.isArray(answer) && answer.length > 0;
    return answer;
  },
};

startRelay({
  database: mortal,
  publisher: createPublisher(process.env.AMQP_URL ?? "", { name: "mortal-relay", setup: declareEvents }),
  isBehind: () => false,
  log: createLog("mortal-relay"),
});
