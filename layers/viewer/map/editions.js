// Another territory to compare with: as an edition knew it, or as it was valid on a past day.

import { ask, pages } from "../api.js";

// Grids of a level that are compared, at most: the service gives a thousand a page.
const MOST = 100_000;

/**
 * @typedef {object} Territory
 * @property {string} tiles Address of its archive.
 * @property {string} from First day on which it holds.
 * @property {string | null} to First day on which it does not.
 * @property {Set<string>} redrawn Codes here whose border is not the same there, or that are not there.
 * @property {Set<string>} other The same seen from there.
 */

/**
 * Tell what the map is compared with.
 * @param {string} against As the state has it.
 * @returns {{kind: "" | "month" | "day" | "edition", value: string}}
 */
export function sideOf(against) {
  if (!against) return { kind: "", value: "" };
  if (against.startsWith("e")) return { kind: "edition", value: against.slice(1) };
  return { kind: against.length === 7 ? "month" : "day", value: against };
}

/** The month that the map is compared with, or "". @param {string} against */
export const monthOf = (against) => (sideOf(against).kind === "month" ? against : "");

export class Territories {
  constructor() {
    /** @type {Map<string, Promise<Territory>>} */
    this.asked = new Map();
    /** @type {Map<string, Territory>} */
    this.kept = new Map();
    /** @type {Set<string>} */
    this.lost = new Set();
    /** @type {Map<string, Promise<Map<string, string>>>} */
    this.shapes = new Map();
  }

  /** Give a territory if it is here. @param {string} key As `keyOf` makes it. */
  held(key) {
    return this.kept.get(key);
  }

  /**
   * Give a territory and in which grids it differs from the one that is shown.
   * @param {string} against
   * @param {number} level
   * @param {string} shown Archive of the one that is shown.
   * @returns {Promise<Territory>}
   */
  get(against, level, shown) {
    const key = keyOf(against, level, shown);
    let asking = this.asked.get(key);
    if (!asking) {
      asking = this.read(against, level, shown).then((found) => {
        this.kept.set(key, found);
        return found;
      });
      asking.catch(() => this.asked.delete(key));
      this.asked.set(key, asking);
    }
    return asking;
  }

  /**
   * Forget where a territory's tiles are: they are not kept there any longer.
   * @param {string} key As `keyOf` makes it.
   * @returns {boolean} Whether that is worth another question: true once a territory.
   */
  forget(key) {
    const first = this.kept.has(key) && !this.lost.has(key);
    this.lost.add(key);
    this.kept.delete(key);
    this.asked.delete(key);
    return first;
  }

  /** @returns {Promise<Territory>} */
  async read(against, level, shown) {
    const { kind, value } = sideOf(against);
    const where = kind === "edition" ? { edition: value } : { at: value };
    const there = await ask("/v1/tiles", where);
    const [here, other] = await Promise.all([
      this.borders(shown, level, {}),
      this.borders(there.url, level, { edition: there.edition, at: value.length === 10 ? value : there.valid_from }),
    ]);
    return { tiles: there.url, from: there.valid_from, to: there.valid_to,
      redrawn: different(here, other), other: different(other, here) };
  }

  /** Every grid's border as a text, by code; asked for once an archive. */
  borders(tiles, level, where) {
    const key = `${tiles}/${level}`;
    let asking = this.shapes.get(key);
    if (!asking) {
      asking = pages("/v1/grids", { level, ...where }, "features", MOST).then(({ rows }) =>
        new Map(rows.map(({ properties, geometry }) => [properties.code, JSON.stringify(geometry.coordinates)])));
      asking.catch(() => this.shapes.delete(key));
      this.shapes.set(key, asking);
    }
    return asking;
  }
}

/**
 * @param {string} against
 * @param {number} level
 * @param {string} shown
 */
export const keyOf = (against, level, shown) => `${against}/${level}/${shown}`;

const different = (one, other) =>
  new Set([...one].filter(([code, border]) => other.get(code) !== border).map(([code]) => code));
