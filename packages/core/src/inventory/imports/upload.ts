import * as z from "zod";
import { Import } from "./import.ts";

/** A form that a client fills with its file and sends to S3. */
export const ImportUpload = z.object({
  url: z.url().meta({ description: "Send a POST with multipart/form-data here." }),
  fields: z
    .record(z.string(), z.string())
    .meta({ description: "The fields of the form. The file comes after them, as the field `file`." }),
  valid_seconds: z.int().min(1).meta({ description: "How long S3 takes the form." }),
});
export type ImportUpload = z.output<typeof ImportUpload>;

/** An import whose file may now be sent. */
export const ImportAccepted = Import.extend({ upload: ImportUpload });
export type ImportAccepted = z.output<typeof ImportAccepted>;

/** An import, and the report once the whole file has been read, for seven days from its announcement. */
export const ImportSeen = Import.extend({
  report: z.url().optional().meta({
    description:
      "The address of the report, for five minutes: NDJSON with line and reason of each refused row.",
  }),
});
export type ImportSeen = z.output<typeof ImportSeen>;
