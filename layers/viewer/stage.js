// The stage: the map with its choices, the hint beside the pointer, the heat map in a frame.

import { el, find } from "./dom.js";
import { GridMap } from "./map.js";

// What the reader of archives says where the service no longer has one.
const GONE = /Bad response code: 4(04|10)/;

export class Stage {
  /**
   * @param {object} on
   * @param {import("./state.js").Store} on.store
   * @param {() => Record<string, any>} on.words
   * @param {() => "light" | "dark"} on.theme
   * @param {string} on.tiles
   * @param {import("./map.js").Box} on.box
   * @param {() => void} on.onStyle
   * @param {() => void} on.onGone The archive is not kept any longer.
   * @param {(pick: {code: string, town: string, spot: string}) => void} on.onPick
   * @param {(code: string) => {name: string, value: string} | null} on.describe
   */
  constructor({ store, words, theme, tiles, box, onStyle, onGone, onPick, describe }) {
    this.store = store;
    this.words = words;
    this.onPick = onPick;
    this.describe = describe;
    this.building = "";
    const { view, language, level } = store.state;
    this.map = new GridMap(find("#map"), {
      tiles, theme: theme(), language, level, box, view, locale: this.locale(), onStyle,
    });
    const { map } = this.map;
    map.on("click", (event) => this.pick(event.point));
    map.on("mousemove", (event) => this.point(event.point));
    map.on("mouseout", () => this.point(null));
    map.on("moveend", () => store.set({ view: this.map.view() }));
    map.on("error", ({ error }) => (GONE.test(error.message) ? onGone() : console.info(error.message)));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.pick(map.project(map.getCenter()));
    });
    this.choices();
    this.printing();
  }

  choices() {
    const form = find("#choices");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.measure.addEventListener("change", (event) =>
      this.store.set({ measure: event.target.value, hidden: "" }, { step: true }));
    form.addEventListener("change", (event) => {
      if (event.target.name !== "level") return;
      const level = Number(event.target.value);
      const { place } = this.store.state;
      const kept = level === 1 ? place.slice(0, 12) : place;
      this.store.set({ level, place: kept }, { step: true });
    });
  }

  /** A drawing buffer is empty on paper: print a picture of it. */
  printing() {
    const printed = el("img", { id: "printed", alt: "", hidden: true });
    find("#map").append(printed);
    addEventListener("beforeprint", () => {
      printed.src = this.map.picture().toDataURL();
      printed.hidden = false;
    });
    addEventListener("afterprint", () => { printed.hidden = true; });
  }

  locale() {
    const { zoom_in, zoom_out, map_help } = this.words();
    return {
      "NavigationControl.ZoomIn": zoom_in,
      "NavigationControl.ZoomOut": zoom_out,
      "Map.Title": map_help,
    };
  }

  pick(point) {
    const { code, town, building } = this.map.under(point);
    const { lng, lat } = this.map.map.unproject(point);
    this.building = building;
    if (code || town) this.onPick({ code, town, spot: `${lng.toFixed(6)},${lat.toFixed(6)}` });
  }

  point(at) {
    const hint = find("#hint");
    const code = at ? this.map.under(at).code || this.map.under(at).town : "";
    this.map.hover(code);
    this.map.map.getCanvas().style.cursor = code ? "pointer" : "";
    const said = code && this.describe(code);
    hint.hidden = !said;
    if (!said) return;
    hint.replaceChildren(el("b", {}, said.name), said.value);
    hint.style.setProperty("--x", `${at.x}px`);
    hint.style.setProperty("--y", `${at.y}px`);
    hint.classList.toggle("left", at.x > hint.parentElement.clientWidth - 220);
  }

  /** @param {Partial<GridMap["look"]>} part */
  look(part) {
    const { language, level } = this.store.state;
    this.map.restyle({ language, level, ...part });
  }

  /** Name the two sides of a comparison, or none. @param {string[]} names */
  sides(names) {
    for (const old of document.querySelectorAll(".side")) old.remove();
    names.forEach((name, index) =>
      find(".stage").append(el("span", { class: `side ${index ? "right" : "left"}` }, name)));
  }

  /** @param {{changed: Set<string>, month: string}} what */
  render({ changed, month }) {
    const { measure, level, place, spot, view, language } = this.store.state;
    if (changed.has("language")) this.rename();
    const form = find("#choices");
    form.elements.measure.value = measure || form.elements.measure.options[0]?.value;
    form.elements.level.value = String(level);
    this.map.choose(place.length >= 12 ? place : "");
    this.map.pin(spot ? /** @type {[number, number]} */ (spot.split(",").map(Number)) : null);
    if (changed.has("view") && view && view !== this.map.view()) this.map.lookAt(view);
    this.heat(measure === "visits", month, language);
  }

  rename() {
    const { zoom_in, zoom_out, map_help, visits } = this.words();
    for (const [kind, text] of [["in", zoom_in], ["out", zoom_out]]) {
      const button = find(`.maplibregl-ctrl-zoom-${kind}`);
      button.title = text;
      button.setAttribute("aria-label", text);
    }
    this.map.map.getCanvas().setAttribute("aria-label", map_help);
    find("#heat").title = visits;
  }

  heat(on, month, language) {
    const frame = find("#heat");
    const query = new URLSearchParams({ month, language });
    const wanted = on ? `/v1/maps/visits?${query}` : "about:blank";
    frame.hidden = !on;
    find(".stage").classList.toggle("framed", on);
    if (frame.dataset.shown === wanted || (!on && !frame.dataset.shown)) return;
    frame.dataset.shown = wanted;
    frame.contentWindow.location.replace(wanted);
  }
}
