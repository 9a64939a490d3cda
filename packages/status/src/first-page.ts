/**
 * The page before the first check. It refers to nothing that changes between deployments, so that a deployment never
 * has to overwrite a page of the probe.
 */
export const FIRST_STATUS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="10">
<title>No check has run yet – cloud-design status</title>
<style>
main { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
a { color: LinkText; }
</style>
<main>
<h1>No check has run yet.</h1>
<p>The first one comes within a minute, and this page asks for it every ten seconds. <a href="/">Documentation</a></p>
</main>
</html>
`;
