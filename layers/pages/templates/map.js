// What both maps share: read the data that the page carries, draw ground, grids, labels and towns,
// and wire the panel. Every name from the data becomes text, never markup.

const data = JSON.parse(document.getElementById("map-data").textContent);
const words = data.words;
const number = new Intl.NumberFormat("en-US");

/** Make an element; strings among the children become text. */
function el(tag, attributes = {}, ...children) {
  const svg = tag === "svg" || tag === "rect";
  const made = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Undo layers/pages/payload.py `pack`: whole steps become [latitude, longitude], nested by offsets. */
function unpack({ xy, offsets }) {
  const points = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < xy.length; i += 2) {
    x += xy[i];
    y += xy[i + 1];
    points.push([y / 1e6, x / 1e6]);
  }
  const nest = (list, ends) => ends.slice(1).map((end, i) => list.slice(ends[i], end));
  return offsets.reduce(nest, points);
}

const colourOf = (kind) =>
  (kind === -2 ? "url(#too-few)" : kind < 0 ? "url(#no-data)" : data.legend[kind].colour);
const swatch = (kind) =>
  el("svg", { "aria-hidden": "true" },
    el("rect", { width: "100%", height: "100%", fill: colourOf(kind) }));
const facts = (pairs) =>
  el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

function startMap(map) {
  // The home page's frame has its own level switch and table beside it.
  document.body.classList.toggle("framed", window.name === "map" && window.parent !== window);
  map.getContainer().setAttribute("aria-label", words.map_label);
  map.getContainer().setAttribute("role", "application");
  [["ground", 250], ["fills", 400], ["streets", 410], ["borders", 420], ["names", 500]].forEach(
    ([name, order]) => {
      map.createPane(name).style.zIndex = order;
      if (name !== "fills") map.getPane(name).style.pointerEvents = "none";
    });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });
  map.getPane("markerPane").style.zIndex = 550;
  L.control.zoom({ position: "bottomright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out })
    .addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
  // Borders thin out as the grids shrink.
  const thin = () => {
    const line = Math.min(1.6, Math.max(0.25, 2 ** ((map.getZoom() - 14.5) / 2)));
    map.getContainer().style.setProperty("--line", line.toFixed(2));
  };
  map.on("zoomend", thin);
  if (data.outline) {
    for (const shape of unpack(data.outline)) {
      L.polygon(shape, { pane: "ground", className: "outline", interactive: false }).addTo(map);
    }
  }
  for (const level of data.levels) level.polygons = unpack(level.shapes);
  addStreets(map);
  startTowns(map);
  thin();
}

function addStreets(map) {
  if (!data.streets) return;
  // Twice: as a bed on the bare ground, and as a light line across the fills.
  const streets = L.layerGroup(unpack(data.streets).flatMap((line) => ["ground", "streets"].map(
    (pane) => L.polyline(line, { pane, className: `street on-${pane}`, interactive: false }))));
  bindCheckbox(map, "streets", streets);
}

/** Draw the borders of a level, above every fill. */
function borders(level) {
  const name = level.level === 1 ? "border one" : "border two";
  return L.layerGroup(level.polygons.map((shape) =>
    L.polygon(shape, { pane: "borders", className: name, interactive: false, fill: false })));
}

/** Outline what is pointed at or focused, above its neighbours, leaving their order alone. */
function startHighlight(map) {
  const hot = L.polygon([], { pane: "borders", className: "border hot", interactive: false, fill: false });
  hot.addTo(map);
  return (shape) => hot.setLatLngs(shape);
}

function bindCheckbox(map, name, layer) {
  const box = document.querySelector(`input[name="${name}"]`);
  const apply = () => (box.checked ? layer.addTo(map) : layer.remove());
  box.addEventListener("change", apply);
  apply();
}

/** Jump to towns from the panel and from their dots; open on the seat or on the whole. */
function startTowns(map) {
  const boxes = new Map(data.towns.map((town) => [town.code, L.latLngBounds(town.box)]));
  const grids = data.towns.reduce((all, town) => all.extend(town.box), L.latLngBounds([]));
  boxes.set("", data.outline ? L.polygon(unpack(data.outline)).getBounds() : grids);
  const buttons = [...document.querySelectorAll("button[data-town]")];
  let current = data.first ?? "";
  const go = (code) => {
    current = code;
    map.fitBounds(boxes.get(code), { padding: [18, 18], animate: false });
    for (const button of buttons) button.setAttribute("aria-current", button.dataset.town === code);
  };
  for (const button of buttons) button.addEventListener("click", () => go(button.dataset.town));
  map.on("dragstart", () => buttons.forEach((button) => button.setAttribute("aria-current", false)));
  const dots = L.layerGroup(data.towns.map((town) => townDot(town, boxes.get(town.code), go)));
  map.on("zoomend", () => (map.getZoom() < 12.5 ? dots.addTo(map) : dots.remove()));
  go(current);
  // Paper has its own size: fit the same town anew, and once more when back on the screen.
  const refit = () => { map.invalidateSize({ animate: false, pan: false }); go(current); };
  matchMedia("print").addEventListener("change", refit);
}

function townDot(town, box, go) {
  const icon = L.divIcon({ className: "label town", html: el("span", {}, town.name) });
  const dot = L.marker(box.getCenter(), { icon, title: town.name, alt: town.name, keyboard: true });
  return dot.on("click", () => go(town.code)).on("keypress", (event) => {
    if (event.originalEvent.key === "Enter") go(town.code);
  });
}

/** Whether a fill is so dark that only white can be read on it (relative luminance, WCAG). */
function isDark(colour) {
  if (!colour.startsWith("#")) return false;
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.2;
}

/** Write the names of the given levels where they fit: communities first, none over another. */
function startNames(map, shownLevels) {
  const names = L.layerGroup();
  const metrics = document.createElement("canvas").getContext("2d");
  metrics.font = "13px sans-serif";
  const candidates = data.levels.flatMap((level) => level.rows.name.map((name, i) => ({
    name,
    level: level.level,
    look: () => (level.level === 1 ? "label one"
      : `label two ${level.classes && isDark(colourOf(level.classes[i])) ? "on-dark" : ""}`),
    spot: level.labels[i],
  })));
  const write = () => {
    names.clearLayers();
    const taken = [];
    const shown = shownLevels();
    for (const label of candidates) {
      if (!shown.includes(label.level)) continue;
      const [latitude, longitude, radius] = label.spot;
      const at = map.latLngToLayerPoint([latitude, longitude]);
      const room = 2 * (at.y - map.latLngToLayerPoint([latitude + radius, longitude]).y);
      const width = metrics.measureText(label.name).width * (label.level === 1 ? 1.3 : 0.95) + 6;
      if (room < width * (label.level === 1 ? 0.6 : 0.75) || room < 18) continue;
      const half = L.point(width / 2, 10);
      const box = L.bounds(at.subtract(half), at.add(half));
      if (taken.some((other) => other.overlaps(box))) continue;
      taken.push(box);
      const icon = L.divIcon({ className: label.look(), html: el("span", {}, label.name) });
      L.marker([latitude, longitude], { icon, pane: "names", interactive: false, keyboard: false }).addTo(names);
    }
  };
  map.on("zoomend", write);
  write();
  bindCheckbox(map, "names", names);
  return write;
}
