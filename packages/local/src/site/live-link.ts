/**
 * A page with a link to the live view in its header, behind the site's name. The laptop adds it, since the same pages stand on AWS, where
 * there is no live view.
 */
export function withLiveLink(html: string): string {
  return html.replace(/(?<=<header\b.*?<\/a>)/s, ' <a href="/live" class="live-link">Live</a>');
}
