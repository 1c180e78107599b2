// A planner's pencil: lines and areas on the map, measured, with the compounds that lie in them.
// Nothing of it leaves the machine but the file that the reader saves; a draft of new borders is
// something else, which the service checks.

import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { pages } from "../api.js";
import { el, find, keep, tell } from "../dom.js";
import { areaOf, hectares, inside, lengthOf, metres, middleOf } from "./gauss.js";
import { grouped } from "../measures.js";
import { figures, known, month, words } from "../page.js";

const MOST = 20_000;
const DIGITS = 7;
const INK = /** @type {const} */ ("#b3261e");

/** @typedef {import("./gauss.js").Point} Point */
/** @typedef {{codes: string[], households: number, hidden: number}} Within */

export class Sketch {
  /** @param {import("./map.js").GridMap} grids */
  constructor(grids) {
    this.map = grids.map;
    this.lines = new TerraDrawLineStringMode({ styles: { lineStringColor: INK, lineStringWidth: 3 } });
    this.areas = new TerraDrawPolygonMode({
      styles: { fillColor: INK, fillOpacity: 0.14, outlineColor: INK, outlineWidth: 3 },
    });
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.map, coordinatePrecision: DIGITS + 2 }),
      modes: [this.lines, this.areas],
    });
    /** @type {Map<string | number, Within>} */
    this.within = new Map();
    this.kind = "polygon";
    this.draw.on("change", () => this.tell());
    this.draw.on("finish", (id) => void this.count(id));
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== " " || !this.draw.enabled) return;
      event.preventDefault();
      this.add();
    });
  }

  open() {
    this.draw.start();
    find("#sketch").hidden = false;
    find(".stage").classList.add("sketching");
    this.choose(this.kind);
  }

  close() {
    this.draw.stop();
    this.within.clear();
    find("#sketch").hidden = true;
    find(".stage").classList.remove("sketching");
  }

  /** @param {string} kind linestring or polygon. */
  choose(kind) {
    // A button of a panel that was closed meanwhile does nothing.
    if (!this.draw.enabled) return;
    this.kind = kind;
    this.draw.setMode(kind);
    this.dress();
  }

  get mode() {
    return this.kind === "polygon" ? this.areas : this.lines;
  }

  /** Add a corner at the middle of the map: what a keyboard or a thumb can reach. */
  add() {
    if (!this.draw.enabled) return;
    const { lng, lat } = this.map.getCenter();
    const { x, y } = this.map.project([lng, lat]);
    const event = /** @type {const} */ ({ lng, lat, containerX: x, containerY: y, button: "left",
      heldKeys: [], isContextMenu: false });
    this.mode.onMouseMove(/** @type {any} */ (event));
    this.mode.onClick(/** @type {any} */ (event));
    this.tell();
  }

  done() {
    if (!this.draw.enabled) return;
    this.mode.onKeyUp({ key: "Enter", heldKeys: [], preventDefault: () => {} });
  }

  clear() {
    if (!this.draw.enabled) return;
    this.draw.clear();
    this.within.clear();
    this.tell();
  }

  /** What is drawn whole, without the corners that are still on their way. */
  features() {
    return this.draw.getSnapshot()
      .filter(({ geometry, properties }) => geometry.type !== "Point" && !properties.currentlyDrawing);
  }

  /** Count what lies in an area, by the figures that are published. */
  async count(id) {
    const found = this.draw.getSnapshotFeature(id);
    if (!found || found.geometry.type !== "Polygon") return this.tell();
    const [ring] = /** @type {Point[][]} */ (found.geometry.coordinates);
    const [x, y] = [ring.map((point) => point[0]), ring.map((point) => point[1])];
    const bbox = [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)]
      .map((one) => one.toFixed(DIGITS)).join(",");
    try {
      const [{ rows }, here] = await Promise.all([
        pages("/v1/grids", { level: 2, bbox }, "features", MOST), registered(),
      ]);
      const codes = rows.filter(({ geometry }) => inside(middle(geometry), ring))
        .map(({ properties }) => properties.code);
      const counted = codes.map((code) => here.get(code)?.registered ?? null);
      this.within.set(id, {
        codes, households: counted.reduce((sum, one) => sum + (one ?? 0), 0),
        hidden: counted.filter((one) => one === null).length,
      });
      return this.tell();
    } catch (/** @type {any} */ error) {
      return tell(error.message || words().unreached);
    }
  }

  dress() {
    const said = words();
    const button = (text, action, more = {}) =>
      el("button", { type: "button", onclick: action, ...more }, text);
    const kind = (name, text) => button(text, () => this.choose(name), {
      "aria-pressed": String(this.kind === name), "data-kind": name });
    find("#sketch").replaceChildren(
      el("h2", {}, said.sketch_title, button(said.sketch_close, () => find("#sketch-open").click(), { class: "quiet" })),
      el("div", { class: "kinds" }, kind("polygon", said.sketch_area), kind("linestring", said.sketch_line)),
      el("div", { class: "kinds" }, button(said.sketch_point, () => this.add(), { id: "sketch-point" }),
        button(said.sketch_done, () => this.done(), { id: "sketch-done" })),
      el("div", { role: "status", "aria-live": "polite" }, el("ul", { id: "sketched" })),
      el("p", { class: "soft" }, said.sketch_help),
      el("div", { class: "kinds" },
        button(said.sketch_clear, () => this.clear(), { id: "sketch-clear" }),
        button(said.sketch_save, () => this.save(), { id: "sketch-save" })),
    );
    this.tell();
  }

  /** Say what is drawn. */
  tell() {
    const list = find("#sketched");
    if (!list) return;
    const shown = this.features();
    list.replaceChildren(...(shown.length
      ? shown.map((feature) => el("li", {}, ...this.sentences(feature).map((one) => el("span", {}, one))))
      : [el("li", { class: "soft" }, words().sketch_none)]));
    find("#sketch-save").disabled = !shown.length;
    find("#sketch-clear").disabled = !this.draw.getSnapshot().length;
  }

  /** @param {any} feature */
  sentences({ id, geometry }) {
    const said = words();
    if (geometry.type === "LineString") return [said.sketch_length(metres(lengthOf(geometry.coordinates)))];
    const [ring] = geometry.coordinates;
    const size = said.sketch_area_of(hectares(Math.abs(areaOf(ring))), metres(lengthOf(ring)));
    const within = this.within.get(id);
    if (!within) return [size, said.sketch_counting];
    return [size, said.sketch_grids(within.codes.length), said.sketch_households(grouped(within.households)),
      ...(within.hidden ? [said.sketch_hidden(within.hidden)] : [])];
  }

  save() {
    const features = this.features().map(({ id, geometry }) => {
      const within = this.within.get(/** @type {string} */ (id));
      const line = geometry.type === "LineString";
      const ring = /** @type {Point[]} */ (line ? geometry.coordinates : geometry.coordinates[0]);
      const measured = line ? { length_m: lengthOf(ring) }
        : { area_m2: Math.abs(areaOf(ring)), perimeter_m: lengthOf(ring) };
      const turned = !line && areaOf(ring) < 0 ? ring.toReversed() : ring;
      const rounded = turned.map((point) => point.map((one) => Number(one.toFixed(DIGITS))));
      return {
        type: "Feature",
        properties: {
          ...Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, Math.round(value * 10) / 10])),
          ...(within ? { grids: within.codes, registered: within.households, unpublished: within.hidden, month: month() } : {}),
        },
        geometry: { type: geometry.type, coordinates: line ? rounded : [rounded] },
      };
    });
    const { synthetic, attribution, edition } = known.tiles;
    const content = { type: "FeatureCollection",
      crs: { type: "name", properties: { name: "urn:ogc:def:crs:EPSG::4490" } },
      synthetic, attribution, edition, features };
    keep(new Blob([JSON.stringify(content, null, 1)], { type: "application/geo+json" }),
      `${words().sketch_file}-${new Date().toISOString().slice(0, 10)}.geojson`);
  }
}

/** Figures by compound with the households of each; asked again where they change meanwhile. */
async function registered() {
  /** @type {Awaited<ReturnType<typeof figures.fetch>>} */
  let found = null;
  while (!found) found = await figures.fetch(month(), 2, ["registered"]);
  return found;
}

/** Middle of a grid: of its largest part. @returns {Point} */
function middle({ type, coordinates }) {
  const rings = type === "Polygon" ? [coordinates[0]] : coordinates.map((part) => part[0]);
  const [largest] = rings.toSorted((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)));
  return middleOf(largest);
}
