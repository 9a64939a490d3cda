// The architecture as an SVG, created once for each layout; after that only texts, classes and curves change.
import type { Snapshot } from "../store/snapshot.ts";
import { entriesOf } from "./entries.ts";
import { type ArrowName, arrowsOf, BOXES, type BoxName, boxesOf, type Figures } from "./figures.ts";
import { type Layout, layoutOf, type Place, type Point } from "./layout.ts";

const SVG = "http://www.w3.org/2000/svg";
const [CURVE_WIDTH, CURVE_HEIGHT, CURVE_SECONDS] = [152, 22, 60];

interface BoxParts {
  group: SVGGElement;
  value: SVGTSpanElement;
  unit: SVGTSpanElement;
  detail: SVGTextElement;
  alarm: SVGTextElement;
  curve: SVGPathElement;
}

interface Drawn {
  arrows: Partial<Record<ArrowName, SVGGElement>>;
  boxes: Partial<Record<BoxName, BoxParts>>;
}

export function createDrawing(place: Element): { update(data: Snapshot): void } {
  const narrow = matchMedia("(max-width: 60rem)");
  let latest: Snapshot | undefined;
  let drawn = draw(place, layoutOf(narrow.matches));
  narrow.addEventListener("change", () => {
    drawn = draw(place, layoutOf(narrow.matches));
    if (latest !== undefined) update(drawn, latest);
  });
  return {
    update(data) {
      latest = data;
      update(drawn, data);
    },
  };
}

function draw(place: Element, layout: Layout): Drawn {
  const svg = element("svg", {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    role: "group",
    "aria-label": "Live traffic",
  });
  const arrows: Drawn["arrows"] = {};
  for (const [name, points] of entriesOf(layout.arrows)) arrows[name] = drawArrow(svg, points);
  for (const { x, y, text } of layout.words)
    svg.append(element("text", { x, y, class: "word", "aria-hidden": "true" }, text));
  const boxes: Drawn["boxes"] = {};
  for (const [name, box] of entriesOf(layout.boxes)) boxes[name] = drawBox(svg, name, box);
  place.replaceChildren(svg);
  return { arrows, boxes };
}

function drawArrow(svg: SVGSVGElement, points: readonly Point[]): SVGGElement {
  const line = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x},${y}`).join(" ");
  const [[fromX, fromY] = [0, 0], [x, y] = [0, 0]] = points.slice(-2);
  const [dx, dy] = [Math.sign(x - fromX), Math.sign(y - fromY)];
  const head = `M${x - 7 * dx - 4 * dy},${y - 7 * dy - 4 * dx} L${x},${y} L${x - 7 * dx + 4 * dy},${y - 7 * dy + 4 * dx}`;
  const group = element("g", { class: "arrow", "aria-hidden": "true" });
  group.append(
    element("path", { d: line, class: "line" }),
    element("path", { d: head, class: "line" }),
    element("path", { d: line, class: "flow" }),
  );
  svg.append(group);
  return group;
}

function drawBox(svg: SVGSVGElement, name: BoxName, { x, y, width, height }: Place): BoxParts {
  const [title, kind] = BOXES[name];
  const isLow = height < 100;
  const group = element("g", { class: `box ${name}`, role: "img", transform: `translate(${x} ${y})` });
  const text = (attributes: Attributes, content?: string) => element("text", attributes, content);
  const figure = isLow
    ? text({ x: width - 12, y: 40, class: "figure", "text-anchor": "end" })
    : text({ x: 12, y: 68, class: "figure" });
  const unit = element("tspan", { class: "unit", dx: 5 });
  const value = element("tspan", {});
  figure.append(value, unit);
  const parts = {
    group,
    value,
    unit,
    detail: text({ x: 12, y: 86, class: "detail" }),
    alarm: text({ x: width - 12, y: 40, class: "alarm", "text-anchor": "end" }),
    curve: element("path", { class: "curve", transform: `translate(12 ${height - CURVE_HEIGHT - 4})` }),
  };
  group.append(element("rect", { width, height, rx: 8 }));
  if (!isLow) group.append(parts.curve, parts.detail);
  group.append(
    text({ x: 12, y: isLow ? 28 : 23, class: "title" }, title),
    text({ x: 12, y: isLow ? 46 : 40, class: "kind" }, kind),
  );
  group.append(figure);
  if (!isLow) group.append(parts.alarm);
  svg.append(group);
  return parts;
}

function update({ arrows, boxes }: Drawn, data: Snapshot): void {
  const figures = boxesOf(data);
  for (const [name, parts] of entriesOf(boxes)) updateBox(name, parts, figures[name]);
  for (const [name, rate] of entriesOf(arrowsOf(data))) {
    const group = arrows[name];
    if (group === undefined) continue;
    const pace = rate <= 0 ? "still" : rate < 1 ? "slow" : rate < 20 ? "steady" : "fast";
    setClass(group, `arrow ${pace}`);
  }
}

function updateBox(
  name: BoxName,
  { group, value, unit, detail, alarm, curve }: BoxParts,
  box: Figures,
): void {
  const { figure, unit: unitText, down, seconds, isBad = false } = box;
  const { text: alarmText = "", isBad: isAlarm = false, isHeld = false } = box.alarm ?? {};
  const said = down === undefined ? alarmText : down;
  setText(value, figure);
  setText(unit, unitText);
  setText(detail, box.detail ?? "");
  setText(alarm, said);
  const isWrong = down !== undefined || isBad || isAlarm;
  setClass(group, `box ${name}${isWrong ? " bad" : isHeld ? " held" : ""}${down ? " down" : ""}`);
  const d = curveOf(seconds);
  if (curve.getAttribute("d") !== d) curve.setAttribute("d", d);
  const label = [`${BOXES[name].join(", ")}: ${figure} ${unitText}`.trim(), box.detail, said]
    .filter(Boolean)
    .join("; ");
  if (group.getAttribute("aria-label") !== label) group.setAttribute("aria-label", label);
}

/** The last minute as an area, as high as its highest second; no area without traffic. */
function curveOf(seconds: readonly number[]): string {
  const highest = Math.max(...seconds, 0);
  if (highest === 0) return "";
  const step = CURVE_WIDTH / (CURVE_SECONDS - 1);
  const first = CURVE_SECONDS - seconds.length;
  const x = (index: number) => ((first + index) * step).toFixed(1);
  const points = seconds.map(
    (value, index) => `${x(index)},${(CURVE_HEIGHT * (1 - value / highest)).toFixed(1)}`,
  );
  return `M${x(0)},${CURVE_HEIGHT} L${points.join(" L")} L${CURVE_WIDTH},${CURVE_HEIGHT} Z`;
}

type Attributes = Readonly<Record<string, string | number>>;

function element<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  content?: string,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  if (content !== undefined) made.textContent = content;
  return made;
}

function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node: Element, name: string): void {
  if (node.getAttribute("class") !== name) node.setAttribute("class", name);
}
