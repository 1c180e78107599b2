// The page of the map: asks, holds together, draws again what has changed.

import { bind, copyLink } from "./actions.js";
import { ask, speak } from "./api.js";
import { crumbs } from "./crumbs.js";
import { dress, el, find, tell } from "./dom.js";
import { headline, tally } from "./headline.js";
import { follow } from "./live.js";
import { breaksOf, monthName, shown, valueOf } from "./measures.js";
import { compounds, figures, hidden, known, language, measure, month, named, place, store, theme,
  words } from "./page.js";
import { paint as paintMap } from "./painting.js";
import { drawPane } from "./pane.js";
import { Places } from "./places.js";
import { Search } from "./search.js";
import { Slider } from "./slider.js";
import { Table } from "./table.js";

// So many compounds are few enough to fetch every month of them beforehand.
const FEW = 2000;
// Every tile of an archive that is gone says so: one question answers them all.
const RECUT_MS = 5000;

/** @type {import("./stage.js").Stage | null} */
let stage = null;
/** @type {import("./compare.js").Compare | null} */
let compare = null;
let recutting = false;
// The library that draws maps is large: figures and words need not wait for it.
const drawing = Promise.all([import("./stage.js"), import("./compare.js")]);

const slider = new Slider({
  onMonth: (chosen) => store.set({ month: chosen === figures.months.at(-1) ? "" : chosen }),
  onAgainst: (against) => store.set({ against }),
  onPlay: () => figures.all(store.state.level).catch(explain),
});
const table = new Table({ onChoose: (code) => go(code) });
const search = new Search({ onHit: (hit) => arrive(hit), nameOf: (code) => named(code) });

/** Show one of: loading, ready, empty, locked, failed. */
function show(name, detail = "") {
  document.body.dataset.state = name;
  const [title, text, code] = words()[name] ?? ["", "", ""];
  find("#message h2").textContent = title;
  find("#message p").textContent = text;
  find("#message code").textContent = detail || code;
  const still = name !== "ready";
  for (const part of ["#search", "#slider", ".stage", ".panel"]) find(part).inert = still;
}

/** @param {any} error */
function explain(error) {
  if (error.status === 401) return show("locked");
  if (document.body.dataset.state === "ready") {
    return tell(error.status === 0 ? words().offline(clock()) : error.message, { stay: error.status === 0 });
  }
  // Nothing is published or visited yet.
  if (error.status === 404) return show("empty");
  return show("failed", error.status === 0 ? words().unreached : error.message);
}

const clock = () => (figures.heard ?? new Date()).toLocaleTimeString(
  language() === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });

/** Ask for what the page is made of. */
async function read() {
  const ahead = store.state.month ? [] : [...new Set([1, store.state.level])];
  const [months, measures, tiles, editions] = await Promise.all([
    ask("/v1/months"), ask("/measures.json"), ask("/v1/tiles"), ask("/v1/editions"),
    ...ahead.map((level) => figures.ahead(level).catch(() => {})),
  ]);
  Object.assign(known, { measures, tiles, editions: editions.editions });
  known.places = new Places(tiles.places);
  figures.months = months.months;
}

async function start() {
  speak(language());
  dressAll();
  show("loading");
  try {
    await read();
    if (!figures.months.length) return show("empty");
    check();
    await Promise.all([figures.get(month(), store.state.level), figures.get(month(), 1)]);
  } catch (error) {
    return explain(error);
  }
  checkPlace();
  show("ready");
  dressAll();
  const all = new Set(Object.keys(store.state));
  void draw(all);
  await raise();
  void draw(all);
  return later();
}

/** What a link names and is no longer there is said, and left. */
function check() {
  const { state } = store;
  if (state.month && !figures.months.includes(state.month)) {
    tell(words().month_lost(state.month));
    store.set({ month: "" });
  }
  if (!["", "visits", ...known.measures.map((one) => one.name)].includes(state.measure)) {
    store.set({ measure: "" });
  }
  if (state.against && !figures.months.includes(state.against)) store.set({ against: "" });
}

/** The same for the place: a compound is known by the figures of its level. */
function checkPlace() {
  const { place: code } = store.state;
  const there = code.length === 15 ? !compounds() || compounds()?.has(code) : known.places.byCode.has(code);
  if (!code || there || code === known.places.banner) return;
  tell(words().place_lost(code));
  store.set({ place: "", spot: "" });
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
      store, words, theme, tiles: known.tiles.url, box,
      onStyle: paint, onGone: () => void recut(), onPick: (pick) => choose(pick), describe,
    });
    compare = new Compare(stage.map);
  } catch (error) {
    console.info(error);
    find("#map").replaceChildren(el("p", { class: "soft" }, words().no_webgl));
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
  try {
    await figures.all(1);
    draw(new Set(["place"]));
    known.tally = await tally(figures.months.at(-1) ?? "");
    drawHeadline();
    await figures.get(month(), 2);
    checkPlace();
    if ((compounds()?.size ?? 0) <= FEW || place().length === 15) await figures.all(2);
    draw(new Set(["place"]));
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
  find("#tab-place").setAttribute("aria-selected", String(tab === "place"));
  find("#tab-table").setAttribute("aria-selected", String(tab === "table"));
  find("#card").hidden = tab !== "place";
  find("#table").hidden = tab !== "table";
  drawSlider();
  const wanted = [[month(), level], [month(), 1], ...(against ? [[against, level]] : [])]
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
  stage?.render({ changed, month: month() });
  if (has("month", "measure", "level", "hidden", "language", "against")) paint();
  if (has("month", "measure", "level", "hidden", "language", "place")) drawTable();
  if (has("month", "language")) drawHeadline();
  if (has("place", "language", "level", "month")) drawCrumbs();
  if (has("place", "month", "measure", "language", "spot", "category")) drawCard();
}

function dressAll() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.title = words().brand;
  dress(words());
  speak(language());
  find("#choices").elements.measure.replaceChildren(
    ...known.measures.map((one) => new Option(one.words[language()].short, one.name)),
    new Option(words().visits, "visits"));
  search.render(words(), language());
  find("#stamp").hidden = !known.tiles?.synthetic;
  find("#credits").textContent = known.tiles ? words().credits(known.tiles.attribution) : "";
  if (document.body.dataset.state !== "ready") show(document.body.dataset.state);
}

function drawSlider() {
  slider.render({
    words: words(), language: language(), months: figures.months, month: month(),
    against: store.state.against,
  });
}

function drawHeadline() {
  const at = figures.months.indexOf(month());
  headline({
    words: words(), language: language(), month: month(), newest: at === figures.months.length - 1,
    now: figures.held(month(), 1), before: figures.held(figures.months[at - 1], 1),
    tally: known.tally, edition: known.editions[0]?.title ?? "",
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
  const inside = code.length > 12 ? code.slice(0, 12) : code;
  table.render({
    words: words(), language: language(), measure: measure(), breaks: breaksOf(measure(), month()),
    hidden: hidden(), chosen: store.state.place,
    figures: [...(figures.held(month(), level)?.values() ?? [])]
      .filter((figure) => level === 1 || figure.code.startsWith(inside)),
    caption: `${words().caption(monthName(month(), language()), level)} · ${named(inside) || words().banner}`,
  });
}

/** What stands beside the pointer. */
function describe(code) {
  const figure = figures.of(month(), code);
  const name = named(code);
  if (!figure || !name) return null;
  return { name, value: `${measure().words[language()].short} ${shown(measure(), valueOf(measure(), figure))}` };
}

/** A place on the map was picked. */
function choose({ code, town, spot }) {
  if (town && !code) return go(town);
  store.set({ place: code, spot, tab: "place" }, { step: true });
}

/** Go to a place by its code. */
async function go(code) {
  const level = code.length === 15 ? 2 : store.state.level;
  store.set({ place: code === known.places.banner ? "" : code, spot: "", level, view: "", tab: code.length === 15 || store.state.tab === "place" ? "place" : "table" }, { step: true });
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
  const level = hit.code?.length === 15 ? 2 : store.state.level;
  store.set({ place: hit.code ?? "", spot: hit.spot.map((one) => one.toFixed(6)).join(","), level,
    view: "", tab: "place" }, { step: true });
  return stage?.map.go(hit.spot);
}

/** Something changed elsewhere: ask again, and say so only if it shows. */
async function renew(kinds) {
  try {
    if (kinds.has("edition")) {
      await read();
      figures.forget();
      stage?.look({ tiles: known.tiles.url });
      await draw(new Set(Object.keys(store.state)));
      tell(words().new_edition(known.editions[0].title));
    }
    if (kinds.has("incident")) {
      known.tally = await tally(figures.months.at(-1) ?? "");
      drawHeadline();
      drawCard();
      tell(words().new_incident);
    }
    if (kinds.has("household")) await look();
  } catch (error) {
    explain(error);
  }
}

async function look() {
  try {
    const levels = [...new Set([1, store.state.level])];
    const different = await Promise.all(levels.map((level) => figures.again(month(), level)));
    if (!different.some(Boolean)) return;
    await draw(new Set(["month"]));
    tell(words().new_figures);
  } catch (error) {
    explain(error);
  }
}

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
bind({ table, picture: () => stage?.map.picture(), onTheme: paint });
find("#again").addEventListener("click", start);

await start();
follow({
  onChange: renew,
  onLost: () => tell(words().offline(clock()), { stay: true }),
  onBack: () => { tell(words().back); void look(); },
  onLook: () => void look(),
});
