import { ORDER_ROUTE } from "@cloud-design/functions/gateway/routes";
import { FilterPattern } from "aws-cdk-lib/aws-logs";

/** Patterns for lines of the API's access log, in which every value is a text. */
export const SERVER_ERROR = FilterPattern.stringValue("$.status", "=", "5*");
/** Refused by the throttle of its route; the firewall's refusals do not reach the API. */
export const THROTTLED = FilterPattern.stringValue("$.status", "=", "429");
/** A request that places an order. */
export const ACCEPTANCE = FilterPattern.stringValue("$.route", "=", ORDER_ROUTE);
