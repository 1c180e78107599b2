// How the map looks: our own calm ground, drawn from one archive, in a light and a dark room; or
// the base map that a site has switched on, below the same grids.

/**
 * @typedef {import("maplibre-gl").StyleSpecification} StyleSpecification
 * @typedef {object} Base A base map of somebody else's.
 * @property {string[]} ground Addresses of its tiles, with {z}, {x}, {y}.
 * @property {string[]} names The same of its labels.
 * @property {string} attribution
 */

const INKS = {
  light: {
    around: "#e9e6de", ground: "#f4f1ea", green: "#e3e8d3", water: "#d5e2e8", site: "#ebe6da",
    street: "#ffffff", casing: "#d8d2c4", building: "#6f675a", roof: "rgba(70, 62, 48, 0.2)",
    none: "#e6e2d8", line: "#ffffff", community: "#3d474c", border: "#8b8371", text: "#1e2427",
    soft: "#5d5648", halo: "rgba(251, 249, 245, 0.9)", chosen: "#b3261e", hover: "#1e2427",
    cold: "#5b2a9d", hot: "#b8400a",
  },
  dark: {
    around: "#14181a", ground: "#1c2123", green: "#202a22", water: "#1b2a33", site: "#23282a",
    street: "#353d40", casing: "#14181a", building: "#aab2b0", roof: "rgba(0, 0, 0, 0.28)",
    none: "#2b3133", line: "#14181a", community: "#e8e4da", border: "#8a8678", text: "#f3f0e8",
    soft: "#b9b4a6", halo: "rgba(15, 18, 19, 0.85)", chosen: "#ffb300", hover: "#ffffff",
    cold: "#d3b5ff", hot: "#ff9f68",
  },
};
// A generic family: MapLibre draws each sign by the browser where a style names no server of fonts.
const FONT = ["sans-serif"];
const FILLED = 0.9;
// Over somebody else's base map its streets must shine through.
const FILLED_OVER_BASE = 0.62;
const HIDDEN = 0.12;

const state = (name) => ["feature-state", name];
const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

/**
 * Give the style.
 *
 * What changes with the month (colours, what is not known, not published, uncertain, outlined) is
 * the state of features: no tile is laid out anew for it. A pattern cannot be a state, but how
 * opaque it is can.
 * @param {{tiles: string, theme: "light" | "dark", language: string, level: number,
 *   heated: boolean, base: Base | null}} options `heated`: a heat map lies in the grids' place.
 * @returns {StyleSpecification}
 */
export function mapStyle({ tiles, theme, language, level, heated, base }) {
  const ink = INKS[theme];
  const name = language === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
  const text = (size, weight = 1.4) => ({
    layout: { "text-field": name, "text-font": FONT, "text-size": size, "text-max-width": 8,
      "text-padding": 4 },
    paint: { "text-color": ink.text, "text-halo-color": ink.halo, "text-halo-width": weight },
  });
  const filled = { 1: "communities", 2: "grids" }[level];
  const ground = { source: "ground" };
  return /** @type {any} */ ({
    version: 8,
    sources: {
      ground: {
        type: "vector",
        url: `pmtiles://${tiles}`,
        promoteId: { grids: "code", communities: "code", towns: "code" },
      },
      ...(base ? { base: raster(base.ground), "base-names": raster(base.names) } : {}),
    },
    layers: [
      { id: "around", type: "background", paint: { "background-color": ink.around } },
      ...(base ? [rasterLayer("base", theme)] : groundLayers(ink)),
      ...fillLayers(filled, ink, { heated, opacity: base ? FILLED_OVER_BASE : FILLED }),
      ...(base ? [rasterLayer("base-names", theme)] : [roofs(ink)]),
      ...lineLayers(ink, filled).filter(({ id }) => !base || !id.endsWith("streets")),
      ...labelLayers(ink, text).filter(({ id }) => !base || !OF_GROUND.includes(id)),
    ].map((layer) => (layer.type === "background" ? layer : { ...ground, ...layer })),
  });
}

// Names that a base map has of its own.
const OF_GROUND = ["street-names", "place-names", "building-names"];

// Drawn for a light room: in a dark one it must not glare.
const rasterLayer = (id, theme) => ({ id, type: "raster", source: id,
  paint: theme === "dark" ? { "raster-brightness-max": 0.5, "raster-saturation": -0.5 } : {} });

const raster = (tiles) => ({ type: "raster", tiles, tileSize: 256, maxzoom: 18 });

function groundLayers(ink) {
  const area = (id, kinds, colour) => ({
    id, type: "fill", "source-layer": "places", filter: ["in", ["get", "kind"], ["literal", kinds]],
    paint: { "fill-color": colour },
  });
  return [
    { id: "banner", type: "fill", "source-layer": "banner", maxzoom: 10.5,
      paint: { "fill-color": ink.ground, "fill-opacity": zoomed(9, 1, 10.5, 0) } },
    area("parks", ["park", "square"], ink.green),
    area("water", ["water", "lake", "river"], ink.water),
  ];
}

function roofs(ink) {
  return { id: "buildings", type: "fill", "source-layer": "buildings", minzoom: 14,
    paint: { "fill-color": ink.roof, "fill-outline-color": ink.building,
      "fill-opacity": zoomed(14, 0, 15, 0.9) } };
}

function fillLayers(filled, ink, { heated, opacity }) {
  // Seen through, not left out: what lies under the pointer is asked of this layer.
  const most = heated ? 0 : opacity;
  const off = ["boolean", state("off"), false];
  const patterned = (id, shown) => ({
    id, type: "fill", "source-layer": filled,
    paint: { "fill-pattern": id, "fill-opacity": ["case", off, 0, shown, most, 0] },
  });
  return [
    { id: "fill", type: "fill", "source-layer": filled,
      paint: {
        "fill-color": ["case", ["!=", state("colour"), null],
          ["to-color", state("colour"), ink.none], ink.none],
        "fill-opacity": ["case", off, Math.min(HIDDEN, most), most],
      } },
    patterned("none", ["==", state("kind"), "none"]),
    patterned("secret", ["==", state("kind"), "secret"]),
    patterned("wide", ["boolean", state("wide"), false]),
  ];
}

function lineLayers(ink, filled) {
  const line = (id, layer, colour, width, more = {}) => ({
    id, type: "line", "source-layer": layer, ...more,
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  const chosen = ["case", ["boolean", state("chosen"), false], 3.5,
    ["boolean", state("hover"), false], 2, 0];
  const outlined = (id, colour, width, more = {}) => ({
    id, type: "line", "source-layer": filled, layout: { "line-join": "round", ...more.layout },
    paint: { "line-color": colour,
      "line-width": ["case", ["boolean", state(id.split("-")[0]), false], width, 0], ...more.paint },
  });
  return [
    line("casing-streets", "streets", ink.casing, zoomed(12, 1.2, 15, 4.5, 18, 16), { minzoom: 12 }),
    line("streets", "streets", ink.street, zoomed(12, 0.6, 15, 3, 18, 13), { minzoom: 12 }),
    ...(filled === "grids"
      ? [line("grids", "grids", ink.line, zoomed(11, 0.3, 14, 1, 17, 2.4))]
      : []),
    line("communities", "communities", ink.community, zoomed(9, 0.4, 13, 1.3, 17, 2.6)),
    line("border", "border", ink.border, zoomed(6, 1, 12, 2)),
    outlined("redrawn", ink.hover, 2.6, { paint: { "line-dasharray": [1.2, 1.6] } }),
    outlined("cold-halo", ink.halo, 7),
    outlined("cold", ink.cold, 4, { paint: { "line-dasharray": [2, 0.9] } }),
    outlined("hot-halo", ink.halo, 7),
    outlined("hot", ink.hot, 4),
    ...["communities", "grids"].map((layer) => ({
      ...line(`chosen-${layer}`, layer, ink.chosen, chosen),
      paint: {
        "line-color": ["case", ["boolean", state("chosen"), false], ink.chosen, ink.hover],
        "line-width": chosen,
      },
    })),
  ];
}

function labelLayers(ink, text) {
  const label = (id, layer, size, more) => ({
    id, type: "symbol", "source-layer": layer, ...text(size), ...more,
  });
  const soft = { "text-color": ink.soft, "text-halo-color": ink.halo, "text-halo-width": 1.2 };
  const of = (level) => ["==", ["get", "level"], level];
  const streets = text(12);
  return [
    { id: "towns", type: "circle", "source-layer": "towns", maxzoom: 12,
      paint: {
        "circle-radius": zoomed(6, 5, 11, 11),
        "circle-color": ["case", ["!=", state("colour"), null],
          ["to-color", state("colour"), ink.none], ink.none],
        "circle-stroke-color": ink.text, "circle-stroke-width": 1.5,
      } },
    { id: "street-names", type: "symbol", "source-layer": "streets", minzoom: 14.5,
      layout: { ...streets.layout, "symbol-placement": "line", "text-letter-spacing": 0.1 },
      paint: soft },
    { ...label("place-names", "places", 11, { minzoom: 16.2 }), paint: soft },
    { ...label("building-names", "buildings", 10.5, { minzoom: 16.6 }), paint: soft },
    label("grid-names", "labels", zoomed(13.5, 11, 16, 14), { minzoom: 13.9, filter: of(2) }),
    label("community-names", "labels", zoomed(12, 13, 15, 17),
      { minzoom: 12, maxzoom: 15.2, filter: of(1) }),
    { ...label("town-names", "towns", 14, { maxzoom: 12.5 }),
      layout: { ...text(14).layout, "text-offset": [0, 1.1], "text-anchor": "top" } },
  ];
}

const SIDE = 16;

/**
 * Draw the patterns that say what a colour cannot: `none` (nothing arrived) is hatched ground,
 * `secret` (too few households to be published) dotted ground, `wide` (a wide interval) white lines
 * over the colour, which stays what it is.
 * @param {"light" | "dark"} theme
 * @returns {Record<string, ImageData>}
 */
export function patterns(theme) {
  const ink = theme === "light" ? "#a39b89" : "#8b9294";
  const strokes = (pen, colour, width, { shift = 0, every = SIDE / 2 } = {}) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    for (let start = -SIDE; start <= SIDE; start += every) {
      pen.moveTo(start + shift, SIDE);
      pen.lineTo(start + shift + SIDE, 0);
    }
    pen.stroke();
  };
  return {
    none: pattern(INKS[theme].none, (pen) => strokes(pen, ink, 1.5)),
    secret: pattern(INKS[theme].none, (pen) => {
      pen.fillStyle = theme === "light" ? "#857c69" : "#8b9294";
      for (const [x, y] of [[4, 4], [12, 12]]) {
        pen.beginPath();
        pen.arc(x, y, 1.7, 0, 2 * Math.PI);
        pen.fill();
      }
    }),
    // A dark edge beside the white: it must be seen on the palest class too.
    wide: pattern("", (pen) => {
      strokes(pen, "rgba(30, 36, 39, 0.35)", 1, { every: SIDE, shift: 1.5 });
      strokes(pen, "rgba(255, 255, 255, 0.85)", 1.6, { every: SIDE });
    }),
  };
}

function pattern(ground, drawn) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (ground) {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, SIDE, SIDE);
  }
  drawn(pen);
  return pen.getImageData(0, 0, SIDE, SIDE);
}
