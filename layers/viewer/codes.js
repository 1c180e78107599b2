// The codes of places, as geo/codes.py has them: a banner has 6 digits, a town 9, a community 12, a
// level-two grid 15 characters, and each begins with the code of what it is part of.

/** @typedef {"banner" | "town" | "community" | "grid"} Kind */

/** @type {Record<Kind, number>} */
export const DIGITS = { banner: 6, town: 9, community: 12, grid: 15 };

/** A whole code, of a grid or of a place that grids are part of. */
export const PLACE = /^\d{6}(\d{3}(\d{3}([0-9A-Z]{3})?)?)?$/;

/**
 * Name what kind of place a code is of; what has another number of digits passes for a grid.
 * @param {string} code
 * @returns {Kind}
 */
export const kindOf = (code) =>
  /** @type {Kind[]} */ (Object.keys(DIGITS)).find((kind) => DIGITS[kind] === code.length) ?? "grid";

/**
 * Tell whether a code is of a level-two grid.
 * @param {string | null | undefined} code
 */
export const isGrid = (code) => code?.length === DIGITS.grid;

/**
 * Give the community that a grid is part of; what is no grid is given back.
 * @param {string} code
 */
export const communityOf = (code) => code.slice(0, DIGITS.community);

/**
 * Give a place and all that it is part of, from the whole to the part.
 * @param {string} code
 */
export const lineage = (code) => Object.values(DIGITS)
  .filter((digits) => digits <= code.length)
  .map((digits) => code.slice(0, digits));
