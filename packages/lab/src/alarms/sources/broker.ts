import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import type { Lab } from "../../chaos/lab.ts";
import { keyOf, type Recorder } from "../recorder.ts";

/**
 * Reads figures from the broker's Erlang node through a node of its own, and writes a line four times a second, or an empty one while the
 * broker is gone. `rabbitmqctl` would take a second for each line, and RabbitMQ's own statistics are up to five seconds old.
 */
const LOOK = `
Figures = fun() ->
  Queues = [begin {ok, {_, State}, _} = ra:local_query(amqqueue:get_pid(Queue), fun rabbit_fifo:overview/1, 500), State end
    || Queue <- rabbit_amqqueue:list()],
  Sum = fun(Key) -> lists:sum([maps:get(Key, Queue, 0) || Queue <- Queues]) end,
  Acknowledged = [maps:get(messages_acknowledged_total, Counters, 0) || Counters <- maps:values(rabbit_global_counters:overview())],
  [Sum(num_ready_messages), Sum(num_checked_out), Sum(num_consumers), lists:sum(Acknowledged),
    length(rabbit_networking:local_connections()),
    vm_memory_monitor:get_process_memory(), vm_memory_monitor:get_memory_limit(),
    rabbit_disk_monitor:get_disk_free(), rabbit_disk_monitor:get_disk_free_limit()]
end,
Loop = fun Next() ->
  case catch erpc:call('cloud-design@localhost', Figures, 1000) of
    Values when is_list(Values) -> io:format("~w~n", [Values]);
    _ -> io:format("[]~n")
  end,
  timer:sleep(250),
  Next()
end,
Loop().`;

const Figures = z.tuple([
  z.number(), // ready
  z.number(), // unacknowledged
  z.number(), // consumers
  z.number(), // acknowledged since the broker's start
  z.number(), // connections
  z.number(), // memory
  z.number(), // its limit
  z.number(), // free disk
  z.number(), // its limit
]);

/** AWS/AmazonMQ: metrics of the whole broker, and no data while it is gone. */
export function watchBroker({ broker }: Pick<Lab, "broker">, recorder: Recorder): AsyncDisposable {
  const node = ["-noinput", "-hidden", "-sname", "alarms@localhost"];
  const onLoopback = ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"];
  const child = spawn("erl", [...node, ...onLoopback, "-eval", LOOK], {
    // The Erlang environment of this broker: its cookie and its port mapper.
    env: { ...broker.part.part.command().env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((resolve) => child.once("error", resolve).once("exit", resolve));
  const last = { acknowledged: 0, at: performance.now() };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { data } = Figures.safeParse(parseJson(line));
    if (!data) return;
    const [ready, unacknowledged, consumers, acknowledged, connections, used, limit, free, freeLimit] = data;
    const seconds = (performance.now() - last.at) / 1_000;
    const values = {
      MessageCount: ready + unacknowledged,
      MessageReadyCount: ready,
      MessageUnacknowledgedCount: unacknowledged,
      ConsumerCount: consumers,
      // The counter starts at 0 again after each start.
      AckRate: Math.max(0, acknowledged - last.acknowledged) / seconds,
      ConnectionCount: connections,
      RabbitMQMemUsed: used,
      RabbitMQMemLimit: limit,
      RabbitMQDiskFree: free,
      RabbitMQDiskFreeLimit: freeLimit,
    };
    Object.assign(last, { acknowledged, at: performance.now() });
    for (const [metric, value] of Object.entries(values))
      recorder.take(keyOf(recorder.wanted, `AWS/AmazonMQ ${metric}`), value);
  });
  return {
    async [Symbol.asyncDispose]() {
      kill();
      await exited;
      process.off("exit", kill);
    },
  };
}
