// How a share is written: cut, not rounded, because 99.96 % is not yet 100 %. The rule of
// geo/shares.py; pages that stand alone carry this file too, see layers/pages/page.py.

// In steps: 1000 * 0.57 is 569.99… in binary, and yet 570.
const HAIR = 1e-6;

/**
 * Cut a number of steps to whole ones.
 * @param {number} steps
 */
export const cut = (steps) => Math.floor(steps + HAIR);

/**
 * Write a share in percent, cut to a tenth; a dash where there is none.
 * @param {number | null | undefined} share
 */
export const percent = (share) =>
  (share === null || share === undefined ? "–" : `${(cut(1000 * share) / 10).toFixed(1)}%`);
