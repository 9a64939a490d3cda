import { CONTENT_SECURITY_POLICY } from "@cloud-design/site/headers";
import { notFoundPage, pages } from "@cloud-design/site/pages";
import {
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
} from "aws-cdk-lib/aws-cloudfront";
import type { Stack } from "sst/constructs";

/** A CloudFront function that sees a request before the cache does. Its runtime knows no destructuring, and a millisecond is all it has. */
export function onRequest(stack: Stack, id: string, code: string) {
  const edgeFunction = new EdgeFunction(stack, id, {
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(code),
  });
  return { eventType: FunctionEventType.VIEWER_REQUEST, function: edgeFunction };
}

/** `/api/movies/` is `/api/movies`: API Gateway takes no route that ends in a slash, and clients of the exercise post to one. */
export const UNTRAIL = `function handler(event) {
  const request = event.request;
  const uri = request.uri;
  if (uri.length > 1 && uri.endsWith("/")) request.uri = uri.slice(0, -1);
  return request;
}
`;

/**
 * `/problems/not-found` is the object `problems/not-found.html`, and what no page has is a real 404. CloudFront's own error pages cannot
 * say so, because they replace the API's answers as well.
 */
export function pageOf(): string {
  const notFound = {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: {
      "content-type": { value: "text/html; charset=utf-8" },
      // The policy of the other pages does not reach what a function answers.
      "content-security-policy": { value: CONTENT_SECURITY_POLICY },
      "strict-transport-security": { value: "max-age=31536000; includeSubDomains" },
      "x-content-type-options": { value: "nosniff" },
    },
    body: { encoding: "text", data: notFoundPage() },
  };
  return `const known = ${JSON.stringify([...pages().keys()])};
const notFound = ${JSON.stringify(notFound)};
function handler(event) {
  const request = event.request;
  const uri = request.uri;
  const path = uri.length > 1 && uri.endsWith("/") ? uri.slice(0, -1) : uri;
  if (!known.includes(path)) return notFound;
  request.uri = path === "/" ? "/index.html" : path + ".html";
  return request;
}
`;
}
