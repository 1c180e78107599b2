// The stage: the map with its choices and the hint beside the pointer.

import { el, find, tell } from "../dom.js";
import { GridMap } from "./map.js";

// What the reader of archives says where the service no longer has one.
export const GONE = /Bad response code: 4(04|10)/;

export class Stage {
  /**
   * @param {object} on
   * @param {import("../state.js").Store} on.store
   * @param {() => Record<string, any>} on.words
   * @param {() => "light" | "dark"} on.theme
   * @param {string} on.tiles
   * @param {() => import("./style.js").Base | null} on.base A base map that the site offers.
   * @param {import("./map.js").Box} on.box
   * @param {() => void} on.onStyle
   * @param {() => void} on.onGone The archive is not kept any longer.
   * @param {(pick: {code: string, town: string, spot: string}) => void} on.onPick
   * @param {(code: string) => {name: string, value: string} | null} on.describe
   */
  constructor({ store, words, theme, tiles, base, box, onStyle, onGone, onPick, describe }) {
    this.offered = base;
    this.store = store;
    this.words = words;
    this.onPick = onPick;
    this.describe = describe;
    this.building = "";
    const { view, language, level } = store.state;
    this.map = new GridMap(find("#map"), {
      tiles, theme: theme(), language, level, box, view, locale: this.locale(), onStyle,
      base: this.base(),
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
    this.printing();
    this.sketching();
    find("#ground").addEventListener("click", () =>
      store.set({ ground: store.state.ground === "own" ? "" : "own" }, { step: true }));
  }

  /** The planner's pencil: its library is fetched when somebody takes it up. */
  sketching() {
    const button = find("#sketch-open");
    /** @type {import("./sketch.js").Sketch | null} */
    this.sketch = null;
    this.drawing = false;
    button.addEventListener("click", async () => {
      this.drawing = !this.drawing;
      button.setAttribute("aria-pressed", String(this.drawing));
      if (!this.drawing) {
        this.sketch?.close();
        button.focus();
        return;
      }
      this.point(null);
      // Written with `then`, so that the page does not ask for it beforehand.
      try {
        this.sketch ??= await import("./sketch.js").then(({ Sketch }) => new Sketch(this.map));
        if (this.drawing) this.sketch?.open();
      } catch (error) {
        console.info(error);
        this.drawing = false;
        button.setAttribute("aria-pressed", "false");
        tell(this.words().unreached);
      }
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
    if (this.drawing) return;
    const { code, town, building } = this.map.under(point);
    const { lng, lat } = this.map.map.unproject(point);
    this.building = building;
    if (code || town) this.onPick({ code, town, spot: `${lng.toFixed(6)},${lat.toFixed(6)}` });
  }

  point(at) {
    const hint = find("#hint");
    const code = at && !this.drawing ? this.map.under(at).code || this.map.under(at).town : "";
    this.map.hover(code);
    if (!this.drawing) this.map.map.getCanvas().style.cursor = code ? "pointer" : "";
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

  /** @param {Set<string>} changed */
  render(changed) {
    const { place, spot, view } = this.store.state;
    if (changed.has("language")) this.rename();
    this.map.choose(place.length >= 12 ? place : "");
    this.map.pin(spot ? /** @type {[number, number]} */ (spot.split(",").map(Number)) : null);
    if (changed.has("view") && view && view !== this.map.view()) this.map.lookAt(view);
  }

  rename() {
    const { zoom_in, zoom_out, map_help, sketch_title, ground } = this.words();
    find("#sketch-open").title = sketch_title;
    find("#ground").title = ground;
    for (const [kind, text] of [["in", zoom_in], ["out", zoom_out]]) {
      const button = find(`.maplibregl-ctrl-zoom-${kind}`);
      button.title = text;
      button.setAttribute("aria-label", text);
    }
    this.map.map.getCanvas().setAttribute("aria-label", map_help);
    if (this.drawing) this.sketch?.dress();
  }

  /** The base map that the site has switched on, unless the reader wants our own ground. */
  base() {
    const base = this.offered();
    const on = base && this.store.state.ground !== "own";
    const button = find("#ground");
    button.hidden = !base;
    button.setAttribute("aria-pressed", String(Boolean(on)));
    find("#base-credits").textContent = on ? ` · ${this.words().ground}: ${base.attribution}` : "";
    return on ? base : null;
  }
}
