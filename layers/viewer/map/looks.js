// How a figure looks on the map, and how many look so.

import { classOf, gapOf, valueOf } from "../measures.js";

// A hair of tolerance: 0.35 - 0.25 is less than 0.1 to a machine.
const HAIR = 1e-9;

/** @typedef {import("./map.js").Look} Look */

/**
 * Tell how a grid is painted.
 * @param {import("../measures.js").Measure} measure
 * @param {import("../measures.js").Figure | undefined} figure
 * @param {number[]} breaks
 * @param {Set<number>} off Classes that the legend hides.
 * @returns {Look}
 */
export function lookOf(measure, figure, breaks, off) {
  const bare = { colour: null, wide: false, off: false };
  const place = classOf(valueOf(measure, figure), breaks);
  if (place < 0) return { ...bare, kind: gapOf(measure, figure) === "secret" ? "secret" : "none" };
  const [low, high] = [measure.low, measure.high].map((column) => (column && figure?.[column]) ?? null);
  const wide = low !== null && high !== null && high - low >= measure.wide - HAIR;
  return { colour: measure.colours[place], kind: "value", wide, off: off.has(place) };
}

/**
 * Count what the legend explains: grids in each class, and those that a colour does not tell of.
 * @param {import("../measures.js").Measure} measure
 * @param {Look[]} looks
 * @returns {{sizes: number[], others: Record<"none" | "secret" | "wide", number>}}
 */
export function tally(measure, looks) {
  const count = (holds) => looks.filter(holds).length;
  return {
    sizes: measure.colours.map((colour) => count((one) => one.colour === colour)),
    others: {
      none: count((one) => one.kind === "none"),
      secret: count((one) => one.kind === "secret"),
      wide: count((one) => one.wide),
    },
  };
}
