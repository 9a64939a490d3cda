import createFetchClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.ts";

export { patientFetch } from "./patient-fetch.ts";
export type { components, operations, paths } from "./schema.ts";

type Schemas = components["schemas"];
export type Movie = Schemas["Movie"];
export type OrderAccepted = Schemas["OrderAccepted"];
export type OrderOutcome = Schemas["OrderOutcome"];
export type Problem = Schemas["Problem"];

/** An access token, or a function that returns one; it is called before each request. */
export type Token = string | (() => string | Promise<string>);

export interface MovieStoreOptions {
  /** The address of the platform: `http://localhost:3000` on the laptop. */
  baseUrl: string;
  /** Without a token only health and status answer. */
  token?: Token;
  /** `patientFetch` waits and repeats what is refused for now. By default each request is sent once. */
  fetch?: (request: Request) => Promise<Response>;
}

/** The API by its paths, each typed. A call does not throw for an HTTP answer: it returns `data`, or `error` with the problem. */
export function createMovieStore({ baseUrl, token, fetch }: MovieStoreOptions): Client<paths> {
  const client = createFetchClient<paths>({ baseUrl, ...(fetch && { fetch }) });
  if (token !== undefined) {
    client.use({
      async onRequest({ request }) {
        const value = typeof token === "string" ? token : await token();
        request.headers.set("authorization", `Bearer ${value}`);
      },
    });
  }
  return client;
}

export interface MachineOptions {
  /** `http://localhost:9000/oauth2/token` on the laptop. */
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
}

/** A token is renewed this long before its end, because a request may take a while. */
const EARLY_SECONDS = 60;

/** The token of a program (OAuth 2.0 client credentials), kept until shortly before it expires. */
export function machineToken(options: MachineOptions): () => Promise<string> {
  let known: Awaited<ReturnType<typeof renew>> | undefined;
  return async () => {
    if (!known || known.age() > known.goodMs) known = await renew(options);
    return known.token;
  };
}

async function renew({ tokenUrl, clientId, clientSecret }: MachineOptions) {
  const age = startAge();
  const response = await fetch(tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!response.ok) throw new Error(`There is no token at ${tokenUrl}: HTTP ${response.status}.`);
  const body = (await response.json()) as { access_token: string; expires_in: number };
  return { token: body.access_token, age, goodMs: (body.expires_in - EARLY_SECONDS) * 1_000 };
}

/** The longer of two elapsed times: one clock stands still while the machine sleeps, the other may be set back. */
function startAge(): () => number {
  const monotonic = performance.now();
  // biome-ignore lint/plugin: the second clock, which goes on while the machine sleeps.
  const wall = Date.now();
  // biome-ignore lint/plugin: as above.
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
