// The map: geometry from one archive, figures joined to it by code.

import maplibregl from "./maplibre.js";
import { hatch, mapStyle } from "./mapstyle.js";

/**
 * @typedef {[number, number, number, number]} Box West, south, east, north.
 * @typedef {{longitude: number, latitude: number, code: string, building: string}} Pick
 * @typedef {Record<string, {colour: string, hidden: boolean}>} Paint
 */

const SOURCE = "ground";
const LAYERS = { 1: "communities", 2: "grids" };

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
   * @param {string[]} [options.empty] Codes of grids without a value.
   * @param {boolean} [options.bare] Without buttons, and not for the hand: it follows another.
   */
  constructor(container, { box, view, locale, onStyle, bare = false, ...look }) {
    this.look = { empty: /** @type {string[]} */ ([]), ...look };
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
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = new maplibregl.Map({
      container,
      style: this.style(),
      bounds: box,
      fitBoundsOptions: { padding: padding(container) },
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
    }
    this.map.on("style.load", () => {
      this.styled = true;
      if (!this.map.hasImage("hatch")) this.map.addImage("hatch", hatch(this.look.theme));
      this.painted.clear();
      if (this.waiting) this.map.setStyle(this.style());
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

  /**
   * Change the theme, language, level, tiles or the grids without a value.
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
    if (turned) this.map.updateImage("hatch", hatch(next.theme));
    this.map.setStyle(this.style());
    if (recut) this.choose(this.chosen);
  }

  /**
   * Colour grids and towns; only what differs from before is touched.
   * @param {Paint} grids
   * @param {Paint} towns
   */
  paint(grids, towns) {
    if (!this.styled) return;
    const layer = LAYERS[this.look.level];
    for (const [sourceLayer, paint] of [[layer, grids], ["towns", towns]]) {
      for (const [code, { colour, hidden }] of Object.entries(/** @type {Paint} */ (paint))) {
        const said = `${colour}${hidden}`;
        if (this.painted.get(`${sourceLayer}/${code}`) === said) continue;
        this.painted.set(`${sourceLayer}/${code}`, said);
        this.map.setFeatureState(
          { source: SOURCE, sourceLayer: /** @type {string} */ (sourceLayer), id: code },
          { colour, hidden });
      }
    }
  }

  /** Take all states back: codes of another level or edition may be the same. */
  forget() {
    this.painted.clear();
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
      this.map.easeTo({ center: /** @type {[number, number]} */ (where), zoom, ...options });
    } else {
      const around = padding(this.map.getContainer());
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
    const found = this.map.queryRenderedFeatures(point, { layers: ["fill", "buildings"] });
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

function padding(container) {
  const { clientWidth: wide, clientHeight: high } = container;
  return wide < 600
    ? { top: 30, bottom: 40, left: 24, right: 24 }
    : { top: 40, bottom: Math.min(90, high / 6), left: wide > 700 ? 262 : 24, right: 60 };
}
