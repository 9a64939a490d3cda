/** For every client of the AWS SDK: a slower answer counts as lost, and the request is repeated once. */
export const SDK_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
