/** Small: the CloudFront function that answers with it is limited to 10 KB in all. */
export const NOT_FOUND_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>There is no such page</title>
<style>
:root { color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }
main { max-width: 36rem; margin: 20vh auto; padding: 0 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
a { color: LinkText; }
</style>
<main>
<h1>There is no such page</h1>
<p>The address may be misspelt, or the page may have moved. <a href="/">All pages</a> are on the first one, and its search finds them.</p>
<p>Does something not work? The <a href="/status">status page</a> knows.</p>
</main>
</html>
`;
