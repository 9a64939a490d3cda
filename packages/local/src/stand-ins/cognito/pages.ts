import { USER_NAMES, USERS } from "./people.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { display: grid; place-items: center; min-height: 100dvh; margin: 0; }
  main { width: min(22rem, 100% - 2rem); }
  form, label { display: grid; gap: .25rem; }
  form { gap: 1rem; }
  input, button { font: inherit; padding: .5rem .75rem; border: 1px solid GrayText; border-radius: .375rem; }
  button { border: 0; background: light-dark(#1d4ed8, #93c5fd); color: light-dark(#fff, #0b1220); cursor: pointer; }
  :focus-visible { outline: 3px solid light-dark(#1d4ed8, #93c5fd); outline-offset: 2px; }
  [role=alert] { padding: .5rem .75rem; border-left: 4px solid light-dark(#b91c1c, #fca5a5); }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; } dd { margin: 0; }
`;

export function loginPage(options: { userName?: string; error?: string } = {}): string {
  const { userName = "", error } = options;
  const rows = USER_NAMES.map((name) => `<dt>${name}</dt><dd>${USERS[name].scopes.join(", ")}</dd>`).join(
    "\n      ",
  );
  return page(
    "Sign in",
    `<h1>Sign in</h1>
    ${error ? `<p role="alert" id="error">${escapeHtml(error)}</p>` : ""}
    <form method="post">
      <label>User name
        <input name="username" value="${escapeHtml(userName)}" autocomplete="username" autocapitalize="none" spellcheck="false" required ${error ? 'aria-describedby="error"' : "autofocus"}>
      </label>
      <label>Password
        <input name="password" type="password" autocomplete="current-password" required ${error ? 'aria-describedby="error" autofocus' : ""}>
      </label>
      <button type="submit">Sign in</button>
    </form>
    <h2>Demo users</h2>
    <dl>
      ${rows}
    </dl>
    <p>Their password stands in the README.</p>`,
  );
}

/** The page at the root, for a person who expects a form there: the form appears only at an application's request. */
export function startPage(siteUrl: string): string {
  return page(
    "Sign-in",
    `<h1>Sign-in</h1>
    <p>An application sends people to <code>/oauth2/authorize</code> here, with code and PKCE, and they get a form for name and password.
    A program gets its token at <code>/oauth2/token</code>.</p>
    <p><a href="${escapeHtml(siteUrl)}/clients">How to get a token</a></p>`,
  );
}

export function errorPage(message: string): string {
  return page("Sign-in failed", `<h1>Sign-in failed</h1><p role="alert">${escapeHtml(message)}</p>`);
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · cloud-design</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
    ${main}
    </main>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
