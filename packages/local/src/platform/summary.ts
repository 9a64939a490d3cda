import pc from "picocolors";
import { PASSWORD, USER_NAMES } from "../stand-ins/cognito/people.ts";
import { COMMAND_LINE, COPIED, copiesOf, type Settings } from "./settings.ts";
import { withStamp } from "./stamp.ts";

/** The lines that `npm start` prints once every part is ready. */
export function summary(settings: Settings): string[] {
  const { ports } = settings;
  const api = `http://localhost:${ports.gateway}`;
  const site = `http://localhost:${ports.site}`;
  const row = (name: string, value: string) => `  ${name.padEnd(12)}${value}`;
  return [
    "",
    pc.bold("The platform is ready."),
    "",
    row("API", `${api}/api/movies`),
    row("docs", site),
    row("status", `${site}/status`),
    row("live view", `${site}/live`),
    row("tokens", withStamp(`${COMMAND_LINE} token -- admin`)),
    row("users", `${USER_NAMES.join(", ")} (password ${PASSWORD})`),
    row("parts", withStamp(`${COMMAND_LINE} ops -- ps`)),
    ...COPIED.flatMap((noun) => {
      const copies = copiesOf(settings, noun).map(({ name, port }) => `${name} on ${port}`);
      return copies.length === 0 ? [] : row(noun, `port ${ports[noun]} balances ${copies.join(", ")}`);
    }),
    "",
    pc.dim("# Get a token"),
    `TOKEN=$(${withStamp(`${COMMAND_LINE} token`)})`,
    "",
    pc.dim("# Post an order"),
    `curl -s ${api}/api/billing -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"user_id": "3", "number_of_items": "5", "total_amount": "180"}'`,
    "",
    pc.dim("Ctrl-C stops everything; your data is there at the next start."),
  ];
}
