// The search box: what is typed becomes a place to go to. The keyboard stays in the box; the list
// follows it (the combobox pattern of the ARIA Authoring Practices).

import { ask } from "../api.js";
import { el, find } from "../dom.js";
import { PLACE, kindOf } from "../codes.js";

/**
 * @typedef {{kind: string, label: string, note: string, code: string | null,
 *   spot: [number, number] | null}} Hit
 */

const WAIT_MS = 120;
// What takes longer than this says that it is looking.
const SLOW_MS = 400;
const COORDINATES = /^\s*(-?\d{1,3}\.\d+)\s*[,，、\s]\s*(-?\d{1,3}\.\d+)\s*$/;

/**
 * Read two numbers as longitude and latitude; in China no longitude is below 60 and no latitude
 * above it, so that both orders are understood.
 * @param {string} text
 * @returns {[number, number] | null}
 */
export function coordinates(text) {
  const found = COORDINATES.exec(text);
  if (!found) return null;
  const [first, second] = [Number(found[1]), Number(found[2])];
  return first >= second ? [first, second] : [second, first];
}

export class Search {
  /**
   * @param {object} on
   * @param {(hit: Hit) => void} on.onHit
   * @param {(code: string) => string} on.nameOf Name of a code, or "" where there is none.
   * @param {(text: string) => {code: string, name: string}[]} on.called Towns and banner by a part
   *   of their names: the page knows them, the service's suggestions do not.
   */
  constructor({ onHit, nameOf, called }) {
    this.onHit = onHit;
    this.nameOf = nameOf;
    this.called = called;
    /** @type {Hit[]} */
    this.hits = [];
    this.active = -1;
    this.question = 0;
    /** @type {Record<string, any>} */
    this.words = {};
    this.box = find("#asked");
    this.list = find("#found");
    this.datum = find("#datum");
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.box.addEventListener("focus", () => this.hits.length && this.open());
    this.datum.addEventListener("change", () => this.look());
    find("#search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!find("#search").contains(event.target)) this.close();
    });
  }

  /** @param {Record<string, any>} words @param {string} language */
  render(words, language) {
    this.words = words;
    this.language = language;
    this.box.placeholder = words.search_hint;
    const kept = this.datum.value || "cgcs2000";
    this.datum.replaceChildren(...Object.entries(words.datums)
      .map(([value, text]) => el("option", { value }, text)));
    this.datum.value = kept;
  }

  typed() {
    clearTimeout(this.timer);
    this.datum.hidden = !coordinates(this.box.value);
    this.timer = setTimeout(() => this.look(), WAIT_MS);
  }

  async look() {
    const text = this.box.value.trim();
    const question = (this.question += 1);
    if (!text) return this.show([]);
    const current = () => question === this.question;
    const slow = setTimeout(() => current() && this.show([], text, this.words.searching), SLOW_MS);
    try {
      const hits = await this.hitsOf(text);
      if (current()) this.show(hits, text);
    } catch (/** @type {any} */ error) {
      if (current()) this.show([], text, error.message || this.words.unreached);
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {string} text @returns {Promise<Hit[]>} */
  async hitsOf(text) {
    const spot = coordinates(text);
    if (spot) return [await this.located(spot)];
    const code = text.toUpperCase();
    if (PLACE.test(code)) {
      const name = this.nameOf(code);
      if (name) return [{ kind: kindOf(code), label: name, note: code, code, spot: null }];
    }
    const { suggestions } = await ask("/v1/suggest", { q: text, limit: 8 });
    /** @type {Hit[]} */
    const near = this.called(text)
      .map(({ code, name }) => ({ kind: kindOf(code), label: name, note: code, code, spot: null }));
    if (!suggestions.length && !near.length && text.length >= 4) return this.geocoded(text);
    return [...near, ...suggestions.map(suggested)];
  }

  async located(spot) {
    const [longitude, latitude] = spot;
    const found = await ask("/v1/locate", { longitude, latitude, datum: this.datum.value });
    return {
      kind: "point",
      label: found.sentence,
      note: this.words.datums[this.datum.value],
      code: found.grid?.code ?? null,
      spot: /** @type {[number, number]} */ ([found.longitude, found.latitude]),
    };
  }

  /** @param {string} text @returns {Promise<Hit[]>} */
  async geocoded(text) {
    const found = await ask("/v1/geocode", { q: text });
    if (found.level === "none" || found.grid_code === null) return [];
    return [{
      kind: "address",
      label: found.sentence,
      note: found.grid_code,
      code: found.grid_code,
      spot: found.longitude === null ? null : [found.longitude, found.latitude],
    }];
  }

  show(hits, text = "", problem = "") {
    this.hits = hits;
    this.active = hits.length ? 0 : -1;
    const none = problem || this.words.search_none;
    this.list.replaceChildren(...hits.map((hit, index) => el("li", {
      role: "option", id: `hit-${index}`, "aria-selected": String(index === this.active),
      onpointerdown: (event) => { event.preventDefault(); this.take(index); },
    }, el("span", { class: "kind" }, this.words.kinds[hit.kind] ?? ""),
    el("span", { class: "label" }, hit.label), el("small", {}, hit.note))),
    ...(text && !hits.length ? [el("li", { class: "none", role: "option", "aria-disabled": "true" }, none)] : []));
    find("#count").textContent = text ? (hits.length ? this.words.search_found(hits.length) : none) : "";
    if (text) this.open();
    else this.close();
  }

  open() {
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    this.point();
  }

  close() {
    this.list.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
  }

  point() {
    [...this.list.querySelectorAll("[role=option]")].forEach((option, index) =>
      option.setAttribute("aria-selected", String(index === this.active)));
    if (this.active < 0) return this.box.removeAttribute("aria-activedescendant");
    this.box.setAttribute("aria-activedescendant", `hit-${this.active}`);
    this.list.querySelector(`#hit-${this.active}`)?.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      event.preventDefault();
      this.active = (this.active + step + this.hits.length) % this.hits.length;
      this.open();
    } else if (event.key === "Escape") {
      if (this.list.hidden) this.box.value = "";
      this.close();
    }
  }

  /** Enter takes what is marked; before the list is there it waits for it. */
  async enter() {
    clearTimeout(this.timer);
    if (this.list.hidden || !this.hits.length) await this.look();
    if (this.hits.length) return this.take(Math.max(0, this.active));
    const text = this.box.value.trim();
    if (!text) return;
    const hits = await this.geocoded(text).catch(() => []);
    this.show(hits, text);
    if (hits.length) this.take(0);
  }

  take(index) {
    const hit = this.hits[index];
    this.close();
    this.onHit(hit);
  }
}

/**
 * Make a hit of what the service suggests: a community is gone to by its own code.
 * @param {any} one
 * @returns {Hit}
 */
export const suggested = (one) => ({
  kind: one.kind,
  label: one.label,
  note: one.grid_code ?? "",
  code: one.kind === "community" ? one.code : one.grid_code,
  spot: one.longitude === null ? null : [one.longitude, one.latitude],
});
