// Heat maps in the map itself: densities and ratios that the service has smoothed from cells, as
// pictures over the towns. Canvases, not addresses: the next month is drawn into the same one within
// a frame, and the page's policy need not let scripts fetch `data:`.

import { ask } from "../api.js";

/** What there are heat maps of; names of measures that are none of the grids'. */
export const HEATS = ["visits", "gaps", "incidents"];
/** So many months stay decoded: two years and the month that is compared with. */
const KEPT = 25;

/**
 * @typedef {import("./map.js").Sheet} Sheet
 * @typedef {"density" | "ratio"} Form
 * @typedef {{breaks: number[], colours: string[], words: Record<"zh" | "en", Record<string, string>>}} Scale
 * @typedef {object} Heat
 * @property {number} bandwidth_m
 * @property {number} cell_m
 * @property {number} min_households
 * @property {Record<Form, Scale>} forms
 * @property {{code: string, bounds: import("./map.js").Box, density: ImageBitmap | null, ratio: ImageBitmap | null}[]} towns
 */

export class Heats {
  constructor() {
    /** @type {Map<string, Heat>} */
    this.kept = new Map();
    /** @type {Map<string, Promise<Heat>>} */
    this.asked = new Map();
  }

  /**
   * Give a month's heat map if it is here.
   * @param {string} of
   * @param {string} month
   */
  held(of, month) {
    return this.kept.get(`${of}/${month}`);
  }

  /**
   * Give a month's heat map, decoded.
   * @param {string} of
   * @param {string} month
   * @returns {Promise<Heat>}
   */
  get(of, month) {
    const key = `${of}/${month}`;
    const there = this.kept.get(key);
    if (there) return Promise.resolve(there);
    let asking = this.asked.get(key);
    if (!asking) {
      asking = this.read(of, month, key).finally(() => this.asked.delete(key));
      this.asked.set(key, asking);
    }
    return asking;
  }

  async read(of, month, key) {
    const answer = await ask("/v1/maps/heat", { of, month, format: "json" });
    const towns = await Promise.all(answer.towns.map(async (town) => {
      const [density, ratio] = await Promise.all([bitmap(town.density), bitmap(town.ratio)]);
      return { ...town, density, ratio };
    }));
    this.kept.set(key, { ...answer, towns });
    for (const [old, { towns: gone }] of [...this.kept].slice(0, -KEPT)) {
      for (const { density, ratio } of gone) {
        density?.close();
        ratio?.close();
      }
      this.kept.delete(old);
    }
    return { ...answer, towns };
  }

  /** Figures have changed. */
  forget() {
    this.kept.clear();
    this.asked.clear();
  }
}

/** @param {string | null} text A picture in base 64. */
async function bitmap(text) {
  if (!text) return null;
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/png" }));
}

/**
 * Draw a month into the canvases of a map; those of towns whose picture has another place or size
 * are made anew.
 * @param {Heat} heat
 * @param {Form} form
 * @param {Sheet[]} before
 * @returns {Sheet[]}
 */
export function sheets(heat, form, before) {
  return heat.towns.flatMap(({ code, bounds, ...pictures }) => {
    const picture = pictures[form];
    if (!picture) return [];
    const { width, height } = picture;
    const same = before.find((sheet) => sheet.code === code && sheet.box.join() === bounds.join()
      && sheet.canvas.width === width && sheet.canvas.height === height);
    const canvas = same?.canvas ?? Object.assign(document.createElement("canvas"), { width, height });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.clearRect(0, 0, width, height);
    pen.drawImage(picture, 0, 0);
    return [{ code, box: bounds, canvas }];
  });
}
