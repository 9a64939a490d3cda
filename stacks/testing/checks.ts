import type { App } from "./app.ts";
import { alarmFaults, alarmsInQuiet } from "./checks/alarm-faults.ts";
import { alarmHeadings } from "./checks/alarm-headings.ts";
import { alarmPanels } from "./checks/alarm-panels.ts";
import { alarms } from "./checks/alarms.ts";
import { broker } from "./checks/broker.ts";
import { connections, inFlight } from "./checks/connections.ts";
import { containers, deployments } from "./checks/containers.ts";
import { copies } from "./checks/copies.ts";
import { databases } from "./checks/databases.ts";
import { deletion } from "./checks/deletion.ts";
import { encryption } from "./checks/encryption.ts";
import { environments } from "./checks/environments.ts";
import { runtimes } from "./checks/functions.ts";
import { resourcePolicies, roles } from "./checks/iam.ts";
import { logGroups, retention } from "./checks/logs.ts";
import { operatorsFunctions } from "./checks/operators.ts";
import { orderFunction } from "./checks/order-function.ts";
import { originSecret } from "./checks/origin.ts";
import { deadLetters, eventSources } from "./checks/queues.ts";
import { rollout } from "./checks/rollout.ts";
import { authorization, cors, routes } from "./checks/routes.ts";
import { secretLiterals } from "./checks/secrets.ts";
import { descriptions, egressPorts, internetPaths, securityGroups } from "./checks/security-groups.ts";
import { dataSubnets, publicSubnets } from "./checks/subnets.ts";

/** Claims that must hold for every stage. Each check returns one sentence for each problem. */
export const CHECKS = {
  "allows only the connections on the list": securityGroups,
  "has no path from the internet to databases, proxies, broker or balancer": internetPaths,
  "calls out by HTTPS alone": egressPorts,
  "speaks HTTPS alone from the gateway to the balancer and on to the tasks": encryption,
  "describes its groups in letters that EC2 takes": descriptions,
  "keeps databases, proxies and broker where no route leads out": dataSubnets,
  "puts nothing but NAT into public subnets": publicSubnets,
  "gives each role exactly the rights on the list": roles,
  "opens no bucket, queue, topic, key or function to every caller": resourcePolicies,
  "leaves the operators' functions to callers that IAM allows, and has no route to them": operatorsFunctions,
  "asks for a token and its scope on every route but the named ones": authorization,
  "has the gateway's routes, each with a throttle, and no catch-all": routes,
  "accepts orders by a function of their own, with the concurrency of the table": orderFunction,
  "shows the gateway which requests came through the firewall": originSecret,
  "allows browsers only from the table's origins": cors,
  "keeps the broker private, current, logged, with one generated user": broker,
  "has no secret in a template": secretLiterals,
  "forgets every log in time": retention,
  "lets everything log into a group of its own": logGroups,
  "keeps what holds data in prod, and leaves nothing behind elsewhere": deletion,
  "runs PostgreSQL 17 with TLS, encryption and backups": databases,
  "keeps backups and the keys of order ids and webhooks in another region too, in prod alone": copies,
  "takes every alarm to the topic and to a heading of the runbook": alarms,
  "explains each alarm: its meaning, where to look, what to do, when it is over": alarmHeadings,
  "shows the metrics of each alarm on a dashboard": alarmPanels,
  "rings each alarm during a fault, and not before or after it": alarmFaults,
  "rings no alarm in an hour of normal traffic": alarmsInQuiet,
  "has dead letters for every queue": deadLetters,
  "returns only failed messages, and not before their function has ended": eventSources,
  "runs our functions on Node 24 and arm64": runtimes,
  "gives containers a read-only root, no rights, and the time to drain": containers,
  "rolls a bad deployment of a service back": deployments,
  "moves callers to a new gateway, and back when an alarm rings": rollout,
  "gives each process the settings that its own schema asks for": environments,
  "has a database connection for every task, also during a deployment": connections,
  "lets billing hold no more messages than the broker can take": inFlight,
} satisfies Record<string, (app: App) => string[]>;

export type Claim = keyof typeof CHECKS;
