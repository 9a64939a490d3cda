import { Refusal } from "@cloud-design/stage/refusal";
import { VisibleError } from "sst/error.js";

/** Runs a part of the configuration. When it refuses, SST prints only the sentence, without a stack trace. */
export async function visibly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? new VisibleError(error.message) : error;
  }
}
