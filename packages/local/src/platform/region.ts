/** Any region that AWS has will do. */
export const REGION = "eu-west-3";
