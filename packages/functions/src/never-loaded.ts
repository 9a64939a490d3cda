/**
 * Packages of dynamic imports that no function reaches, to be left out of the bundles: the exporters are for a collector or Prometheus, the
 * credentials for a container. Inside a bundle their own imports would run at each cold start: that of node:http alone loads Node's fetch.
 */
export const NEVER_LOADED = ["@opentelemetry/exporter-*", "@smithy/credential-provider-imds"] as const;
