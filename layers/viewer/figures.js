// Figures by month and level, asked for once and kept; the rest of the page reads them from here.

import { ask } from "./api.js";
import { summed } from "./measures.js";

/** @typedef {import("./measures.js").Figure} Figure */

const AT_ONCE = 4;

export class Figures {
  constructor() {
    /** @type {string[]} */
    this.months = [];
    /** @type {Map<string, Map<string, Figure>>} */
    this.kept = new Map();
    /** @type {Map<string, Promise<Map<string, Figure>>>} */
    this.asked = new Map();
    /** @type {Date | null} */
    this.heard = null;
  }

  /**
   * Give a month's figures by code if they are here already.
   * @param {string} month
   * @param {number} level
   */
  held(month, level) {
    return this.kept.get(`${month}/${level}`);
  }

  /**
   * Give a month's figures by code.
   * @param {string} month
   * @param {number} level
   * @returns {Promise<Map<string, Figure>>}
   */
  async get(month, level) {
    const key = `${month}/${level}`;
    const there = this.kept.get(key) ?? this.asked.get(key);
    if (there) return there;
    const asking = ask("/v1/coverage", { month, level }).then((answer) => this.keep(key, answer));
    this.asked.set(key, asking);
    try {
      return await asking;
    } finally {
      this.asked.delete(key);
    }
  }

  /**
   * Fetch the newest month before it is known which one that is.
   * @param {number} level
   */
  async ahead(level) {
    const answer = await ask("/v1/coverage", { level });
    this.keep(`${answer.month}/${level}`, answer);
  }

  keep(key, answer) {
    const found = new Map(answer.figures.map((figure) => [figure.code, figure]));
    this.kept.set(key, found);
    this.heard = new Date();
    return found;
  }

  /**
   * Fetch every month of a level, a few at a time, the newest first.
   * @param {number} level
   */
  async all(level) {
    const waiting = this.months.toReversed().filter((month) => !this.held(month, level));
    const worker = async () => {
      for (let month = waiting.shift(); month; month = waiting.shift()) await this.get(month, level);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /**
   * Give a place's figure in a month, a town's or the banner's as the sum of their communities.
   * @param {string} month
   * @param {string} code
   */
  of(month, code) {
    if (code.length === 15) return this.held(month, 2)?.get(code);
    const communities = this.held(month, 1);
    if (!communities) return undefined;
    if (code.length === 12) return communities.get(code);
    const parts = [...communities.values()].filter((figure) => figure.code.startsWith(code));
    return parts.length ? summed(parts) : undefined;
  }

  /**
   * Ask a month again whatever is kept, and tell whether anything is different now.
   * @param {string} month
   * @param {number} level
   */
  async again(month, level) {
    const key = `${month}/${level}`;
    const before = this.kept.get(key);
    this.kept.delete(key);
    try {
      const now = await this.get(month, level);
      return JSON.stringify([...now.values()]) !== JSON.stringify([...(before?.values() ?? [])]);
    } catch (error) {
      if (before) this.kept.set(key, before);
      throw error;
    }
  }

  /** Forget everything: another edition counts by other grids. */
  forget() {
    this.kept.clear();
  }
}
