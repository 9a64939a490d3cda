/** As wide as the longest stack's name, so that all lines of a deployment stand under each other. */
export const WIDEST_NAME = "SSTBootstrap";
