/** Maps a port of the documentation to the port of this platform. */
export type MovedPorts = Readonly<Record<string, number>>;

/**
 * A page of the site as this laptop serves it. AWS serves the same pages without a live view; the laptop adds a link to it behind
 * the site's name. The commands and addresses in the pages contain the ports of `npm start` without flags; a platform on other ports
 * replaces them by its own.
 */
export function ownPage(html: string, movedPorts: MovedPorts): string {
  return html
    .replace(/(?<=<header\b.*?<\/a>)/s, ' <a href="/live" class="live-link">Live</a>')
    .replace(/\b(localhost|127\.0\.0\.1):(\d+)\b/g, (address, host, port) => {
      const moved = movedPorts[port];
      return moved === undefined ? address : `${host}:${moved}`;
    });
}
