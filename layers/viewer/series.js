// One place through all months, asked for when its card is shown, and kept for a while.

import { ask } from "./api.js";

/**
 * @typedef {import("./measures.js").Figure & {month: string, interpolated: number | null,
 *   redraw: boolean}} Month
 * @typedef {object} Series
 * @property {string} code
 * @property {boolean} hidden
 * @property {{trend: string, slope: number} | null} trend
 * @property {Month[]} months
 */

const KEPT = 40;

export class SeriesByCode {
  constructor() {
    /** @type {Map<string, Series>} */
    this.kept = new Map();
  }

  /** @param {string} code */
  held(code) {
    return this.kept.get(code);
  }

  /**
   * @param {string} code
   * @param {AbortSignal} signal
   * @returns {Promise<Series>}
   */
  async get(code, signal) {
    const there = this.kept.get(code);
    if (there) return there;
    const answer = await ask(`/v1/series/${code}`, {}, { signal });
    this.kept.set(code, answer);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT) this.kept.delete(oldest);
    return answer;
  }

  /** Figures have changed. */
  forget() {
    this.kept.clear();
  }
}
