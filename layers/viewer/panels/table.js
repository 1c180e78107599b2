// The map's twin: the same figures as a table, sorted and filtered, copied and kept as a file.

import { el, find } from "../dom.js";
import { between, classOf, gapOf, grouped, intervalOf, isWithheld, nameOf, shown, valueOf } from "../measures.js";
import { cellsOf, COUNTS, rowsOf } from "./rows.js";

const AT_ONCE = 200;
/** @typedef {import("./rows.js").Twin} Twin */

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
    // What is not there yet is neither copied nor kept.
    for (const button of [find("#copy"), find("#export")]) button.disabled = false;
    this.fill();
  }

  /** Rows that are shown, in the order that was chosen. */
  rows() {
    return rowsOf(/** @type {Twin} */ (this.twin), { by: this.by, down: this.down, text: this.asked });
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

  /** What it is kept as: of what it shows, whatever the page is about to show. */
  file() {
    return `${/** @type {Twin} */ (this.twin).name}.csv`;
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
      ...COUNTS.map((count) => el("td", {},
        isWithheld(figure, count) ? words.gaps.secret : grouped(figure[count]))));
  }

  /** The rows that are shown as texts, headings first. */
  cells() {
    return cellsOf(/** @type {Twin} */ (this.twin), this.rows());
  }
}
