import { HELP_FLAG, nearest, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { type Figure, fallenSince } from "../bench/figure.ts";
import { measureGateway } from "../bench/gateway.ts";
import { measureImports } from "../bench/imports.ts";
import { measureLaptop } from "../bench/laptop.ts";
import { measureLedger } from "../bench/ledger.ts";
import { measureMovies, measureSearch, SMALL } from "../bench/movies.ts";
import { fillOrders, measureOrders, measureRecording } from "../bench/orders.ts";
import { COLUMNS, cellsOf, publish, publishedRatios } from "../bench/page.ts";
import { openShop, type Shop } from "../bench/shop.ts";

const PARTS = {
  movies: "reads, writes and searches, beside a bare server on the same table",
  recording: "orders from a full queue into the table, beside a bare consumer of the same queue",
  import: "a file of 100,000 movies, and the reads beside it",
  orders: "orders through the gateway's port, and how soon they are recorded",
  ledger: "a run of the status probe's ledger at 100, 1,000 and 5,000 orders/s",
  gateway: "size and cold start of the function's bundle",
  laptop: "time and memory of npm start",
};
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];
type Measure = (say: (doing: string) => void) => Promise<Figure[]>;
const LARGE = { movies: 1_000_000, orders: 5_000_000 };

const HELP = `npm run bench [-- PART...] [FLAG...]
  PART      one or several of the list below; default all
  --large   movies and recording also with ${LARGE.movies.toLocaleString("en")} movies and ${LARGE.orders.toLocaleString("en")} orders in the tables
  --json    for programs
  --page    writes all parts, --large included, into docs/performance.md

${NAMES.map((part) => `  ${part.padEnd(11)}${PARTS[part]}`).join("\n")}

  It starts a platform of its own on free ports. All parts take some 17 minutes, with --large some 24.`;

/** `npm run bench`: measures ours and bare counterparts in turns, on this machine. It fails only if it cannot measure. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run bench", args, {
    large: { type: "boolean" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (values.help) return printHelp(HELP);
  const parts = positionals.length === 0 ? NAMES : positionals.map(partNamed);
  if (values.page && (parts.length < NAMES.length || !values.large))
    throw new SetupError("--page writes the whole table: npm run bench -- --large --page");
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, NAMES);
  const figures: Figure[] = [];
  const measure = async (part: Part, work: Measure) => {
    if (!parts.includes(part)) return;
    const measured = await work((doing) => terminal.doing(part, doing));
    terminal.done(part, `${measured.length} figures`);
    figures.push(...measured);
  };

  if (parts.some((part) => part !== "gateway" && part !== "laptop")) {
    terminal.doing("platform", "starting");
    await using shop = await openShop((doing) => terminal.doing("platform", doing));
    terminal.done("platform", "a platform of its own");
    const measures: Partial<Record<Part, Measure>> = {
      movies: (say) => measureMovies(shop, SMALL, say),
      recording: async (say) => [await measureRecording(shop, say)],
      import: (say) => measureImports(shop, say),
      orders: (say) => measureOrders(shop, say),
      ledger: (say) => measureLedger(shop, say),
    };
    for (const [part, work] of Object.entries(measures)) await measure(part as Part, work);
    if (values.large) await measureLarge(shop, measure);
  }
  await measure("gateway", measureGateway);
  await measure("laptop", measureLaptop);

  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else console.log(`\n${table([COLUMNS, ...figures.map(cellsOf)], [1, 2, 3, 4, 5])}`);
  const fallen = fallenSince(publishedRatios(), figures);
  for (const sentence of fallen) console.error(`Slower by more than a tenth: ${sentence}.`);
  if (values.page) publish(figures);
  return 0;
}

/** The same questions to tables that have grown for years. */
async function measureLarge(
  shop: Shop,
  measure: (part: Part, work: Measure) => Promise<void>,
): Promise<void> {
  const among = (count: number, noun: string) => (figure: Figure) => ({
    ...figure,
    name: `${figure.name}, among ${count.toLocaleString("en")} ${noun}`,
  });
  await measure("movies", async (say) => {
    const figures = await measureMovies(shop, LARGE.movies, say);
    return [...figures.map(among(LARGE.movies, "movies")), await measureSearch(shop, LARGE.movies, say)];
  });
  await measure("recording", async (say) => {
    say(`filling the table with ${LARGE.orders.toLocaleString("en")} orders`);
    await fillOrders(shop, LARGE.orders);
    return [among(LARGE.orders, "orders")(await measureRecording(shop, say))];
  });
}

function partNamed(name: string): Part {
  const part = NAMES.find((candidate) => candidate === name);
  if (part) return part;
  throw new SetupError(`npm run bench has no part ${name}: did you mean ${nearest(name, NAMES)}?`);
}
