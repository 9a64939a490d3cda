import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/billing/order.sql.ts", "./src/leader.sql.ts"],
  out: "./src/billing/migrations",
});
