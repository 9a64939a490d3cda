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

/** What is no page: files under these names, or these files. What is not there either is the bucket's 404. */
const FILES = String.raw`/^\/((assets|pagefind|status)\/.|[\w.-]+\.(json|http|svg)$)/`;
/** What a reader of the path could take for a way out of those names. */
const DOT_SEGMENT = String.raw`/(\/|\\|%2f|%5c)(\.|%2e){1,2}(\/|\\|%2f|%5c|$)/i`;

/**
 * `/deploy` is the object `deploy/index.html`, and what no page has is a real 404. CloudFront's own error pages cannot say so, because they
 * replace the API's answers as well.
 */
export function pageOf(siteDirectory: string): string {
  const notFound = {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: Object.fromEntries(
      // The policy of the other pages does not reach what a function answers.
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
