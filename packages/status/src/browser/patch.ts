/**
 * Makes `from` equal to `to` and changes only the differences, so that focus, selection and scroll position are kept.
 * The open state of a <details> is left to the reader. Only elements with an id may be added or removed, with nothing
 * between them, and their order must stay the same.
 */
export function patch(from: Element, to: Element): void {
  patchAttributes(from, to);
  const wanted = [...to.childNodes];
  const staying = new Set(wanted.map(idOf));
  wanted.forEach((next, index) => {
    let old = from.childNodes[index];
    while (old && idOf(old) && !staying.has(idOf(old))) {
      old.remove();
      old = from.childNodes[index];
    }
    if (!old || idOf(next) !== idOf(old)) from.insertBefore(next, old ?? null);
    else if (old instanceof Element && next instanceof Element && old.nodeName === next.nodeName)
      patch(old, next);
    else if (old.nodeName !== next.nodeName) old.replaceWith(next);
    else if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
  });
  while (from.childNodes.length > wanted.length) from.lastChild?.remove();
}

function patchAttributes(from: Element, to: Element): void {
  for (const name of new Set([...from.getAttributeNames(), ...to.getAttributeNames()])) {
    const value = to.getAttribute(name);
    if (name === "open" || value === from.getAttribute(name)) continue;
    if (value === null) from.removeAttribute(name);
    else from.setAttribute(name, value);
  }
}

function idOf(node: Node): string {
  return node instanceof Element ? node.id : "";
}
