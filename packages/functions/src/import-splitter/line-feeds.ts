/** Makes each end of a line (CRLF, CR) a line feed, as `normalise` does within a text. */
export async function* lineFeeds(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let isBehindCr = false;
  for await (const text of texts) {
    if (text === "") continue;
    const rest = isBehindCr && text[0] === "\n" ? text.slice(1) : text;
    isBehindCr = text.endsWith("\r");
    yield rest.replaceAll(/\r\n?/g, "\n");
  }
}
