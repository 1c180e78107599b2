// The home page: what is chosen stands in the address, the map in a frame, the figures beside it.

import { csv, fill, total } from "./table.js";
import { WORDS } from "./words.js";

const find = (selector) => /** @type {any} */ (document.querySelector(selector));
const form = find("#controls");
const frame = find("#map");

const state = { month: "", measure: "coverage", level: 2, language: "zh" };
/** @type {{months: string[], synthetic: boolean}} */
const known = { months: [], synthetic: false };
let figures = [];
let asked = 0; // answers to anything but the latest question are dropped

const words = () => WORDS[state.language];

/** What the address says, as far as it is something we know. The part after # stays in the browser. */
function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const one = (name, allowed) => (allowed.includes(said.get(name)) ? said.get(name) : null);
  state.month = one("month", known.months) ?? known.months.at(-1) ?? "";
  state.measure = one("measure", ["coverage", "visits"]) ?? "coverage";
  state.level = Number(one("level", ["1", "2"]) ?? 2);
  state.language = one("language", ["zh", "en"]) ?? "zh";
}

function writeAddress() {
  const hash = `#${new URLSearchParams(Object.entries(state).map(([k, v]) => [k, String(v)]))}`;
  if (hash !== location.hash) history.pushState(null, "", hash);
}

/** A figure under the name that its grid has in the page's language. */
function named(figure) {
  const english = state.language === "en" && figure.name_en;
  return english ? { ...figure, name: figure.name_en } : figure;
}

function mapAddress() {
  const { month, level, language } = state;
  return state.measure === "coverage"
    ? `/v1/maps/coverage?${new URLSearchParams({ month, level: String(level), language })}`
    : `/v1/maps/visits?${new URLSearchParams({ month, language })}`;
}

function monthName(month) {
  const locale = state.language === "zh" ? "zh-CN" : "en-GB";
  const [year, number] = month.split("-").map(Number);
  return new Intl.DateTimeFormat(locale, { year: "numeric", month: "long" })
    .format(new Date(year, number - 1, 1));
}

/** Put words and choices on the page. */
function dress() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = words().brand;
  for (const part of document.querySelectorAll("[data-word]")) {
    part.textContent = words()[/** @type {any} */ (part).dataset.word];
  }
  for (const part of document.querySelectorAll("[data-label]")) {
    part.setAttribute("aria-label", words()[/** @type {any} */ (part).dataset.label]);
  }
  frame.title = words().map;
  find("#stamp").hidden = !known.synthetic;
  const months = form.elements.month;
  months.replaceChildren(...known.months.toReversed().map((month) => new Option(monthName(month), month)));
  months.value = state.month;
  form.elements.measure.value = state.measure;
  form.elements.level.value = String(state.level);
  const at = known.months.indexOf(state.month);
  find("#earlier").disabled = at <= 0;
  find("#later").disabled = at < 0 || at >= known.months.length - 1;
  find("#open").href = state.month ? mapAddress() : "#";
}

/** Show one of: loading, ready, empty, locked, failed. */
function show(name, detail = "") {
  document.body.dataset.state = name;
  form.inert = find(".actions").inert = name === "loading" || name === "empty" || name === "locked";
  find("#language").closest("nav").inert = name === "loading";
  for (const part of ["#open", "#print", "#export"]) find(part).hidden = name !== "ready";
  const [title, text, code] = words()[name] ?? ["", "", ""];
  find("#message h2").textContent = title;
  find("#message p").textContent = text;
  find("#message code").textContent = detail || code || "";
}

/** Ask the service; what went wrong is an Error whose `status` tells the states apart. */
async function ask(path) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "application/json" } });
  } catch {
    throw Object.assign(new Error(words().offline), { status: 0 });
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(problem.detail ?? `${answer.status}`), { status: answer.status });
}

function explain(error) {
  show(error.status === 401 ? "locked" : "failed", error.status === 401 ? "" : error.message);
}

async function draw() {
  const question = (asked += 1);
  writeAddress();
  dress();
  document.body.classList.add("waiting");
  frame.contentWindow.location.replace(mapAddress());
  try {
    const { month, level, language } = state;
    const answer = await ask(
      `/v1/coverage?${new URLSearchParams({ month, level: String(level), language })}`);
    if (question !== asked) return;
    figures = answer.figures.toSorted((a, b) => (a.code < b.code ? -1 : 1));
    fill(find(".twin table"), figures.map(named), words().columns);
    find("#caption").textContent = words().caption(monthName(month), level);
    find("#total").textContent = words().total(...total(figures));
    show("ready");
  } catch (error) {
    if (question === asked) explain(error);
  }
}

async function start() {
  readAddress();
  dress();
  show("loading");
  try {
    const answer = await ask("/v1/months");
    known.months = answer.months;
    known.synthetic = answer.synthetic;
    readAddress();
    if (known.months.length) return draw();
    dress();
    return show("empty");
  } catch (/** @type {any} */ error) {
    // 404: no edition of boundaries has been published yet.
    return error.status === 404 ? show("empty") : explain(error);
  }
}

function change(what) {
  Object.assign(state, what);
  if (known.months.length) return draw();
  writeAddress();
  dress();
  return show(document.body.dataset.state);
}

function step(by) {
  const month = known.months[known.months.indexOf(state.month) + by];
  if (month) change({ month });
}

function save() {
  const { month, level } = state;
  const file = new Blob([csv(figures.map(named), words(), known.synthetic)], { type: "text/csv" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `coverage-${month}-level${level}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", () => change({
  month: form.elements.month.value,
  measure: form.elements.measure.value,
  level: Number(form.elements.level.value),
}));
find("#earlier").addEventListener("click", () => step(-1));
find("#later").addEventListener("click", () => step(1));
find("#language").addEventListener("click", () =>
  change({ language: state.language === "zh" ? "en" : "zh" }));
find("#print").addEventListener("click", () => frame.contentWindow.print());
find("#export").addEventListener("click", save);
find("#again").addEventListener("click", start);
addEventListener("popstate", () => { readAddress(); draw(); });
frame.addEventListener("load", () => {
  document.body.classList.remove("waiting");
  // The service answers a map that it cannot draw with a problem, not with a page.
  const kind = frame.contentDocument?.contentType;
  if (frame.contentWindow.location.href !== "about:blank" && kind && kind !== "text/html") {
    let detail = "";
    try { detail = JSON.parse(frame.contentDocument.body.textContent).detail; } catch { /* not JSON */ }
    show("failed", detail);
  }
});
start();
