// The figures of a month as colours on the map, and the legend that says what they mean.

import { tell } from "../dom.js";
import { keyOf, monthOf, sideOf, Territories } from "./editions.js";
import { HEATS, Heats, sheets } from "./heat.js";
import { heatLegend, legend } from "../panels/legend.js";
import { lookOf, tally } from "./looks.js";
import { breaksOf, classNames, monthName } from "../measures.js";
import { figures, hidden, known, language, measure, month, store, theme, words } from "../page.js";
import { SPOTS, Spots, spotted } from "./spots.js";

/** @typedef {import("./map.js").Paint} Paint */
/** @typedef {import("./map.js").GridMap} GridMap */
/** @typedef {import("./stage.js").Stage | null} Stage */
/** @typedef {import("./compare.js").Compare | null} Compare */

const territories = new Territories();
const heats = new Heats();
const spots = new Spots();

/** What was painted last: what arrives later may find another map. @type {{stage: Stage, compare: Compare}} */
let shownOn = { stage: null, compare: null };
const again = () => paint(shownOn.stage, shownOn.compare);

/** What there is a heat map of, or "". */
const heated = () => (HEATS.includes(store.state.measure) ? store.state.measure : "");
const form = () => /** @type {import("./heat.js").Form} */ (store.state.form);

/**
 * Give the colours of a month, by code.
 * @param {string} of
 * @returns {{grids: Paint, towns: Paint}}
 */
function colours(of) {
  const breaks = breaksOf(measure(), of);
  const off = hidden();
  const grids = [...(figures.held(of, store.state.level) ?? [])]
    .map(([code, figure]) => [code, lookOf(measure(), figure, breaks, off)]);
  const towns = known.places.below(known.places.banner).map(({ code }) => {
    const made = lookOf(measure(), figures.of(of, code), breaks, off);
    return [code, { ...made, wide: false }];
  });
  return { grids: Object.fromEntries(grids), towns: Object.fromEntries(towns) };
}

/**
 * Paint the map, and the second one where something is compared.
 * @param {Stage} stage
 * @param {Compare} compare
 */
export function paint(stage, compare) {
  shownOn = { stage, compare };
  const of = heated();
  const { grids, towns } = colours(month());
  const side = stage && other(compare);
  if (stage) {
    stage.look({ theme: theme(), heated: Boolean(of), base: stage.base() });
    stage.map.paint(grids, towns);
    stage.map.outline("redrawn", side?.redrawn ?? []);
    for (const [kind, mark] of Object.entries(SPOTS)) {
      stage.map.outline(mark, spotsHeld(kind) ?? []);
    }
    layHeat(stage.map, month());
    if (side) {
      compare?.show({
        locale: stage.locale(), look: side.tiles ? { tiles: side.tiles } : {}, onGone: gone,
        painted: (map) => {
          map.paint(side.grids(), side.towns);
          map.outline("redrawn", side.other);
          layHeat(map, side.month);
        },
      });
    } else {
      compare?.hide();
    }
    stage.sides(side?.names ?? []);
  }
  arrive();
  draw(grids, side?.note ?? []);
}

/** What the second map shows; null where there is none, or it is not here yet. */
function other(compare) {
  const { against, level } = store.state;
  const { kind, value } = sideOf(against);
  if (!kind) return null;
  const titles = [words().side_now(monthName(month(), language()))];
  if (kind === "month") {
    const { grids, towns } = colours(against);
    return { tiles: "", grids: () => grids, towns, redrawn: [], other: [], month: against, note: [],
      names: [month(), against].map((one) => monthName(one, language())) };
  }
  const there = territories.held(keyOf(against, level, known.tiles.url));
  if (!there) {
    void territory();
    return compare?.on ? previous : null;
  }
  const title = kind === "edition"
    ? words().side_edition(known.editions.find((one) => String(one.id) === value)?.title ?? value)
    : words().side_day(value);
  const { grids, towns } = colours(month());
  previous = {
    tiles: there.tiles, towns, redrawn: [...there.redrawn], other: [...there.other], month: month(),
    // Counted by today's borders: a grid that was cut otherwise has no figure.
    grids: () => Object.fromEntries(Object.entries(grids).filter(([code]) => !there.redrawn.has(code))),
    note: there.redrawn.size || there.other.size
      ? [words().redrawn(Math.max(there.redrawn.size, there.other.size)), words().redrawn_note]
      : [words().redrawn_none],
    names: [...titles, title],
  };
  return previous;
}

/** The other territory's tiles are not kept any longer: ask once where they are now. */
function gone() {
  const { against, level } = store.state;
  const key = keyOf(against, level, known.tiles.url);
  // The first map's own archive is asked for anew by whoever watches that map.
  if (!territories.held(key)) return;
  if (territories.forget(key)) {
    again();
    return;
  }
  tell(words().tiles_gone);
  store.set({ against: "" });
}

/** @type {any} What was compared with, until the next one is here. */
let previous = null;

async function territory() {
  const { against, level } = store.state;
  const { kind, value } = sideOf(against);
  try {
    await waited(territories.get(against, level, known.tiles.url));
    if (store.state.against === against) again();
  } catch (/** @type {any} */ error) {
    if (store.state.against !== against) return;
    previous = null;
    const lost = kind === "edition" ? words().edition_lost(value) : words().day_lost(value);
    tell(error.status === 404 || error.status === 422 ? lost : error.message || words().unreached);
    store.set({ against: "" });
  }
}

/** @param {GridMap} map @param {string} of */
function layHeat(map, of) {
  const kind = heated();
  const heat = kind && heats.held(kind, of);
  if (!kind) map.overlay([]);
  else if (heat) map.overlay(sheets(heat, form(), map.sheets));
}

const spotsHeld = (kind) => (spotted(store.state.spots).includes(kind)
  ? spots.held(kind, month(), store.state.level) : undefined);

/** What is asked for now, so that it is asked for once. @type {Set<string>} */
const asking = new Set();

/** Ask for what is to be shown and is not here; paint again when it is. */
function arrive() {
  const kind = heated();
  const { level, against } = store.state;
  const shown = month();
  const heat = kind ? [shown, monthOf(against)].filter((one) => one && !heats.held(kind, one)) : [];
  const wanted = [
    ...heat.map((one) => [`${kind}/${one}`, () => heats.get(kind, one)]),
    ...spotted(store.state.spots).filter((one) => !spots.held(one, shown, level))
      .map((one) => [`${one}/${shown}/${level}`, () => spots.get(one, shown, level)]),
  ];
  for (const [key, get] of /** @type {[string, () => Promise<any>][]} */ (wanted)) {
    if (asking.has(key)) continue;
    asking.add(key);
    waited(get()).then(again, (error) => tell(error.message || words().unreached))
      .finally(() => asking.delete(key));
  }
}

/** Show that something is waited for. @template T @param {Promise<T>} work @returns {Promise<T>} */
async function waited(work) {
  waits += 1;
  document.body.classList.add("waiting");
  try {
    return await work;
  } finally {
    waits -= 1;
    if (!waits) document.body.classList.remove("waiting");
  }
}
let waits = 0;

/**
 * Fetch what a month needs before it is shown: played months come without a pause.
 * @param {string} of
 */
export async function ahead(of) {
  const kind = heated();
  await Promise.all([
    figures.get(of, store.state.level), figures.get(of, 1),
    ...(kind ? [heats.get(kind, of)] : []),
    ...spotted(store.state.spots).map((one) => spots.get(one, of, store.state.level)),
  ]);
}

/**
 * Say what the map shows, for whoever takes a picture of it.
 * @returns {{title: string, subtitle: string, name: string}}
 */
export function caption() {
  const kind = heated();
  const heat = kind && heats.held(kind, month());
  if (heat) {
    const { title, subtitle, unit } = heat.forms[form()].words[language()];
    return { title: `${title} (${unit})`, subtitle, name: `heat-${kind}-${form()}` };
  }
  const { name, words: texts } = measure();
  const { title, subtitle } = texts[language()];
  return { title, subtitle, name };
}

/** Figures have changed: what was drawn from them is asked for anew. */
export function forgetPictures() {
  heats.forget();
  spots.forget();
}

/** @param {Paint} grids @param {string[]} note */
function draw(grids, note) {
  const kind = heated();
  const shown = {
    words: words(), note, marks: spotted(store.state.spots),
    counts: Object.fromEntries(Object.keys(SPOTS).map((one) => [one, spotsHeld(one)?.size])),
    onMarks: (next) => store.set({ spots: next.sort().join(".") }),
  };
  if (kind) {
    heatLegend({ ...shown, heat: heats.held(kind, month()), form: form(), language: language(),
      name: words().heats[kind], onForm: (next) => store.set({ form: next }) });
    return;
  }
  const chosen = measure();
  const texts = chosen.words[language()];
  legend({
    ...shown, title: texts.legend_title, about: texts.legend_note, secret: texts.hidden_long,
    colours: chosen.colours,
    names: classNames(chosen, breaksOf(chosen, month()), language()),
    ...tally(chosen, Object.values(grids)),
    hidden: hidden(),
    onChange: (next) => store.set({ hidden: [...next].sort().join(".") }),
  });
}
