// What the buttons do that change nothing on the map: share, keep, print, language, theme.

import { find, keep, tell } from "./dom.js";
import { breaksOf, classNames, monthName } from "./measures.js";
import { known, language, measure, month, store, theme, words } from "./page.js";
import { copied, savePicture } from "./share.js";
import { csv, tsv } from "./table.js";

/** Put the address of this view on the clipboard. */
export async function copyLink() {
  tell(await copied(location.href) ? words().copied : words().uncopied);
}

/**
 * Bind the buttons.
 * @param {object} on
 * @param {import("./table.js").Table} on.table
 * @param {() => HTMLCanvasElement | undefined} on.picture Of the map, where there is one.
 * @param {() => void} on.onTheme
 */
export function bind({ table, picture, onTheme }) {
  find("#language").addEventListener("click", () =>
    store.set({ language: language() === "zh" ? "en" : "zh" }, { step: true }));
  find("#theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    localStorage.setItem("theme", theme());
    onTheme();
  });
  find("#link").addEventListener("click", copyLink);
  find("#picture").addEventListener("click", () => save(picture()));
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
    const cells = table.cells(known.tiles.synthetic);
    tell(await copied(tsv(cells)) ? words().copied_table(cells.length - 1) : words().uncopied);
  });
  find("#export").addEventListener("click", () => keep(
    new Blob([csv(table.cells(known.tiles.synthetic))], { type: "text/csv" }),
    `${measure().name}-${month()}-level${store.state.level}.csv`));
}

/** @param {HTMLCanvasElement | undefined} map */
async function save(map) {
  if (!map) return;
  const chosen = measure();
  const texts = chosen.words[language()];
  const names = classNames(chosen, breaksOf(chosen, month()), language());
  await savePicture(map, {
    title: `${texts.title} · ${monthName(month(), language())}`,
    subtitle: texts.subtitle,
    classes: names.map((name, index) => ({ colour: chosen.colours[index], name })),
    source: words().credits(known.tiles.attribution),
    stamp: known.tiles.synthetic ? "合成数据 · Synthetic data" : "",
    name: `${chosen.name}-${month()}.png`,
    font: getComputedStyle(document.body).fontFamily,
    dark: theme() === "dark",
  });
  tell(words().saved);
}
