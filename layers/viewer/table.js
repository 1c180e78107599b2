// The map's twin: the same figures as a table, in the order of the codes, and as a CSV file.

const COUNTS = ["registered", "paired", "visited_paired", "visited_any", "never"];
const number = new Intl.NumberFormat("en-US");

/**
 * @typedef {{code: string, name: string, name_en: string | null, registered: number, paired: number,
 *   visited_paired: number, visited_any: number, never: number, rate: number | null}} Figure
 */

/**
 * Give a share in percent, cut to a tenth: 99.96 % is not yet 100 %.
 * @param {number} visited
 * @param {number} registered
 */
export const percent = (visited, registered) =>
  registered > 0 ? `${(Math.floor((1000 * visited) / registered) / 10).toFixed(1)}%` : "–";

/** @param {string} tag @param {string} text @param {Record<string, string>} attributes */
function cell(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

/** @param {Figure} figure */
function row(figure) {
  const made = document.createElement("tr");
  const name = cell("th", figure.name, { scope: "row" });
  name.append(cell("small", figure.code));
  const share = cell("td", percent(figure.visited_paired, figure.registered), { class: "rate" });
  // A custom property set from a script is allowed where an inline style is not.
  share.style.setProperty("--share", `${100 * (figure.rate ?? 0)}%`);
  made.append(name, share, ...COUNTS.map((count) => cell("td", number.format(figure[count]))));
  return made;
}

/**
 * Fill the table.
 * @param {HTMLTableElement} table
 * @param {Figure[]} figures
 * @param {Record<string, string>} heads
 */
export function fill(table, figures, heads) {
  const names = ["name", "rate", ...COUNTS];
  const head = /** @type {HTMLTableSectionElement} */ (table.tHead);
  head.rows[0].replaceChildren(
    ...names.map((name) => cell("th", heads[name], { scope: "col" })));
  table.tBodies[0].replaceChildren(...figures.map(row));
}

/** @param {Figure[]} figures */
export function total(figures) {
  const sum = (name) => figures.reduce((all, figure) => all + figure[name], 0);
  const [visited, registered] = [sum("visited_paired"), sum("registered")];
  return [number.format(visited), number.format(registered), percent(visited, registered)];
}

/**
 * Write the figures as CSV. The mark at the start tells Excel that it is UTF-8; a leading sign that
 * a spreadsheet would take for a formula is disarmed.
 * @param {Figure[]} figures
 * @param {{columns: Record<string, string>, code: string, data: string[]}} words
 * @param {boolean} synthetic What is made up says so in every row.
 */
export function csv(figures, words, synthetic) {
  const quoted = (value) => {
    const text = String(value ?? "");
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const names = ["name", ...COUNTS, "rate"];
  const [head, mark] = synthetic ? [[words.data[0]], [words.data[1]]] : [[], []];
  const lines = [
    [words.code, ...names.map((name) => words.columns[name]), ...head],
    ...figures.map((figure) => [figure.code, ...names.map((name) => figure[name]), ...mark]),
  ];
  return `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}
