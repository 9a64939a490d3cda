/** Which port of the documentation stands for which port of this platform. */
export type MovedPorts = Readonly<Record<string, number>>;

/**
 * A page of the site as this laptop serves it. The same pages stand on AWS, where there is no live view: the laptop adds a link to its own
 * behind the site's name. Commands and addresses in the pages name the ports of `npm start` without flags: a platform on other ports puts
 * its own in their place.
 */
export function ownPage(html: string, movedPorts: MovedPorts): string {
  return html
    .replace(/(?<=<header\b.*?<\/a>)/s, ' <a href="/live" class="live-link">Live</a>')
    .replace(/\b(localhost|127\.0\.0\.1):(\d+)\b/g, (address, host, port) => {
      const moved = movedPorts[port];
      return moved === undefined ? address : `${host}:${moved}`;
    });
}
