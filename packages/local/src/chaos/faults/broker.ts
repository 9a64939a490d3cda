import type { Fault } from "../fault.ts";

export const BROKER_FAULTS: readonly Fault[] = [
  {
    name: "broker-kill",
    hypothesis: "Orders are accepted while RabbitMQ is dead, and recorded within 15 s of its return.",
    injection: "kill -9 of RabbitMQ and all its processes; it is started again at once",
    promises: ["R5", "R7"],
    isFast: true,
    inject: (lab) => lab.kill(lab.broker),
  },
  {
    name: "broker-freeze",
    hypothesis: "Orders are accepted while RabbitMQ says nothing, and recorded within 30 s of its thaw.",
    injection: "SIGSTOP to RabbitMQ for 20 s",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    inject: (lab) => lab.freeze(lab.broker, 20),
  },
];
