import { PAGE_HEADERS } from "@cloud-design/site/headers";
import { NOT_FOUND_PAGE } from "@cloud-design/site/not-found-page";
import { pagesIn } from "@cloud-design/site/site-directory";
import {
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
} from "aws-cdk-lib/aws-cloudfront";
import type { Stack } from "sst/constructs";

/** A CloudFront function that runs before the cache. Its runtime has no destructuring, and its budget is one millisecond. */
export function onRequest(stack: Stack, id: string, code: string) {
  const edgeFunction = new EdgeFunction(stack, id, {
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(code),
  });
  return { eventType: FunctionEventType.VIEWER_REQUEST, function: edgeFunction };
}

/** Rewrites `/api/movies/` to `/api/movies`: API Gateway takes no route that ends in a slash, and clients of the exercise post to one. */
export const UNTRAIL = `function handler(event) {
  const request = event.request;
  const uri = request.uri;
  if (uri.length > 1 && uri.endsWith("/")) request.uri = uri.slice(0, -1);
  return request;
}
`;

/** Paths that are files and must not become pages: these folders and these names. A missing file gets the bucket's 404. */
const FILES = String.raw`/^\/((assets|pagefind|status)\/.|[\w.-]+\.(json|http|svg)$)/`;
/** Path parts that could lead out of those folders. */
const DOT_SEGMENT = String.raw`/(\/|\\|%2f|%5c)(\.|%2e){1,2}(\/|\\|%2f|%5c|$)/i`;

/**
 * Rewrites `/deploy` to the object `deploy/index.html`, and answers a path without a page with a real 404. CloudFront's own error pages cannot
 * do that, because they would also replace the API's answers.
 */
export function pageOf(siteDirectory: string): string {
  const notFound = {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: Object.fromEntries(
      // CloudFront does not apply the response headers policy to the answers of a function.
      Object.entries({ "content-type": "text/html; charset=utf-8", ...PAGE_HEADERS }).map(([name, value]) => [
        name,
        { value },
      ]),
    ),
    body: { encoding: "text", data: NOT_FOUND_PAGE },
  };
  return `const known = ${JSON.stringify([...pagesIn(siteDirectory), "/status"])};
const files = ${FILES};
const dotSegment = ${DOT_SEGMENT};
const notFound = ${JSON.stringify(notFound)};
function handler(event) {
  const request = event.request;
  const uri = request.uri;
  const path = uri.length > 1 && uri.endsWith("/") ? uri.slice(0, -1) : uri;
  if (known.includes(path)) request.uri = path === "/" ? "/index.html" : path + "/index.html";
  else if (!files.test(uri) || dotSegment.test(uri)) return notFound;
  return request;
}
`;
}
