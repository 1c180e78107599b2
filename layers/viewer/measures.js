// From figures to values, from values to classes and words. What a measure is comes from the service.

import { percent } from "./shares.js";

/**
 * @typedef {Record<string, any> & {code: string, name: string, name_en: string | null,
 *   hidden: boolean, withheld?: string | null}} Figure Columns of /v1/coverage; null where nothing is
 *   known, or too few are counted: `withheld` names these.
 *
 * @typedef {object} Measure
 * @property {string} name
 * @property {string} value Column of its value; the other columns in the same way.
 * @property {string | null} low
 * @property {string | null} high
 * @property {string} base What it is counted against.
 * @property {string | null} numerator Where the value is a count by the base.
 * @property {string[]} colours
 * @property {Record<string, number[]>} breaks By the year for which they are frozen.
 * @property {"share" | "days" | "number" | "per100"} unit
 * @property {number} step
 * @property {number} wide Width of an interval from which on it is drawn as uncertain.
 * @property {{zh: Record<string, string>, en: Record<string, string>}} words
 */

/**
 * Name the columns that show a measure.
 * @param {Measure} measure
 */
export const fieldsOf = ({ value, low, high, base, numerator }) =>
  [...new Set([value, low, high, base, numerator, "unknown"])].filter((name) => name !== null);

/**
 * Give the value of a measure; null where nothing is known or nothing is published.
 * @param {Measure} measure
 * @param {Figure | undefined} figure
 * @returns {number | null}
 */
export const valueOf = (measure, figure) => figure?.[measure.value] ?? null;

/**
 * Give the interval of a measure; null where it has none.
 * @param {Measure} measure
 * @param {Figure | undefined} figure
 * @returns {[number, number] | null}
 */
export function intervalOf(measure, figure) {
  const [low, high] = [measure.low, measure.high].map((name) => (name ? figure?.[name] ?? null : null));
  return low === null || high === null ? null : [low, high];
}

/**
 * Tell whether a column of a place is not published.
 * @param {Figure | undefined} figure
 * @param {string} column
 */
export const isWithheld = (figure, column) =>
  Boolean(figure?.hidden) || (figure?.withheld ?? "").split(" ").includes(column);

// What is counted of households whose visits have been handed in.
const VISITS = ["known", "paired_known"];

/**
 * Tell why a place has no value: nothing of it is published ("secret"), its organisations have handed
 * in nothing ("unknown"), or there is nothing to measure ("none"); "" where it has one.
 * @param {Measure} measure
 * @param {Figure | undefined} figure
 * @returns {"" | "secret" | "unknown" | "none"}
 */
export function gapOf(measure, figure) {
  if (valueOf(measure, figure) !== null) return "";
  if (isWithheld(figure, measure.value)) return "secret";
  // Something is counted, and yet no value: it would tell of somebody.
  if ((figure?.[measure.base] ?? 0) > 0) return "secret";
  return VISITS.includes(measure.base) && (figure?.unknown ?? 0) > 0 ? "unknown" : "none";
}

/**
 * Give the breaks of a month's year: of the last year that is not after it, else of the first.
 * @param {Measure} measure
 * @param {string} month
 */
export function breaksOf(measure, month) {
  const years = Object.keys(measure.breaks).sort();
  const year = years.filter((one) => one <= month.slice(0, 4)).at(-1) ?? years[0];
  return measure.breaks[year];
}

/**
 * Give the number of a value's class; a value on a break is in the class above; -1 for no value.
 * @param {number | null} value
 * @param {number[]} breaks
 */
export function classOf(value, breaks) {
  return value === null ? -1 : breaks.filter((bound) => value >= bound).length;
}

/**
 * Name the classes, lowest first.
 * @param {Measure} measure
 * @param {number[]} breaks
 * @param {"zh" | "en"} language
 */
export function classNames(measure, breaks, language) {
  const words = measure.words[language];
  const shown = breaks.map((bound) => {
    const number = measure.unit === "share" ? 100 * bound : bound;
    return String(Math.round(number * 1000) / 1000);
  });
  return measure.colours.map((_, index) => {
    const kind = index === 0 ? "first" : index === shown.length ? "last" : "middle";
    return words[`class_${kind}`]
      .replace("{lower}", shown[index - 1] ?? "")
      .replace("{upper}", shown[index] ?? "");
  });
}

/**
 * Write a value; a share is cut to a tenth of a percent, for 99.96 % is not yet 100 %.
 * @param {Measure} measure
 * @param {number | null} value
 */
export function shown(measure, value) {
  if (value === null) return "–";
  if (measure.unit === "share") return percent(value);
  const digits = Math.max(0, Math.round(-Math.log10(measure.step)));
  return value.toFixed(digits);
}

const NUMBER = new Intl.NumberFormat("en-US");

/** @param {number | null | undefined} count */
export const grouped = (count) => (count === null || count === undefined ? "–" : NUMBER.format(count));

/**
 * Write an interval, its ends as values are written.
 * @param {Measure} measure
 * @param {[number, number] | null} ends
 */
export const between = (measure, ends) => (ends ? ends.map((end) => shown(measure, end)).join("–") : "");

/**
 * Give a name in the page's language.
 * @param {{name: string, name_en?: string | null}} named
 * @param {string} language
 */
export const nameOf = (named, language) =>
  (language === "en" && named.name_en) || named.name;

/**
 * Write a month.
 * @param {string} month YYYY-MM
 * @param {string} language
 * @param {"long" | "short"} [length]
 */
export function monthName(month, language, length = "long") {
  const [year, number] = month.split("-").map(Number);
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(locale, { year: "numeric", month: length })
    .format(new Date(year, number - 1, 1));
}

/**
 * Write a day of a month, without its year.
 * @param {string} day YYYY-MM-DD
 * @param {string} language
 */
export function dayName(day, language) {
  const [year, number, date] = day.split("-").map(Number);
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(locale, { month: "long", day: "numeric" })
    .format(new Date(year, number - 1, date));
}

/**
 * Write how far a share has moved, in points of a percent; "" where one of both is not known.
 * @param {number | null} share
 * @param {number | null} earlier
 */
export function pointsOf(share, earlier) {
  if (share === null || earlier === null) return "";
  const points = Math.round(1000 * (share - earlier)) / 10;
  if (points > 0) return `▲ +${points.toFixed(1)}`;
  return points < 0 ? `▼ −${(-points).toFixed(1)}` : "0.0";
}
