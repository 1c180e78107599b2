// The map: geometry from one archive, figures joined to it by code.

import { clearance } from "./clearance.js";
import maplibregl from "./maplibre.js";
import { mapStyle, patterns } from "./style.js";

/**
 * @typedef {[number, number, number, number]} Box West, south, east, north.
 * @typedef {{longitude: number, latitude: number, code: string, building: string}} Pick
 * @typedef {object} Look How a grid is painted.
 * @property {string | null} colour Of its class; null where it has none.
 * @property {"value" | "none" | "secret"} kind A value; nothing known; known and not published.
 * @property {boolean} wide Whether its interval is so wide that the class means little.
 * @property {boolean} off Whether the legend hides it.
 * @typedef {Record<string, Look>} Paint By code.
 * @typedef {"redrawn" | "cold" | "hot"} Mark What a grid can be outlined for.
 * @typedef {{code: string, box: Box, canvas: HTMLCanvasElement}} Sheet A picture over a town.
 */

const SOURCE = "ground";
const LAYERS = { 1: "communities", 2: "grids" };
/** @type {Look} */
const BARE = { colour: null, kind: "value", wide: false, off: false };
// Layers of whoever draws on the map, by the beginning of their names: a new style keeps them.
const KEPT = "td-";

export class GridMap {
  /**
   * @param {HTMLElement} container
   * @param {object} options
   * @param {string} options.tiles Address of the archive.
   * @param {"light" | "dark"} options.theme
   * @param {string} options.language
   * @param {number} options.level
   * @param {Box} options.box What is shown at first.
   * @param {string} options.view As the state has it; before `box`.
   * @param {Record<string, string>} options.locale Words of MapLibre's own buttons.
   * @param {() => void} options.onStyle Called when grids can be coloured, again when a style is new.
   * @param {import("./style.js").Base | null} [options.base] A base map that the site switched on.
   * @param {boolean} [options.bare] Without buttons, and not for the hand: it follows another.
   */
  constructor(container, { box, view, locale, onStyle, bare = false, ...look }) {
    this.look = { heated: false, base: null, ...look };
    this.styled = false;
    this.waiting = false;
    this.chosen = "";
    this.hovered = "";
    /** @type {import("maplibre-gl").Marker[]} */
    this.flagged = [];
    /** @type {import("maplibre-gl").Marker | null} */
    this.marker = null;
    /** @type {Map<string, string>} */
    this.painted = new Map();
    /** @type {Record<string, Set<string>>} */
    this.outlined = {};
    /** @type {Sheet[]} */
    this.sheets = [];
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = new maplibregl.Map({
      container,
      style: this.style(),
      bounds: box,
      fitBoundsOptions: { padding: clearance(container) },
      ...camera(view),
      locale,
      attributionControl: false,
      maxZoom: 19,
      minZoom: 5,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: this.still ? 0 : 150,
      interactive: !bare,
      localIdeographFontFamily: getComputedStyle(container).fontFamily,
    });
    if (!bare) {
      this.map.touchZoomRotate.disableRotation();
      this.map.keyboard.disableRotation();
      this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
      this.map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-right");
      // Once more: the buttons lie on the map too.
      if (!view) this.map.fitBounds(box, { padding: clearance(container), duration: 0 });
    }
    this.map.on("style.load", () => {
      this.styled = true;
      for (const [name, image] of Object.entries(patterns(this.look.theme))) {
        if (!this.map.hasImage(name)) this.map.addImage(name, image);
      }
      this.painted.clear();
      this.outlined = {};
      if (this.waiting) this.restyled();
      this.waiting = false;
      this.choose(this.chosen);
      onStyle();
    });
    // For whoever must wait until everything in view is drawn.
    this.map.on("render", () => { container.dataset.drawn = "no"; });
    this.map.on("idle", () => { container.dataset.drawn = "yes"; });
  }

  style() {
    return mapStyle({ ...this.look, tiles: new URL(this.look.tiles, location.href).href });
  }

  restyled() {
    this.map.setStyle(this.style(), { transformStyle: kept });
    this.lay();
  }

  /**
   * Change the theme, language, level, tiles, base map, or whether a heat map takes the grids' place.
   * @param {Partial<GridMap["look"]>} part
   */
  restyle(part) {
    const next = { ...this.look, ...part };
    if (JSON.stringify(next) === JSON.stringify(this.look)) return;
    const turned = next.theme !== this.look.theme;
    const recut = next.tiles !== this.look.tiles || next.level !== this.look.level;
    if (recut) this.forget();
    this.look = next;
    // While a style is loading it cannot be changed: what is wanted now follows it.
    this.waiting = !this.styled;
    if (this.waiting) return;
    if (turned) {
      for (const [name, image] of Object.entries(patterns(next.theme))) this.map.updateImage(name, image);
    }
    this.restyled();
    if (recut) this.choose(this.chosen);
  }

  /**
   * Colour grids and towns; only what differs from before is touched.
   * @param {Paint} grids
   * @param {Paint} towns
   */
  paint(grids, towns) {
    if (!this.styled) return;
    this.paintLayer(LAYERS[this.look.level], grids);
    this.paintLayer("towns", towns);
  }

  paintLayer(sourceLayer, paint) {
    const before = [...this.painted.keys()].filter((key) => key.startsWith(`${sourceLayer}/`));
    const gone = before.map((key) => key.slice(sourceLayer.length + 1)).filter((code) => !paint[code]);
    for (const [code, look] of [...Object.entries(paint), ...gone.map((one) => /** @type {[string, Look]} */ ([one, BARE]))]) {
      const said = `${look.colour} ${look.kind} ${look.wide} ${look.off}`;
      const key = `${sourceLayer}/${code}`;
      if (this.painted.get(key) === said) continue;
      this.painted.set(key, said);
      this.map.setFeatureState({ source: SOURCE, sourceLayer, id: code }, look);
    }
  }

  /**
   * Outline grids, in place of those that were outlined for the same reason.
   * @param {Mark} mark
   * @param {Iterable<string>} codes
   */
  outline(mark, codes) {
    if (!this.styled) return;
    const sourceLayer = LAYERS[this.look.level];
    const before = this.outlined[mark] ?? new Set();
    const now = new Set(codes);
    for (const code of new Set([...before, ...now])) {
      if (before.has(code) === now.has(code)) continue;
      this.map.setFeatureState({ source: SOURCE, sourceLayer, id: code }, { [mark]: now.has(code) });
    }
    this.outlined[mark] = now;
  }

  /**
   * Lay pictures over the ground, in place of those before; a picture of the same town that is drawn
   * anew is only told of.
   * @param {Sheet[]} sheets
   */
  overlay(sheets) {
    const old = this.sheets;
    this.sheets = sheets;
    if (!this.styled) return;
    for (const { code } of old) {
      if (!sheets.some((sheet) => sheet.code === code)) this.lift(code);
    }
    this.lay();
  }

  lift(code) {
    const name = `heat-${code}`;
    if (this.map.getLayer(name)) this.map.removeLayer(name);
    if (this.map.getSource(name)) this.map.removeSource(name);
  }

  lay() {
    for (const { code, box: [west, south, east, north], canvas } of this.sheets) {
      const name = `heat-${code}`;
      const there = /** @type {import("maplibre-gl").CanvasSource | undefined} */ (this.map.getSource(name));
      if (there?.getCanvas() === canvas) {
        // Played for a moment, so that the picture is read again.
        there.play();
        there.pause();
        continue;
      }
      this.lift(code);
      this.map.addSource(name, { type: "canvas", canvas, animate: false,
        coordinates: [[west, north], [east, north], [east, south], [west, south]] });
      this.map.addLayer({ id: name, type: "raster", source: name,
        paint: { "raster-opacity": 0.86, "raster-fade-duration": 0 } }, "wide");
    }
    this.map.triggerRepaint();
  }

  /** Take all states back: codes of another level or edition may be the same. */
  forget() {
    this.painted.clear();
    this.outlined = {};
    if (!this.styled) return;
    for (const sourceLayer of ["grids", "communities", "towns"]) {
      this.map.removeFeatureState({ source: SOURCE, sourceLayer });
    }
  }

  /** @param {string} code Of the grid that is framed; "" for none. */
  choose(code) {
    this.mark(this.chosen, { chosen: false });
    this.chosen = code;
    this.mark(code, { chosen: true });
  }

  /** @param {string} code */
  hover(code) {
    if (code === this.hovered) return;
    this.mark(this.hovered, { hover: false });
    this.hovered = code;
    this.mark(code, { hover: true });
  }

  mark(code, state) {
    const sourceLayer = { 12: "communities", 15: "grids" }[code.length];
    if (!sourceLayer || !this.styled) return;
    this.map.setFeatureState({ source: SOURCE, sourceLayer, id: code }, state);
  }

  /**
   * Go to a box, or to a point at least as near as a compound.
   * @param {Box | [number, number]} where
   */
  go(where) {
    const options = { duration: this.still ? 0 : 700, maxZoom: 17 };
    if (where.length === 2) {
      const zoom = Math.max(this.map.getZoom(), 16);
      const { left, right, top, bottom } = clearance(this.map.getContainer());
      this.map.easeTo({ center: /** @type {[number, number]} */ (where), zoom, ...options,
        offset: [(left - right) / 2, (top - bottom) / 2] });
    } else {
      const around = clearance(this.map.getContainer());
      this.map.fitBounds(/** @type {Box} */ (where), { padding: around, ...options });
    }
  }

  /** @param {string} view As the state has it. */
  lookAt(view) {
    const { center, zoom } = camera(view);
    if (center) this.map.jumpTo({ center, zoom });
  }

  /** Give what is shown, as the state has it. */
  view() {
    const { lng, lat } = this.map.getCenter();
    return `${this.map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
  }

  /**
   * Put a mark at a point, or take it away.
   * @param {[number, number] | null} at
   */
  pin(at) {
    this.marker?.remove();
    if (!at) return;
    const element = document.createElement("div");
    element.className = "pin";
    element.append(document.createElement("i"));
    this.marker = this.marked(element, at, "bottom");
  }

  /**
   * Put lettered marks on the map, in place of those before; the page says in words what they mean.
   * @param {{at: [number, number], label: string}[]} marks
   */
  flags(marks) {
    for (const old of this.flagged) old.remove();
    this.flagged = marks.map(({ at, label }, index) => {
      const element = document.createElement("div");
      element.className = index ? "flag" : "flag first";
      element.textContent = label;
      return this.marked(element, at, "center");
    });
  }

  marked(element, at, anchor) {
    const marker = new maplibregl.Marker({ element, anchor }).setLngLat(at).addTo(this.map);
    element.removeAttribute("tabindex");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
    element.setAttribute("aria-hidden", "true");
    return marker;
  }

  /** Go where all points are in view. @param {[number, number][]} points */
  goAround(points) {
    if (points.length < 2) return points.length ? this.go(points[0]) : undefined;
    const bounds = new maplibregl.LngLatBounds();
    for (const point of points) bounds.extend(point);
    return this.map.fitBounds(bounds, { padding: 70, maxZoom: 16, duration: this.still ? 0 : 700 });
  }

  /**
   * Tell what lies at a place on the screen.
   * @param {import("maplibre-gl").PointLike} point
   * @returns {{code: string, town: string, building: string}}
   */
  under(point) {
    const asked = ["fill", "buildings"].filter((layer) => this.map.getLayer(layer));
    const found = this.map.queryRenderedFeatures(point, { layers: asked });
    const part = (layer, name) =>
      String(found.find((each) => each.layer.id === layer)?.properties[name] ?? "");
    const [x, y] = Array.isArray(point) ? point : [point.x, point.y];
    const around = [[x - 8, y - 8], [x + 8, y + 8]];
    const [town] = this.map.queryRenderedFeatures(
      /** @type {any} */ (around), { layers: ["towns"] });
    return {
      code: part("fill", "code"),
      town: String(town?.properties.code ?? ""),
      building: part("buildings", "name"),
    };
  }

  /** Give a copy of the picture that is shown. */
  picture() {
    // Drawn and copied in one turn: the drawing buffer is emptied afterwards.
    this.map.redraw();
    const shown = this.map.getCanvas();
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [shown.width, shown.height];
    copy.getContext("2d")?.drawImage(shown, 0, 0);
    return copy;
  }

  /** The map follows its box by itself; a hidden one must be told. */
  resize() {
    this.map.resize();
  }
}

function camera(view) {
  if (!view) return {};
  const [zoom, latitude, longitude] = view.split("/").map(Number);
  const center = /** @type {[number, number]} */ ([longitude, latitude]);
  return { center, zoom, bounds: undefined };
}

/** Keep what others drew on the map where the style is a new one. */
function kept(before, next) {
  const sources = Object.entries(before?.sources ?? {}).filter(([name]) => name.startsWith(KEPT));
  const layers = (before?.layers ?? []).filter(({ id }) => id.startsWith(KEPT));
  return { ...next, sources: { ...next.sources, ...Object.fromEntries(sources) },
    layers: [...next.layers, ...layers] };
}
