// From figures to values, from values to classes and words. What a measure is comes from the service.

/**
 * @typedef {object} Figure
 * @property {string} code
 * @property {string} name
 * @property {string | null} name_en
 * @property {number} registered
 * @property {number} paired
 * @property {number} visited_paired
 * @property {number} visited_any
 * @property {number} never
 *
 * @typedef {object} Measure
 * @property {string} name
 * @property {string} numerator
 * @property {string} denominator
 * @property {string[]} colours
 * @property {Record<string, number[]>} breaks By the year for which they are frozen.
 * @property {"share" | "days" | "number" | "per100"} unit
 * @property {number} step
 * @property {{zh: Record<string, string>, en: Record<string, string>}} words
 */

const COUNTS = ["registered", "paired", "visited_paired", "visited_any", "never"];
const PER_HUNDRED = { share: 1, per100: 100, days: 1, number: 1 };

/**
 * Give the value of a measure; null where there is nothing to divide by.
 * @param {Measure} measure
 * @param {Figure | undefined} figure
 */
export function valueOf(measure, figure) {
  const whole = figure?.[measure.denominator];
  return whole ? (PER_HUNDRED[measure.unit] * figure[measure.numerator]) / whole : null;
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

/** @param {number} share */
export function percent(share) {
  // Ten steps of a millionth: 0.57 * 1000 is 569.99… in binary.
  return `${(Math.floor(1000 * share + 1e-6) / 10).toFixed(1)}%`;
}

const NUMBER = new Intl.NumberFormat("en-US");

/** @param {number} count */
export const grouped = (count) => NUMBER.format(count);

/**
 * Add figures up.
 * @param {Figure[]} figures
 * @returns {Figure}
 */
export function summed(figures) {
  const all = { code: "", name: "", name_en: null, registered: 0, paired: 0, visited_paired: 0, visited_any: 0, never: 0 };
  for (const figure of figures) {
    for (const name of COUNTS) all[name] += figure[name];
  }
  return all;
}

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
