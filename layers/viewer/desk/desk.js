// The review desk: the queue, one address at a time, one key to decide it.

import { ask, speak } from "../api.js";
import { drawCase, middle, options } from "./case.js";
import { DESK_WORDS } from "../words/desk.js";
import { dress, el, find, tell } from "../dom.js";
import { deedOf } from "./keys.js";
import { GridMap } from "../map/map.js";
import { Places } from "../places.js";
import { isGrid } from "../codes.js";

const WAIT_MS = 150;
const LOOK_MS = 20_000;

let language = new URLSearchParams(location.hash.slice(1)).get("language") === "en" ? "en" : "zh";
/** @type {any[]} */
let queue = [];
let total = 0;
/** @type {string | null} */
let next = null;
/** @type {any} */
let shown = null;
/** @type {import("./case.js").Option[]} */
let choices = [];
/** @type {{number: number, text: string}[]} */
const said = [];
/** @type {GridMap | null} */
let map = null;
/** @type {Map<number, Promise<any>>} */
const reads = new Map();

const words = () => DESK_WORDS[language];
// By number: the list is read anew while an answer is on its way.
const same = (one, other) => one?.number === other?.number;
const placeOf = (review) => queue.findIndex((one) => same(one, review));

function show(name, detail = "") {
  document.body.dataset.state = name;
  const [title, text, code] = words()[name] ?? ["", "", ""];
  find("#message h2").textContent = title;
  find("#message p").textContent = text;
  find("#message code").textContent = detail || code;
}

function explain(error) {
  if (error.status === 401) return show("locked");
  const text = error.status === 0 ? words().unreached : error.message;
  if (["ready", "done"].includes(document.body.dataset.state ?? "")) return tell(text);
  return error.status === 404 ? show("empty") : show("failed", text);
}

function dressAll() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words().brand;
  speak(language);
  dress(words());
  find("#home").href = `/#language=${language}`;
  show(document.body.dataset.state);
}

/** What /v1/geocode makes of a text; asked for the following one before it is needed. */
function reading(review) {
  const kept = reads.get(review.number) ?? ask("/v1/geocode", { q: review.text, language });
  reads.set(review.number, kept);
  kept.catch(() => reads.delete(review.number));
  return kept;
}

async function start() {
  dressAll();
  show("loading");
  try {
    const [tiles, page] = await Promise.all([ask("/v1/tiles"), ask("/v1/review", { limit: 50 })]);
    find("#stamp").hidden = !tiles.synthetic;
    raise(tiles);
    take(page);
    await open(queue[0]);
  } catch (error) {
    explain(error);
  }
}

function raise(tiles) {
  if (map) return;
  const theme = /** @type {"light" | "dark"} */ (document.documentElement.dataset.theme);
  const { zoom_in, zoom_out, map_help } = words();
  try {
    map = new GridMap(find("#map"), {
      tiles: tiles.url, theme, language, level: 2, view: "", box: new Places(tiles.places).first(),
      locale: { "NavigationControl.ZoomIn": zoom_in, "NavigationControl.ZoomOut": zoom_out, "Map.Title": map_help },
      onStyle: () => {},
    });
  } catch (error) {
    // Without WebGL the desk works on; only the map is missing.
    console.info(error);
  }
}

function take(page) {
  queue = page.reviews;
  total = page.total;
  next = page.next;
}

function drawQueue() {
  find("#waiting").textContent = words().waiting(total);
  find("#further").hidden = !next;
  find("#queue").replaceChildren(...queue.map((review) => el("li", {},
    el("button", {
      type: "button", "aria-current": review.number === shown?.number ? "true" : null,
      onclick: () => open(review),
    }, el("span", {}, review.text), el("small", {}, words().affects(review.affects))))));
}

/** Show one text; none is left where there is none. */
async function open(review) {
  shown = review ?? null;
  choices = [];
  drawQueue();
  if (!shown) {
    map?.flags([]);
    map?.choose("");
    return show("done");
  }
  show("ready");
  const read = await reading(shown);
  if (!same(shown, review)) return undefined;
  choices = options(shown, read);
  find("#case").replaceChildren(...drawCase({
    words: words(), review: shown, read, options: choices, onSay: decide, elsewhere: elsewhere(),
  }));
  find("#case").scrollTop = 0;
  const following = queue[placeOf(shown) + 1];
  if (following) void reading(following);
  return flag(review);
}

/** Put what the text may mean on the map. */
async function flag(review) {
  const places = await Promise.all(choices.map((one) => one.at ?? middle(one.grid).catch(() => null)));
  if (!same(shown, review) || !map) return;
  const first = choices[0]?.target === null ? 0 : 1;
  const flags = choices.flatMap((one, index) => (places[index]
    ? [{ at: places[index], label: index + first ? String(index + first) : "A" }] : []));
  map.flags(flags);
  map.choose(isGrid(choices[0]?.grid) ? choices[0].grid : "");
  map.goAround(flags.map((one) => one.at));
}

/**
 * Keep a decision and show the next text at once.
 * @param {string} action
 * @param {{kind: string, id: string} | null} [target]
 */
async function decide(action, target = null) {
  const actor = find("#actor").value.trim();
  if (!actor) {
    tell(words().actor_needed);
    return find("#actor").focus();
  }
  const review = shown;
  if (!review) return undefined;
  const place = placeOf(review);
  try {
    await ask(`/v1/review/${review.number}/decision`, {}, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ actor, action, ...(target && { target_kind: target.kind, target_id: target.id }) }),
    });
  } catch (error) {
    return explain(error);
  }
  said.push(review);
  queue = queue.filter((one) => !same(one, review));
  total -= 1;
  tell(`${words().decided[action]} · ${review.text}`);
  if (!queue.length && next) take(await ask("/v1/review", { limit: 50 }));
  return open(queue[place] ?? queue.at(-1));
}

async function undo() {
  const review = said.pop();
  if (!review) return;
  try {
    const back = await ask(`/v1/review/${review.number}/decision`,
      { actor: find("#actor").value.trim() }, { method: "DELETE" });
    tell(words().undone(review.text));
    if (back.state !== "open") return;
    queue = [back, ...queue];
    total += 1;
    await open(back);
  } catch (error) {
    said.push(review);
    explain(error);
  }
}

/** A box in which another place is looked for. */
function elsewhere() {
  let timer = 0;
  const list = el("ul", { class: "hits" });
  const box = el("input", {
    type: "search", "aria-label": words().elsewhere_hint, placeholder: words().elsewhere_hint, maxlength: 100,
    oninput: () => {
      clearTimeout(timer);
      timer = window.setTimeout(look, WAIT_MS);
    },
  });
  const look = async () => {
    const text = box.value.trim();
    const { suggestions } = text ? await ask("/v1/suggest", { q: text, limit: 6 }) : { suggestions: [] };
    list.replaceChildren(...suggestions.filter((one) => one.kind !== "community").map((one) => el("li", {},
      el("button", { type: "button", onclick: () => decide("pick", { kind: one.kind, id: one.code }) },
        el("small", {}, words().kinds[one.kind]), el("span", {}, one.label)))));
  };
  return el("div", { class: "elsewhere" }, box, list);
}

function step(by) {
  const at = placeOf(shown) + by;
  if (queue[at]) void open(queue[at]).catch(explain);
}

function pressed(event) {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Escape" && typing) event.target.blur();
    return;
  }
  const deed = deedOf(event.key, choices);
  if (!deed) return;
  if ("undo" in deed) return void undo();
  if (!shown) return;
  if ("step" in deed) step(deed.step);
  else void decide(deed.action, deed.target);
  event.preventDefault();
}

/** New addresses come by themselves; the one that is shown stays. */
async function look() {
  if (document.hidden || !["ready", "done"].includes(document.body.dataset.state ?? "")) return;
  try {
    const decided = said.length;
    const page = await ask("/v1/review", { limit: 50 });
    // What was decided meanwhile still waits in this list.
    if (said.length !== decided) return;
    take(page);
    shown = queue[placeOf(shown)] ?? shown;
    if (document.body.dataset.state === "done" && queue.length) await open(queue[0]);
    else drawQueue();
  } catch (error) {
    explain(error);
  }
}

find("#actor").value = localStorage.getItem("actor") ?? "";
find("#actor").addEventListener("change", () => localStorage.setItem("actor", find("#actor").value.trim()));
find("#language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  history.replaceState(null, "", `#language=${language}`);
  reads.clear();
  dressAll();
  map?.restyle({ language });
  if (shown) void open(shown).catch(explain);
  else drawQueue();
});
find("#further").addEventListener("click", async () => {
  if (!next) return;
  const page = await ask(next);
  queue = [...queue, ...page.reviews];
  next = page.next;
  drawQueue();
});
find("#again").addEventListener("click", start);
addEventListener("keydown", pressed);
setInterval(look, LOOK_MS);
await start();
