// Places an order and waits until it is recorded. Start the platform with `npm start`, then, with Node 22.18 or later:
// node packages/client/example.ts
import { setTimeout as sleep } from "node:timers/promises";
import { createMovieStore, machineToken, patientFetch } from "./src/index.ts";

const { BASE_URL = "http://localhost:3000", TOKEN_URL = "http://localhost:9000/oauth2/token" } = process.env;

const store = createMovieStore({
  baseUrl: BASE_URL,
  // Waits and repeats after 429 and 503.
  fetch: patientFetch,
  token: machineToken({ tokenUrl: TOKEN_URL, clientId: "machine", clientSecret: "local-machine-secret" }),
});

const placed = await store.POST("/api/billing", {
  // The same key again gives the same order, so a request without an answer can be repeated safely.
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: { user_id: 3, number_of_items: 5, total_amount: "180.00" },
});
if (placed.error) throw new Error(`refused: ${JSON.stringify(placed.error)}`);
const { id } = placed.data;
console.log(`${id} is ${placed.data.status}`);

for (;;) {
  const { data, error, response } = await store.GET("/api/billing/orders/{id}", { params: { path: { id } } });
  if (error) throw new Error(`lost: ${JSON.stringify(error)}`);
  if (data.status !== "accepted") {
    console.log(`${id} is ${data.status}`);
    break;
  }
  await sleep(Number(response.headers.get("retry-after") ?? 1) * 1_000);
}
