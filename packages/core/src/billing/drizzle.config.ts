import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/billing/order.sql.ts",
  out: "./src/billing/migrations",
});
