import {
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { SDK_OPTIONS } from "../../shared/sdk-options.ts";
import type { Part } from "../converge.ts";

const REST = { asleep: "Disabled", awake: "Enabled" } as const;

/** The polls of all queues by functions. While they are off, each message stays in its queue, for as long as the queue keeps it. */
export function mappingsPart(ids: readonly string[]): Part {
  const client = new LambdaClient(SDK_OPTIONS);
  return {
    name: "queues",
    async step(wanted) {
      const states = await Promise.all(
        ids.map(async (UUID) => {
          const { State = "missing" } = await client.send(new GetEventSourceMappingCommand({ UUID }));
          // Lambda refuses a change while another one is under way.
          if (State === (wanted === "asleep" ? REST.awake : REST.asleep))
            await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: wanted === "awake" }));
          return State;
        }),
      );
      return {
        state: [...new Set(states)].join(", ").toLowerCase(),
        isDone: states.every((state) => state === REST[wanted]),
      };
    },
  };
}
