// A small curve over the months with the band of its interval, its ends named and redraws marked.

import { draw } from "../dom.js";

const WIDE = 360;
const HIGH = 104;
const EDGE = { left: 6, right: 50, top: 14, bottom: 20 };

/**
 * @typedef {object} Point A month of the curve.
 * @property {number | null} value Null is a gap.
 * @property {[number, number] | null} interval
 * @property {boolean} redraw Whether the grids were redrawn within the month.
 * @property {boolean} guessed Whether part of it had to be divided by lineage.
 */

/**
 * Draw values over months.
 * @param {object} what
 * @param {Point[]} what.points In the order of the months.
 * @param {number} what.chosen Which month is shown on the map.
 * @param {(value: number) => string} what.format
 * @param {string[]} what.ends Names of the first and last month.
 * @param {string} what.label For who does not see it.
 * @param {string} what.redraw
 */
export function spark({ points, chosen, format, ends, label, redraw }) {
  const known = points.flatMap(({ value, interval }) => (value === null ? [] : [value, ...(interval ?? [])]));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const span = most - least || Math.abs(most) || 1;
  const base = HIGH - EDGE.bottom;
  const x = (index) =>
    EDGE.left + (index * (WIDE - EDGE.left - EDGE.right)) / Math.max(1, points.length - 1);
  const y = (value) => base - ((value - least) * (base - EDGE.top)) / span;
  const at = (index, value) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
  const made = draw("svg", { class: "spark", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" },
    draw("title", {}, label));
  if (!known.length) return made;
  points.forEach((point, index) => {
    if (!point.redraw) return;
    made.append(draw("line", { class: "redraw", x1: x(index), x2: x(index), y1: 4, y2: base },
      draw("title", {}, redraw)));
  });
  made.append(draw("line", { class: "base", x1: EDGE.left, x2: x(points.length - 1), y1: base, y2: base }));
  for (const run of runs(points)) {
    const banded = run.filter((index) => points[index].interval);
    const band = [...banded.map((index) => at(index, points[index].interval?.[0])),
      ...banded.toReversed().map((index) => at(index, points[index].interval?.[1]))];
    if (banded.length > 1) made.append(draw("polygon", { class: "band", points: band.join(" ") }));
    made.append(run.length > 1
      ? draw("polyline", { class: "curve", points: run.map((index) => at(index, points[index].value)).join(" ") })
      : draw("circle", { class: "alone", cx: x(run[0]), cy: y(points[run[0]].value), r: 2 }));
  }
  points.forEach(({ value, guessed }, index) => {
    if (guessed && value !== null) made.append(draw("circle", { class: "guessed", cx: x(index), cy: y(value), r: 2.5 }));
  });
  const value = points[chosen]?.value ?? null;
  if (value !== null) {
    made.append(
      draw("circle", { class: "dot", cx: x(chosen), cy: y(value), r: 4 }),
      draw("text", { class: "value", x: x(chosen) + 7, y: Math.max(11, y(value) - 5),
        "text-anchor": "start" }, format(value)));
  }
  made.append(
    draw("text", { x: EDGE.left, y: HIGH - 4 }, ends[0]),
    draw("text", { x: x(points.length - 1), y: HIGH - 4, "text-anchor": "end" }, ends[1]));
  return made;
}

/** Months that follow each other without a gap. @param {Point[]} points @returns {number[][]} */
export function runs(points) {
  /** @type {number[][]} */
  const found = [[]];
  points.forEach(({ value }, index) => {
    if (value === null) found.push([]);
    else found.at(-1)?.push(index);
  });
  return found.filter((run) => run.length);
}
