import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type Provider } from "oidc-provider";
import { errorPage, loginPage } from "./pages.ts";
import { isUserName, PASSWORD, USERS, type UserName } from "./people.ts";

const FORM_BYTES_MAX = 4_096;

/** The sign-in page, and the form that it sends back. */
export async function login(
  provider: Provider,
  {
    isClosed,
    request,
    response,
  }: { isClosed: (name: UserName) => boolean; request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  try {
    await provider.interactionDetails(request, response);
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    return sendPage(response, 400, errorPage("This sign-in is too old. Begin again in the application."));
  }
  if (request.method !== "POST") return sendPage(response, 200, loginPage());
  const form = await readForm(request);
  const userName = (form?.get("username") ?? "").trim().toLowerCase();
  if (!isUserName(userName) || isClosed(userName) || form?.get("password") !== PASSWORD) {
    return sendPage(response, 401, loginPage({ userName, error: "User name or password is not right." }));
  }
  await provider.interactionFinished(request, response, { login: { accountId: USERS[userName].sub } });
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      // No form-action: browsers apply it to the redirect after the form, which leads to the application.
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    })
    .end(html);
}

/** Undefined if it is longer than any form of this page. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    if (text.length <= FORM_BYTES_MAX) text += chunk;
  }
  return text.length <= FORM_BYTES_MAX ? new URLSearchParams(text) : undefined;
}
