// The page of the map: asks, holds together, draws again what has changed.

import { bind, copyLink } from "./panels/actions.js";
import { ask, LOCKED, Problem, speak } from "./api.js";
import { bindChoices, showChoices } from "./panels/choices.js";
import { crumbs } from "./panels/crumbs.js";
import { communityOf, DIGITS, isGrid } from "./codes.js";
import { dress, el, find, tell } from "./dom.js";
import { HEADLINE, headline } from "./panels/headline.js";
import { monthOf, sideOf } from "./map/editions.js";
import { HEATS } from "./map/heat.js";
import { follow } from "./live.js";
import { clock, explain, show } from "./panels/message.js";
import { breaksOf, fieldsOf, gapOf, monthName, shown, valueOf } from "./measures.js";
import { News } from "./news.js";
import { compounds, figures, hidden, known, language, measure, month, named, place, store, theme,
  words } from "./page.js";
import { ahead, paint as paintMap } from "./map/painting.js";
import { drawPane } from "./panels/pane.js";
import { Places } from "./places.js";
import { Reports } from "./panels/reports.js";
import { Search } from "./panels/search.js";
import { Slider } from "./panels/slider.js";
import { COUNTS } from "./panels/rows.js";
import { Table } from "./panels/table.js";

// Every tile of an archive that is gone says so: one question answers them all.
const RECUT_MS = 5000;

/** @type {import("./map/stage.js").Stage | null} */
let stage = null;
/** @type {import("./map/compare.js").Compare | null} */
let compare = null;
let recutting = false;
// The library that draws maps is large: figures and words need not wait for it.
const drawing = Promise.all([import("./map/stage.js"), import("./map/compare.js")]);

const slider = new Slider({
  onMonth: (chosen) => store.set({ month: chosen === figures.months.at(-1) ? "" : chosen }),
  onAgainst: (against) => store.set({ against }),
  onAhead: (of) => ahead(of).catch((error) => { explain(error); throw error; }),
});
const table = new Table({ onChoose: (code) => go(code) });
const reports = new Reports({
  page: () => ({ words: words(), language: language(), months: figures.months, month: month() }),
});
const search = new Search({
  onHit: (hit) => arrive(hit), nameOf: named, called: (text) => known.places.called(text, language()),
});

/** Ask for what the page is made of. */
async function read() {
  const measures = ask("/measures.json");
  // The newest month's figures need not wait until it is known which month that is.
  const early = measures.then((listed) => {
    known.measures = listed;
    need();
    const levels = store.state.month ? [] : [...new Set([1, store.state.level])];
    return Promise.all(levels.map((level) => figures.ahead(level)));
  }).catch(() => {});
  const [months, tiles, editions] = await Promise.all([
    ask("/v1/months"), ask("/v1/tiles"), ask("/v1/editions"), measures, early,
  ]);
  Object.assign(known, { tiles, editions: editions.editions });
  known.places = new Places(tiles.places);
  figures.months = months.months;
}

/** Name the columns that what is chosen shows, so that no other is asked for. */
function need() {
  const { tab, level } = store.state;
  for (const one of [1, 2]) {
    figures.need[one] = [...new Set([
      ...(one === 1 ? HEADLINE : []), ...fieldsOf(measure()),
      ...(tab === "table" && level === one ? COUNTS : []),
    ])];
  }
}

async function start() {
  speak(language());
  dressAll();
  show("loading");
  try {
    await read();
    if (!figures.months.length) return show("empty");
    check();
    need();
    await Promise.all([figures.get(month(), store.state.level), figures.get(month(), 1)]);
  } catch (error) {
    return explain(error);
  }
  checkPlace();
  show("ready");
  dressAll();
  const all = new Set(Object.keys(store.state));
  void draw(all);
  // The legend first: the first view keeps the place clear of it.
  paint();
  await raise();
  stage?.render(all);
  paint();
  return later();
}

/** What a link names and is no longer there is said, and left. */
function check() {
  const { state } = store;
  if (state.month && !figures.months.includes(state.month)) {
    tell(words().month_lost(state.month));
    store.set({ month: "" });
  }
  if (!["", ...HEATS, ...known.measures.map((one) => one.name)].includes(state.measure)) {
    store.set({ measure: "" });
  }
  const { kind, value } = sideOf(state.against);
  if (kind === "month" && !figures.months.includes(value)) store.set({ against: "" });
}

/** The same for the place: a compound is known by the figures of its level. */
function checkPlace() {
  const { place: code } = store.state;
  const there = isGrid(code) ? !compounds() || compounds()?.has(code) : known.places.byCode.has(code);
  if (!code || there || code === known.places.banner) return;
  store.set({ place: "", spot: "" });
  explainLost(code);
}

/** A link to a grid that is no more says what became of it, and leads there where that is one. */
async function explainLost(code) {
  const said = code.length < DIGITS.community ? null : await ask(`/v1/grids/${code}`).catch((error) => error);
  if (!(said instanceof Problem) || said.code !== "grid.gone") return tell(words().place_lost(code));
  tell(said.message, { stay: true });
  if (said.successors.length === 1) await go(said.successors[0]);
}

/** What a link's place looks at where it names no view of its own. */
async function opening() {
  const { place: code, view } = store.state;
  const box = code && !view ? await known.places.box(code).catch(() => null) : null;
  return box ?? known.places.first();
}

async function raise() {
  if (stage) return;
  try {
    const [[{ Stage }, { Compare }], box] = await Promise.all([drawing, opening()]);
    stage = new Stage({
      store, words, theme, tiles: known.tiles.url, base: () => known.tiles.base, box,
      onStyle: paint, onGone: () => void recut(), onPick: (pick) => choose(pick), describe,
    });
    compare = new Compare(stage.map);
  } catch (error) {
    console.info(error);
    find("#map").replaceChildren(el("p", { class: "soft", "data-word": "no_webgl" }, words().no_webgl));
  }
}

/** The tiles are not kept any longer: ask where today's are, once. */
async function recut() {
  const old = known.tiles.url;
  if (recutting) return;
  recutting = true;
  try {
    known.tiles = await ask("/v1/tiles", {}, { cache: "reload" });
    if (known.tiles.url === old) tell(words().tiles_gone);
    stage?.look({ tiles: known.tiles.url });
    paint();
  } catch (error) {
    explain(error);
  } finally {
    setTimeout(() => { recutting = false; }, RECUT_MS);
  }
}

/** What need not be there at first sight. */
async function later() {
  reports.resume();
  try {
    await figures.get(month(), 2);
    checkPlace();
    drawCrumbs();
  } catch (error) {
    explain(error);
  }
}

/** Fetch the months beside the one that is shown; the one before says what has changed. */
async function beside() {
  try {
    await figures.beside(month(), store.state.level);
    drawHeadline();
  } catch (error) {
    explain(error);
  }
}

/** Draw what depends on the parts of the state that changed. */
async function draw(changed) {
  const has = (...names) => names.some((name) => changed.has(name));
  const { level, against, tab } = store.state;
  if (has("language")) dressAll();
  if (!figures.months.length) return;
  need();
  find("#tab-place").setAttribute("aria-selected", String(tab === "place"));
  find("#tab-table").setAttribute("aria-selected", String(tab === "table"));
  find("#card").hidden = tab !== "place";
  find("#table").hidden = tab !== "table";
  showChoices(store.state);
  drawSlider();
  const wanted = [[month(), level], [month(), 1], ...(monthOf(against) ? [[against, level]] : [])]
    .filter(([one, at]) => !figures.held(/** @type {string} */ (one), /** @type {number} */ (at)));
  if (wanted.length) {
    document.body.classList.add("waiting");
    try {
      await Promise.all(wanted.map(([one, at]) =>
        figures.get(/** @type {string} */ (one), /** @type {number} */ (at))));
    } catch (error) {
      return explain(error);
    } finally {
      document.body.classList.remove("waiting");
    }
  }
  stage?.render(changed);
  if (has("month", "measure", "level", "hidden", "language", "against", "form", "spots", "ground")) paint();
  // A table that nobody sees is drawn when it is looked at.
  if (tab === "table" && has("month", "measure", "level", "hidden", "language", "place", "tab")) drawTable();
  if (has("month", "language")) drawHeadline();
  if (has("place", "language", "level", "month")) drawCrumbs();
  if (has("place", "month", "measure", "language", "spot", "category")) drawCard();
  if (has("month", "measure", "level")) void beside();
}

function dressAll() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.title = words().brand;
  dress(words());
  speak(language());
  find("#choices").elements.measure.replaceChildren(
    el("optgroup", { label: words().measures_group },
      ...known.measures.map((one) => new Option(one.words[language()].short, one.name))),
    el("optgroup", { label: words().heat_group },
      ...HEATS.map((one) => new Option(words().heats[one], one))));
  search.render(words(), language());
  find("#stamp").hidden = !known.tiles?.synthetic;
  find("#credits").textContent = known.tiles ? words().credits(known.tiles.attribution) : "";
  if (document.body.dataset.state !== "ready") show(document.body.dataset.state);
}

function drawSlider() {
  slider.render({
    words: words(), language: language(), months: figures.months, month: month(),
    against: store.state.against, editions: known.editions, since: known.tiles?.valid_from ?? "",
  });
}

function drawHeadline() {
  const before = figures.months[figures.months.indexOf(month()) - 1] ?? "";
  headline({
    words: words(), language: language(), month: month(),
    now: figures.of(month(), known.places.banner), before: figures.of(before, known.places.banner),
    facts: figures.facts.get(month()), edition: known.editions[0]?.title ?? "",
  });
  find("#stamp").hidden = !known.tiles.synthetic;
  find("#credits").textContent = words().credits(known.tiles.attribution);
}

function drawCrumbs() {
  crumbs({
    words: words(), language: language(), place: store.state.place, places: known.places,
    compounds: compounds(), onGo: (code) => go(code),
  });
}

const paint = () => paintMap(stage, compare);
const drawCard = () => drawPane({ building: stage?.building ?? "", onLink: copyLink });

function drawTable() {
  const { level } = store.state;
  const code = place();
  const inside = communityOf(code);
  table.render({
    words: words(), language: language(), measure: measure(), breaks: breaksOf(measure(), month()),
    hidden: hidden(), chosen: store.state.place,
    figures: [...(figures.held(month(), level)?.values() ?? [])]
      .filter((figure) => level === 1 || figure.code.startsWith(inside)),
    name: `${measure().name}-${month()}-level${level}`, synthetic: known.tiles.synthetic,
    caption: `${words().caption(monthName(month(), language()), level)} · ${named(inside) || words().banner}`,
  });
}

/** What stands beside the pointer. */
function describe(code) {
  const figure = figures.of(month(), code);
  const name = named(code);
  if (!figure || !name) return null;
  const gap = gapOf(measure(), figure);
  const said = gap ? words().gaps[gap] : shown(measure(), valueOf(measure(), figure));
  return { name, value: `${measure().words[language()].short} ${said}` };
}

/** A place on the map was picked. */
function choose({ code, town, spot }) {
  if (town && !code) return go(town);
  store.set({ place: code, spot, tab: "place" }, { step: true });
}

/** Go to a place by its code. */
async function go(code) {
  const level = isGrid(code) ? 2 : store.state.level;
  store.set({ place: code === known.places.banner ? "" : code, spot: "", level, view: "", tab: isGrid(code) || store.state.tab === "place" ? "place" : "table" }, { step: true });
  try {
    const box = await known.places.box(code);
    if (box) stage?.map.go(box);
  } catch (error) {
    explain(error);
  }
}

/** Go to what the search found. */
async function arrive(hit) {
  if (!hit.spot) return hit.code && go(hit.code);
  const level = isGrid(hit.code) ? 2 : store.state.level;
  store.set({ place: hit.code ?? "", spot: hit.spot.map((one) => one.toFixed(6)).join(","), level,
    view: "", tab: "place" }, { step: true });
  return stage?.map.go(hit.spot);
}

const news = new News({
  read, draw, drawCard, beside: () => void beside(), onTiles: (tiles) => stage?.look({ tiles }),
});

store.follow((_, changed) => {
  if (changed.has("language")) document.body.dataset.language = language();
  void draw(changed);
});
for (const name of ["place", "table"]) {
  find(`#tab-${name}`).addEventListener("click", () => store.set({ tab: name }));
}
find(".tabs").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  store.set({ tab: store.state.tab === "place" ? "table" : "place" });
  find(`#tab-${store.state.tab}`).focus();
});
find("#skip").addEventListener("click", (event) => {
  event.preventDefault();
  store.set({ tab: "table" });
  find("#table").focus();
});
bindChoices(store);
bind({ table, reports, picture: () => stage?.map.picture(), onTheme: paint });
find("#again").addEventListener("click", start);

document.addEventListener(LOCKED, () => show("locked"));

await start();
follow({
  onChange: (changes) => news.renew(changes),
  onLost: () => tell(words().offline(clock()), { stay: true }),
  onBack: () => { tell(words().back); news.look().catch(explain); },
  onLook: () => news.look().catch(explain),
});
