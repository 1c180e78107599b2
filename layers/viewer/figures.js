// Figures by month and level: only the columns that something shows are asked for, once, and kept.

import { ask } from "./api.js";
import { DIGITS, isGrid } from "./codes.js";

/** @typedef {import("./measures.js").Figure} Figure */
/** @typedef {{rows: Map<string, Figure>, fields: Set<string>}} Sheet What is kept of one month. */
/**
 * @typedef {object} Facts What a month's figures rest on.
 * @property {string} as_of Day up to which they go.
 * @property {boolean} running Whether the month is not over.
 * @property {{expected: number, arrived: number}} deliveries Organisations that have handed in.
 */

const NAMES = ["name", "name_en"];

export class Figures {
  constructor() {
    /** @type {string[]} */
    this.months = [];
    /** Columns that the page shows, by level: a month is here when all of them are. */
    /** @type {Record<number, string[]>} */
    this.need = { 1: [], 2: [] };
    /** @type {Map<string, Sheet>} */
    this.kept = new Map();
    /** Towns and the banner, by month; the service adds up: it knows what is hidden. */
    /** @type {Map<string, Sheet>} */
    this.sums = new Map();
    /** @type {Map<string, Facts>} */
    this.facts = new Map();
    /** Names by level and code: they are asked for once. */
    /** @type {Record<number, Map<string, {name: string, name_en: string | null}>>} */
    this.names = {};
    /** @type {Map<string, Promise<Map<string, Figure> | null>>} */
    this.asked = new Map();
    /** Grows when what is kept of a month is void; an answer to an older question is not kept. */
    /** @type {Map<string, number>} */
    this.rounds = new Map();
    /** @type {Date | null} */
    this.heard = null;
  }

  /**
   * Give a month's figures by code if all that is needed of them is here.
   * @param {string} month
   * @param {number} level
   */
  held(month, level) {
    const sheet = this.kept.get(`${month}/${level}`);
    return sheet && this.need[level].every((name) => sheet.fields.has(name)) ? sheet.rows : undefined;
  }

  /**
   * Give a month's figures by code, with at least the columns that are needed now.
   * @param {string} month
   * @param {number} level
   * @returns {Promise<Map<string, Figure>>}
   */
  async get(month, level) {
    let rows = this.held(month, level) ?? null;
    while (!rows) {
      const sheet = this.kept.get(`${month}/${level}`);
      rows = await this.fetch(month, level, this.need[level].filter((name) => !sheet?.fields.has(name)));
    }
    return rows;
  }

  /**
   * Ask for columns of a month; the same question is asked once at a time.
   * @param {string} month "" for the newest.
   * @param {number} level
   * @param {string[]} wanted
   * @returns {Promise<Map<string, Figure> | null>} Null where the month has changed meanwhile.
   */
  async fetch(month, level, wanted) {
    const fields = [...(this.names[level] ? [] : NAMES), "withheld", ...wanted].join(",");
    const key = `${month}/${level}/${fields}`;
    const already = this.asked.get(key);
    if (already) return already;
    const round = this.rounds.get(month);
    const asking = ask("/v1/coverage", { month, level, fields })
      .then((answer) => (round === this.rounds.get(month) ? this.keep(answer, level, wanted) : null));
    this.asked.set(key, asking);
    try {
      return await asking;
    } finally {
      if (this.asked.get(key) === asking) this.asked.delete(key);
    }
  }

  /**
   * Fetch the newest month before it is known which one that is.
   * @param {number} level
   */
  async ahead(level) {
    await this.fetch("", level, this.need[level]);
  }

  /** Put columns that arrive beside those that are here. */
  keep({ month, figures, totals, as_of, running, deliveries }, level, wanted) {
    const names = this.names[level]
      ?? new Map(figures.map(({ code, name, name_en }) => [code, { name, name_en: name_en ?? null }]));
    const named = figures.map((row) => ({ ...(names.get(row.code) ?? { name: row.code, name_en: null }), ...row }));
    const sheet = joined(this.kept.get(`${month}/${level}`), named, wanted);
    this.names[level] = names;
    this.kept.set(`${month}/${level}`, sheet);
    this.sums.set(month, joined(this.sums.get(month), totals, wanted));
    this.facts.set(month, { as_of, running, deliveries });
    this.heard = new Date();
    return sheet.rows;
  }

  /**
   * Fetch the months beside one, so that a step is drawn at once.
   * @param {string} month
   * @param {number} level
   */
  async beside(month, level) {
    const at = this.months.indexOf(month);
    const near = [at - 1, at + 1].flatMap((index) => this.months[index] ?? []);
    for (const one of near) await Promise.all([this.get(one, 1), this.get(one, level)]);
  }

  /**
   * Give a place's figure in a month, of whatever level it is.
   * @param {string} month
   * @param {string} code
   */
  of(month, code) {
    if (code.length < DIGITS.community) return this.sums.get(month)?.rows.get(code);
    return this.kept.get(`${month}/${isGrid(code) ? 2 : 1}`)?.rows.get(code);
  }

  /**
   * Ask a month again whatever is kept or being asked, and tell whether anything is different now.
   * @param {string} month
   * @param {number[]} levels
   */
  async again(month, levels) {
    if (!levels.length) return false;
    // What is being asked may be answered as it was before the change.
    this.void(month);
    const different = await Promise.all(levels.map(async (level) => {
      const before = this.kept.get(`${month}/${level}`);
      const now = await this.fetch(month, level, before ? [...before.fields] : this.need[level]);
      return !now || JSON.stringify([...now.values()]) !== JSON.stringify([...(before?.rows.values() ?? [])]);
    }));
    return different.some(Boolean);
  }

  /**
   * Forget a month that has changed.
   * @param {string} month
   */
  drop(month) {
    this.void(month);
    for (const level of [1, 2]) this.kept.delete(`${month}/${level}`);
    this.sums.delete(month);
    this.facts.delete(month);
  }

  /** What is being asked of a month is not to be kept. @param {string} month */
  void(month) {
    this.rounds.set(month, (this.rounds.get(month) ?? 0) + 1);
    for (const key of this.asked.keys()) if (key.startsWith(`${month}/`)) this.asked.delete(key);
  }

  /** Forget everything: another edition counts by other grids. */
  forget() {
    for (const month of ["", ...this.months]) this.void(month);
    this.kept.clear();
    this.sums.clear();
    this.facts.clear();
    this.names = {};
  }
}

/** Join rows to those that are here; `wanted` are the columns that they bring. */
function joined(sheet, rows, wanted) {
  return {
    rows: new Map(rows.map((row) => [row.code, { ...sheet?.rows.get(row.code), ...row }])),
    fields: new Set([...(sheet?.fields ?? []), ...wanted]),
  };
}
