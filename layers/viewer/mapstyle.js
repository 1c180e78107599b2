// How the map looks: our own calm ground, drawn from one archive, in a light and a dark room.

/** @typedef {import("maplibre-gl").StyleSpecification} StyleSpecification */

const INKS = {
  light: {
    around: "#e9e6de", ground: "#f4f1ea", green: "#e3e8d3", water: "#d5e2e8", site: "#ebe6da",
    street: "#ffffff", casing: "#d8d2c4", building: "#6f675a", roof: "rgba(70, 62, 48, 0.2)",
    none: "#e6e2d8", line: "#ffffff", community: "#3d474c", border: "#8b8371", text: "#1e2427",
    soft: "#5d5648", halo: "rgba(251, 249, 245, 0.9)", chosen: "#b3261e", hover: "#1e2427",
  },
  dark: {
    around: "#14181a", ground: "#1c2123", green: "#202a22", water: "#1b2a33", site: "#23282a",
    street: "#353d40", casing: "#14181a", building: "#aab2b0", roof: "rgba(0, 0, 0, 0.28)",
    none: "#2b3133", line: "#14181a", community: "#e8e4da", border: "#8a8678", text: "#f3f0e8",
    soft: "#b9b4a6", halo: "rgba(15, 18, 19, 0.85)", chosen: "#ffb300", hover: "#ffffff",
  },
};
// A generic family: MapLibre draws each sign by the browser where a style names no server of fonts.
const FONT = ["sans-serif"];
const HIDDEN = 0.12;

const state = (name) => ["feature-state", name];
const zoomed = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

/**
 * Give the style.
 * @param {{tiles: string, theme: "light" | "dark", language: string, level: number,
 *   empty: string[]}} options `empty`: codes of grids without a value, which are hatched.
 * @returns {StyleSpecification}
 */
export function mapStyle({ tiles, theme, language, level, empty }) {
  const ink = INKS[theme];
  const name = language === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
  const text = (size, weight = 1.4) => ({
    layout: { "text-field": name, "text-font": FONT, "text-size": size, "text-max-width": 8,
      "text-padding": 4 },
    paint: { "text-color": ink.text, "text-halo-color": ink.halo, "text-halo-width": weight },
  });
  const filled = { 1: "communities", 2: "grids" }[level];
  return /** @type {any} */ ({
    version: 8,
    sources: {
      ground: {
        type: "vector",
        url: `pmtiles://${tiles}`,
        promoteId: { grids: "code", communities: "code", towns: "code" },
      },
    },
    layers: [
      { id: "around", type: "background", paint: { "background-color": ink.around } },
      ...fillLayers(ink, filled, empty),
      ...lineLayers(ink, filled),
      ...labelLayers(ink, text),
    ].map((layer) => (layer.type === "background" ? layer : { source: "ground", ...layer })),
  });
}

function fillLayers(ink, filled, empty) {
  const area = (id, kinds, colour) => ({
    id, type: "fill", "source-layer": "places", filter: ["in", ["get", "kind"], ["literal", kinds]],
    paint: { "fill-color": colour },
  });
  return [
    { id: "banner", type: "fill", "source-layer": "banner", maxzoom: 10.5,
      paint: { "fill-color": ink.ground, "fill-opacity": zoomed(9, 1, 10.5, 0) } },
    area("parks", ["park", "square"], ink.green),
    area("water", ["water", "lake", "river"], ink.water),
    { id: "fill", type: "fill", "source-layer": filled,
      paint: {
        "fill-color": ["case", ["!=", state("colour"), null],
          ["to-color", state("colour"), ink.none], ink.none],
        "fill-opacity": ["case", ["boolean", state("hidden"), false], HIDDEN, 0.9],
      } },
    { id: "empty", type: "fill", "source-layer": filled,
      filter: ["in", ["get", "code"], ["literal", empty]],
      paint: { "fill-pattern": "hatch" } },
    { id: "buildings", type: "fill", "source-layer": "buildings", minzoom: 14,
      paint: { "fill-color": ink.roof, "fill-outline-color": ink.building,
        "fill-opacity": zoomed(14, 0, 15, 0.9) } },
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
  return [
    line("casings", "streets", ink.casing, zoomed(12, 1.2, 15, 4.5, 18, 16), { minzoom: 12 }),
    line("streets", "streets", ink.street, zoomed(12, 0.6, 15, 3, 18, 13), { minzoom: 12 }),
    ...(filled === "grids"
      ? [line("grids", "grids", ink.line, zoomed(11, 0.3, 14, 1, 17, 2.4))]
      : []),
    line("communities", "communities", ink.community, zoomed(9, 0.4, 13, 1.3, 17, 2.6)),
    line("border", "border", ink.border, zoomed(6, 1, 12, 2)),
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

/**
 * Draw the hatch that says "no data", in a theme.
 * @param {"light" | "dark"} theme
 */
export function hatch(theme) {
  const side = 16;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = INKS[theme].none;
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = theme === "light" ? "#a39b89" : "#6a7173";
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-side / 2, 0, side / 2, side]) {
    pen.moveTo(shift, side);
    pen.lineTo(shift + side, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, side, side);
}
