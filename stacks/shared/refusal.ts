import { VisibleError } from "sst/error.js";

/** A mistake of the person who deploys: SST prints its sentence alone, without a stack trace. */
export class Refusal extends VisibleError {
  override name = "Refusal";
}
