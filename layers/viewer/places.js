// Places by code: banner, towns and communities with their boxes; compounds by their figures.

import { ask } from "./api.js";
import { DIGITS, isGrid, kindOf } from "./codes.js";
import { nameOf } from "./measures.js";

/** @typedef {import("./map/map.js").Box} Box */

export class Places {
  /** @param {{code: string, name: string, name_en: string | null, box: Box, words?: Record<string, {whole: string, here: string, kind: string}> | null}[]} listed */
  constructor(listed) {
    this.byCode = new Map(listed.map((place) => [place.code, place]));
    const codes = [...this.byCode.keys()];
    this.banner = codes.find((code) => kindOf(code) === "banner") ?? codes[0]?.slice(0, DIGITS.banner) ?? "";
    this.own = this.byCode.get(this.banner)?.words ?? null;
    /** @type {Map<Record<string, any>, Record<string, any>>} */
    this.spoken = new Map();
  }

  /**
   * Give the words of a page with what this county is called: 全县, 全旗, Whole county.
   * @param {Record<string, any>} words
   * @param {string} language
   */
  speak(words, language) {
    const own = this.own?.[language];
    if (!own) return words;
    const known = this.spoken.get(words) ?? {
      ...words, banner: own.whole,
      kinds: { ...words.kinds, banner: own.kind }, levels: { ...words.levels, [DIGITS.banner]: own.kind },
    };
    this.spoken.set(words, known);
    return known;
  }

  /**
   * Where a reader's eye should go at first: the seat where towns lie far apart, else the whole.
   * @returns {Box}
   */
  first() {
    const towns = this.below(this.banner);
    const [seat] = towns;
    if (!seat) return [73, 18, 135, 54];
    const whole = spanOf(towns.map((town) => town.box));
    return width(whole) > 3 * width(seat.box) ? seat.box : whole;
  }

  /** @param {string} code */
  below(code) {
    const next = { [DIGITS.banner]: DIGITS.town, [DIGITS.town]: DIGITS.community }[code.length];
    return [...this.byCode.values()]
      .filter((place) => place.code.length === next && place.code.startsWith(code));
  }

  /**
   * Name a place; "" where there is none of that code.
   * @param {string} code
   * @param {string} language
   * @param {Map<string, import("./measures.js").Figure>} [compounds]
   */
  name(code, language, compounds) {
    const place = this.byCode.get(code) ?? compounds?.get(code);
    // A banner that nobody named is called by its code.
    return place && place.name !== code ? nameOf(place, language) : "";
  }

  /**
   * Find towns and the banner by a part of their names, in either language.
   * @param {string} text
   * @param {string} language Of the names that are given.
   */
  called(text, language) {
    const asked = text.toLowerCase();
    return [...this.byCode.values()]
      .filter(({ code, name, name_en }) => code.length < DIGITS.community && name !== code
        && [name, name_en ?? ""].some((one) => one.toLowerCase().includes(asked)))
      .map((place) => ({ code: place.code, name: nameOf(place, language) }));
  }

  /**
   * Find the box of a place; a compound's is asked for.
   * @param {string} code
   * @returns {Promise<Box | null>}
   */
  async box(code) {
    const known = this.byCode.get(code)?.box;
    if (known || !isGrid(code)) return known ?? null;
    const { geometry } = await ask(`/v1/grids/${code}`);
    const points = geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2);
    const [x, y] = [points.map((point) => point[0]), points.map((point) => point[1])];
    return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  }
}

function spanOf(boxes) {
  const side = (index, pick) => pick(...boxes.map((box) => box[index]));
  return /** @type {Box} */ (
    [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)]);
}

const width = (box) => Math.max(box[2] - box[0], box[3] - box[1]);
