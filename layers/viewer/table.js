// The map's twin: the same figures as a table, sorted and filtered, copied and kept as a file.

import { el, find } from "./dom.js";
import { between, classOf, gapOf, grouped, intervalOf, nameOf, shown, valueOf } from "./measures.js";

/** Counts that stand beside the measure: what is known, what is not, and what is left to do. */
export const COUNTS = [
  "registered", "eligible", "known", "by_paired", "by_other", "not_visited", "not_paired", "unknown",
  "remaining", "paired", "overdue", "reported", "open",
];
const AT_ONCE = 200;

/**
 * @typedef {import("./measures.js").Figure} Figure
 * @typedef {object} Twin
 * @property {Record<string, any>} words
 * @property {"zh" | "en"} language
 * @property {import("./measures.js").Measure} measure
 * @property {number[]} breaks
 * @property {Set<number>} hidden Classes that the legend hides.
 * @property {Figure[]} figures
 * @property {string} chosen
 * @property {string} caption
 */

export class Table {
  /** @param {{onChoose: (code: string) => void}} on */
  constructor({ onChoose }) {
    this.by = "code";
    this.down = false;
    this.asked = "";
    this.most = AT_ONCE;
    this.onChoose = onChoose;
    /** @type {Twin | null} */
    this.twin = null;
    find("#filter").addEventListener("input", (event) => {
      this.asked = event.target.value.trim().toLowerCase();
      this.most = AT_ONCE;
      this.fill();
    });
    find("#more").addEventListener("click", () => {
      this.most += AT_ONCE;
      this.fill();
    });
  }

  /** @param {Twin} twin */
  render(twin) {
    this.twin = twin;
    this.fill();
  }

  /** Rows that are asked for, in the order that is asked for; ties by code. @returns {Figure[]} */
  rows() {
    const { measure, breaks, hidden, figures, language } = /** @type {Twin} */ (this.twin);
    const value = (figure) => {
      if (this.by === "name") return nameOf(figure, language);
      return this.by === "value" ? valueOf(measure, figure) : figure[this.by];
    };
    const collator = new Intl.Collator(language === "zh" ? "zh-CN" : "en");
    const compare = (a, b) => (typeof a === "string" ? collator.compare(a, b) : a - b);
    // What nobody knows is neither least nor most: it stays below, whichever way the order goes.
    const unknown = (figure) => Number((value(figure) ?? null) === null);
    const sign = this.down ? -1 : 1;
    return figures
      .filter((figure) => !hidden.has(classOf(valueOf(measure, figure), breaks)))
      .filter((figure) => !this.asked || `${figure.code} ${figure.name} ${figure.name_en ?? ""}`
        .toLowerCase().includes(this.asked))
      .toSorted((a, b) => unknown(a) - unknown(b)
        || (unknown(a) ? 0 : sign * compare(value(a), value(b))) || (a.code < b.code ? -1 : 1));
  }

  fill() {
    if (!this.twin) return;
    const { words, figures, caption } = this.twin;
    const rows = this.rows();
    const shownRows = rows.slice(0, this.most);
    find("#caption").textContent = caption;
    find("#filter").placeholder = words.filter;
    find("#rows").textContent = words.rows(rows.length, figures.length);
    const table = find(".twin table");
    const focused = /** @type {HTMLElement | null | undefined} */ (
      document.activeElement?.closest("thead th"))?.dataset.by;
    table.tHead.rows[0].replaceChildren(...this.heads());
    if (focused) table.querySelector(`[data-by="${focused}"] button`)?.focus();
    table.tBodies[0].replaceChildren(...(shownRows.length
      ? shownRows.map((figure) => this.row(figure))
      : [el("tr", {}, el("td", { colspan: COUNTS.length + 2, class: "soft" }, words.no_rows))]));
    find("#more").hidden = rows.length <= this.most;
  }

  heads() {
    const { words, measure, language } = /** @type {Twin} */ (this.twin);
    return ["name", "value", ...COUNTS].map((name) => {
      const text = name === "value" ? measure.words[language].short : words.columns[name];
      const by = name === "name" && this.by === "code" ? "code" : name;
      const active = this.by === by;
      return el("th", { scope: "col", "data-by": name,
        "aria-sort": active ? (this.down ? "descending" : "ascending") : "none" },
      el("button", { type: "button", onclick: () => this.sort(name) }, text));
    });
  }

  /** A second press turns the order around; numbers begin with the largest. @param {string} name */
  sort(name) {
    if (this.by === name) this.down = !this.down;
    else [this.by, this.down] = [name, name !== "name"];
    this.most = AT_ONCE;
    this.fill();
  }

  row(figure) {
    const { words, measure, breaks, language, chosen } = /** @type {Twin} */ (this.twin);
    const value = valueOf(measure, figure);
    const kind = classOf(value, breaks);
    const gap = gapOf(measure, figure);
    return el("tr", { "aria-current": chosen === figure.code ? "true" : null },
      el("th", { scope: "row" },
        el("button", { type: "button", onclick: () => this.onChoose(figure.code) },
          nameOf(figure, language)),
        el("small", {}, figure.code)),
      el("td", { class: gap ? "rate gap" : "rate" },
        gap ? words.gaps[gap] : el("span", {},
          el("i", { "--colour": measure.colours[kind] ?? "transparent", "aria-hidden": "true" }),
          shown(measure, value)),
        el("small", {}, between(measure, intervalOf(measure, figure)))),
      ...COUNTS.map((count) => el("td", {}, grouped(figure[count]))));
  }

  /**
   * Give the rows that are shown as texts, headings first.
   * @param {boolean} synthetic What is made up says so in every row.
   */
  cells(synthetic) {
    const { words, measure, language } = /** @type {Twin} */ (this.twin);
    const [head, mark] = synthetic ? [[words.data[0]], [words.data[1]]] : [[], []];
    return [
      [words.code, words.columns.name, measure.words[language].short, words.columns.low,
        words.columns.high, words.columns.note, ...COUNTS.map((name) => words.columns[name]), ...head],
      ...this.rows().map((figure) => {
        const gap = gapOf(measure, figure);
        const [low, high] = intervalOf(measure, figure) ?? [null, null];
        return [figure.code, nameOf(figure, language), ...[valueOf(measure, figure), low, high].map(exact),
          gap ? words.gaps[gap] : "", ...COUNTS.map((name) => figure[name] ?? ""), ...mark];
      }),
    ];
  }
}

/** @param {number | null} value */
const exact = (value) => (value === null ? "" : String(Math.round(value * 1e6) / 1e6));

/**
 * Write cells as CSV. The mark at the start tells Excel that it is UTF-8; a leading sign that a
 * spreadsheet would take for a formula is disarmed.
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
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
