import * as z from "zod";
import { COMPONENT_IDS } from "./components.ts";

const Time = z.iso.datetime({ error: "must be a time in UTC, like 2026-11-26T10:32:00Z" });
const Words = z.string({ error: "is missing" }).min(1, { error: "is empty" });

/** One entry of `incidents.json`. */
export const Incident = z.object({
  /** The file's name, which permanently identifies the incident in the page's address and in the feed. */
  id: z.string().regex(/^[a-z0-9-]+$/, { error: "must be of a-z, 0-9 and -" }),
  title: Words,
  started: Time,
  /** Absent while the incident is ongoing. */
  resolved: Time.optional(),
  /** When its text was last extended; feed readers then show it again. */
  updated: Time.optional(),
  components: z
    .array(z.enum(COMPONENT_IDS, { error: `must be of ${COMPONENT_IDS.join(", ")}` }))
    .min(1, { error: "names none" }),
  /** The effect that callers noticed, in one sentence. */
  impact: Words,
  /** Markdown: paragraphs, emphasis, links and lists. */
  body: z.string(),
});
export type Incident = z.infer<typeof Incident>;
