import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: [
    "./src/inventory/movie.sql.ts",
    "./src/inventory/imports/import.sql.ts",
    "./src/webhooks/webhook.sql.ts",
    "./src/leader.sql.ts",
  ],
  out: "./src/inventory/migrations",
});
