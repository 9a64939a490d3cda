import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";

/** The context that Lambda passes to a handler for one invocation that has `timeoutSeconds` from now. */
export function lambdaContext(functionName: string, timeoutSeconds: number): Context {
  const deadline = performance.now() + timeoutSeconds * 1_000;
  const nobody = () => {
    throw new Error("Lambda on Node 24 has no callbacks: return a promise.");
  };
  return {
    awsRequestId: randomUUID(),
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:000000000000:function:${functionName}`,
    memoryLimitInMB: "512",
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
    done: nobody,
    fail: nobody,
    succeed: nobody,
  };
}
