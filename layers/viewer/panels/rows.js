// The rows of the table twin: which are shown, in what order, and how they leave the page as text.

import { classOf, gapOf, intervalOf, isWithheld, nameOf, valueOf } from "../measures.js";

/** Counts that stand beside the measure: what is known, what is not, and what is left to do. */
export const COUNTS = [
  "registered", "eligible", "known", "by_paired", "by_other", "not_visited", "not_paired", "unknown",
  "remaining", "paired", "overdue", "reported", "open",
];
// Blanks, and what nobody sees, do not keep a spreadsheet from finding a sign.
const FORMULA = /^(?:[\t\r]|[\s\p{C}]*[=+\-@＝＋－＠])/u;
const NUMBER = /^[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?%?$/i;

/**
 * @typedef {import("../measures.js").Figure} Figure
 * @typedef {object} Twin
 * @property {Record<string, any>} words
 * @property {"zh" | "en"} language
 * @property {import("../measures.js").Measure} measure
 * @property {number[]} breaks
 * @property {Set<number>} hidden Classes that the legend hides.
 * @property {Figure[]} figures
 * @property {string} chosen
 * @property {string} caption
 * @property {string} name Of the file that it is kept as.
 * @property {boolean} synthetic What is made up says so in every row that is kept.
 */

/**
 * Give the rows that match, in order; ties by code.
 * @param {Twin} twin
 * @param {{by: string, down: boolean, text: string}} order `by`: name, value or a column; `text`: a part
 *   of a name or code, in lower case.
 * @returns {Figure[]}
 */
export function rowsOf({ measure, breaks, hidden, figures, language }, { by, down, text }) {
  const value = (figure) => {
    if (by === "name") return nameOf(figure, language);
    return by === "value" ? valueOf(measure, figure) : figure[by];
  };
  const collator = new Intl.Collator(language === "zh" ? "zh-CN" : "en");
  const compare = (a, b) => (typeof a === "string" ? collator.compare(a, b) : a - b);
  // What nobody knows is neither least nor most: it stays below, whichever way the order goes.
  const unknown = (figure) => Number((value(figure) ?? null) === null);
  const sign = down ? -1 : 1;
  return figures
    .filter((figure) => !hidden.has(classOf(valueOf(measure, figure), breaks)))
    .filter((figure) => !text || `${figure.code} ${figure.name} ${figure.name_en ?? ""}`
      .toLowerCase().includes(text))
    .toSorted((a, b) => unknown(a) - unknown(b)
      || (unknown(a) ? 0 : sign * compare(value(a), value(b))) || (a.code < b.code ? -1 : 1));
}

/**
 * Write rows as texts and counts, headings first.
 * @param {Twin} twin
 * @param {Figure[]} rows
 */
export function cellsOf({ words, measure, language, synthetic }, rows) {
  const [head, mark] = synthetic ? [[words.data[0]], [words.data[1]]] : [[], []];
  return [
    [words.code, words.columns.name, measure.words[language].short, words.columns.low,
      words.columns.high, words.columns.note, ...COUNTS.map((name) => words.columns[name]), ...head],
    ...rows.map((figure) => {
      const gap = gapOf(measure, figure);
      const [low, high] = intervalOf(measure, figure) ?? [null, null];
      return [figure.code, nameOf(figure, language), ...[valueOf(measure, figure), low, high].map(exact),
        gap ? words.gaps[gap] : "",
        ...COUNTS.map((name) => figure[name] ?? (isWithheld(figure, name) ? words.gaps.secret : "")), ...mark];
    }),
  ];
}

/** @param {number | null} value */
const exact = (value) => (value === null ? "" : String(Math.round(value * 1e6) / 1e6));

/**
 * Write cells as CSV. The mark at the start tells Excel that it is UTF-8; a text that a spreadsheet
 * would take for a formula is disarmed, as the service does (`geo/files/guards.py`).
 * @param {(string | number)[][]} rows
 */
export function csv(rows) {
  const quoted = (value) => `"${disarmed(value).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/** Write cells as what a spreadsheet pastes. @param {(string | number)[][]} rows */
export const tsv = (rows) =>
  rows.map((row) => row.map((value) => disarmed(value).replace(/[\t\r\n]/g, " ")).join("\t")).join("\n");

function disarmed(value) {
  const text = String(value ?? "");
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}
