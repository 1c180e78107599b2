// What the buttons do that change nothing on the map: share, keep, print, language, theme.

import { download } from "../api.js";
import { find, keep, tell } from "../dom.js";
import { patterns } from "../map/style.js";
import { monthName } from "../measures.js";
import { known, language, month, place, store, theme, words } from "../page.js";
import { caption } from "../map/painting.js";
import { DIGITS, communityOf } from "../codes.js";
import { copied, explained, savePicture } from "./share.js";
import { csv, tsv } from "./rows.js";

/** Put the address of this view on the clipboard. */
export async function copyLink() {
  tell(await copied(location.href) ? words().copied : words().uncopied);
}

/**
 * Bind the buttons.
 * @param {object} on
 * @param {import("./table.js").Table} on.table
 * @param {import("./reports.js").Reports} on.reports
 * @param {() => HTMLCanvasElement | undefined} on.picture Of the map, where there is one.
 * @param {() => void} on.onTheme
 */
export function bind({ table, reports, picture, onTheme }) {
  find("#language").addEventListener("click", () =>
    store.set({ language: language() === "zh" ? "en" : "zh" }, { step: true }));
  find("#theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    localStorage.setItem("theme", theme());
    onTheme();
  });
  find("#link").addEventListener("click", copyLink);
  find("#picture").addEventListener("click", () => save(picture()));
  for (const button of document.querySelectorAll("#share [data-report]")) {
    button.addEventListener("click", () =>
      reports.open(/** @type {HTMLElement} */ (button).dataset.report ?? "report"));
  }
  find("#print").addEventListener("click", () => print());
  find("#share").addEventListener("click", (event) => {
    if (event.target.closest("button, a")) find("#share").open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!find("#share").contains(event.target)) find("#share").open = false;
  });
  find("#share").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    find("#share").open = false;
    find("#share summary").focus();
  });
  find("#copy").addEventListener("click", async () => {
    const cells = table.cells();
    tell(await copied(tsv(cells)) ? words().copied_table(cells.length - 1) : words().uncopied);
  });
  find("#export").addEventListener("click", () => keep(
    new Blob([csv(table.cells())], { type: "text/csv" }), table.file()));
  find("#excel").addEventListener("click", workbook);
}

/** Keep every figure of the table's grids as the service writes it, with its dictionary. */
async function workbook() {
  const { level } = store.state;
  const code = communityOf(place());
  const button = find("#excel");
  button.disabled = true;
  try {
    const file = await download("/v1/coverage", {
      month: month(), level, code: level === 2 && code.length > DIGITS.banner ? code : "", format: "xlsx",
    });
    keep(file, `figures-${month()}-level${level}.xlsx`);
  } catch (/** @type {any} */ error) {
    tell(words().excel_failed(error.message || words().unreached));
  } finally {
    button.disabled = false;
  }
}

/** @param {HTMLCanvasElement | undefined} map */
async function save(map) {
  if (!map) return;
  const { title, subtitle, name } = caption();
  await savePicture(map, {
    title: `${title} · ${monthName(month(), language())}`, subtitle,
    entries: explained(), patterns: patterns(theme()),
    source: words().credits(known.tiles.attribution),
    stamp: known.tiles.synthetic ? "合成数据 · Synthetic data" : "",
    name: `${name}-${month()}.png`,
    font: getComputedStyle(document.body).fontFamily,
    dark: theme() === "dark",
  });
  tell(words().saved);
}
