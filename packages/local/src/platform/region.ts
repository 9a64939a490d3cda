/** Any will do that AWS has. */
export const REGION = "eu-west-3";
