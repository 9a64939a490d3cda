/** As wide as the longest name of a stack, so that all lines of a deployment are aligned. */
export const WIDEST_NAME = "SSTBootstrap";
