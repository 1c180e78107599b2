// A small curve over the months, with its ends named and redraws of the grids marked.

import { draw } from "./dom.js";

const WIDE = 360;
const HIGH = 96;
const EDGE = { left: 6, right: 44, top: 14, bottom: 20 };

/**
 * Draw values over months.
 * @param {object} what
 * @param {(number | null)[]} what.values In the order of the months; null is a gap.
 * @param {number} what.chosen Which month is shown on the map.
 * @param {number[]} what.redraws Months before whose begin the grids were redrawn.
 * @param {(value: number) => string} what.format
 * @param {string[]} what.ends Names of the first and last month.
 * @param {string} what.label For who does not see it.
 * @param {string} what.redraw
 */
export function spark({ values, chosen, redraws, format, ends, label, redraw }) {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  const most = Math.max(...known);
  const span = most - least || Math.abs(most) || 1;
  const x = (index) =>
    EDGE.left + (index * (WIDE - EDGE.left - EDGE.right)) / Math.max(1, values.length - 1);
  const y = (value) => HIGH - EDGE.bottom - ((value - least) * (HIGH - EDGE.top - EDGE.bottom)) / span;
  const made = draw("svg", { class: "spark", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" },
    draw("title", {}, label));
  if (!known.length) return made;
  for (const index of redraws) {
    made.append(draw("line", { class: "redraw", x1: x(index), x2: x(index), y1: 4, y2: HIGH - EDGE.bottom },
      draw("title", {}, redraw)));
  }
  const base = HIGH - EDGE.bottom;
  made.append(draw("line", { class: "base", x1: EDGE.left, x2: x(values.length - 1), y1: base, y2: base }));
  for (const run of runs(values)) {
    const points = run.map((index) => `${x(index).toFixed(1)},${y(values[index]).toFixed(1)}`);
    const [from, to] = [x(run[0]), x(run.at(-1) ?? 0)];
    made.append(
      draw("polygon", { class: "area", points: `${from},${base} ${points.join(" ")} ${to},${base}` }),
      draw("polyline", { class: "curve", points: points.join(" ") }));
  }
  const value = values[chosen];
  if (value !== null && value !== undefined) {
    made.append(
      draw("circle", { class: "dot", cx: x(chosen), cy: y(value), r: 4 }),
      draw("text", { class: "value", x: x(chosen) + 7, y: Math.max(11, y(value) - 5),
        "text-anchor": "start" }, format(value)));
  }
  made.append(
    draw("text", { x: EDGE.left, y: HIGH - 4 }, ends[0]),
    draw("text", { x: x(values.length - 1), y: HIGH - 4, "text-anchor": "end" }, ends[1]));
  return made;
}

/** Months that follow each other without a gap. */
function runs(values) {
  const found = [];
  let run = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (run.length) found.push(run);
      run = [];
    } else {
      run.push(index);
    }
  });
  return run.length ? [...found, run] : found;
}
