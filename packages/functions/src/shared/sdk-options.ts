/** For every client of the AWS SDK: an answer that takes longer is none, and is asked for once more. */
export const SDK_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
