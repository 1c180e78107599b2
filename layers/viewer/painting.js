// The figures of a month as colours on the map, and the legend that says what they mean.

import { legend } from "./legend.js";
import { breaksOf, classNames, classOf, monthName, valueOf } from "./measures.js";
import { figures, hidden, known, language, measure, month, store, theme, words } from "./page.js";

/** @typedef {import("./map.js").Paint} Paint */

/**
 * Give the colours of a month, by code.
 * @param {string} of
 * @returns {{grids: Paint, towns: Paint, empty: string[]}} `empty`: grids without a value.
 */
function colours(of) {
  const chosen = measure();
  const breaks = breaksOf(chosen, of);
  const off = hidden();
  /** @type {{grids: Paint, towns: Paint, empty: string[]}} */
  const made = { grids: {}, towns: {}, empty: [] };
  const put = (into, code, figure) => {
    const kind = classOf(valueOf(chosen, figure), breaks);
    if (kind >= 0) into[code] = { colour: chosen.colours[kind], hidden: off.has(kind) };
    return kind >= 0;
  };
  for (const [code, figure] of figures.held(of, store.state.level) ?? []) {
    if (!put(made.grids, code, figure)) made.empty.push(code);
  }
  for (const { code } of known.places.below(known.places.banner)) {
    put(made.towns, code, figures.of(of, code));
  }
  return made;
}

/**
 * Paint the map, and the second one where months are compared.
 * @param {import("./stage.js").Stage | null} stage
 * @param {import("./compare.js").Compare | null} compare
 */
export function paint(stage, compare) {
  const { against } = store.state;
  const { grids, towns, empty } = colours(month());
  stage?.look({ empty, theme: theme() });
  stage?.map.paint(grids, towns);
  if (against && stage) {
    const other = colours(against);
    compare?.show({ locale: stage.locale(), painted: (map) => map.paint(other.grids, other.towns) });
  } else {
    compare?.hide();
  }
  stage?.sides(against ? [month(), against].map((one) => monthName(one, language())) : []);
  drawLegend(empty.length);
}

/** @param {number} empty */
function drawLegend(empty) {
  const chosen = measure();
  const breaks = breaksOf(chosen, month());
  const texts = chosen.words[language()];
  const kinds = [...(figures.held(month(), store.state.level)?.values() ?? [])]
    .map((figure) => classOf(valueOf(chosen, figure), breaks));
  legend({
    words: words(), title: texts.legend_title, note: texts.legend_note,
    colours: chosen.colours, names: classNames(chosen, breaks, language()),
    counts: chosen.colours.map((_, index) => kinds.filter((kind) => kind === index).length),
    empty, hidden: hidden(),
    onChange: (next) => store.set({ hidden: [...next].sort().join(".") }),
  });
}
