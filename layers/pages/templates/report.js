// The report: packed borders and figures, one measure of one month and level on the map at a time.

const NO_DATA = -1;
const HIDDEN = -2;
const ROWS = 25;

async function unzipped(id) {
  const text = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo layers/pages/compact.py `packed`: per measure and level four matrices, months by grids. */
function figuresFrom(bytes) {
  let at = 0;
  const next = () => {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (number >>> 1) ^ -(number & 1);
    }
  };
  const matrix = (grids) => {
    const numbers = new Int32Array(data.months.length * grids);
    for (let i = 0; i < numbers.length; i += 1) numbers[i] = next() + (i < grids ? 0 : numbers[i - grids]);
    return numbers;
  };
  return data.measures.map(() => data.counts.map((grids) => {
    const [value, below, above, base] = [0, 1, 2, 3].map(() => matrix(grids));
    return { grids, value, below, above, base };
  }));
}

/** A repeating pattern for a canvas: what `paint` draws on 8 by 8 pixels. */
function pattern(paint) {
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext("2d");
  paint(pen);
  return pen.createPattern(tile, "repeat");
}

const hatched = (ground, line, width) => pattern((pen) => {
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = line;
  pen.lineWidth = width;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 9);
    pen.lineTo(shift + 9, -1);
    pen.stroke();
  }
});

const dotted = () => pattern((pen) => {
  pen.fillStyle = "#f2f0eb";
  pen.fillRect(0, 0, 8, 8);
  pen.fillStyle = "#8e897e";
  for (const [x, y] of [[2, 2], [6, 6]]) pen.fillRect(x - 1, y - 1, 2, 2);
});

function startReport(ground, bytes) {
  Object.assign(data, ground);
  const figures = figuresFrom(bytes);
  const state = { measure: 0, month: data.months.length - 1, level: data.level, uncertain: true };
  const numbers = new Map();
  const decimals = (step) => Math.max(0, Math.round(-Math.log10(step)));

  /** Write steps of a measure as a reader does. */
  const written = (measure, steps) => {
    const digits = measure.unit === "share" ? decimals(measure.step * 100) : decimals(measure.step);
    if (!numbers.has(digits)) {
      numbers.set(digits, new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    }
    const value = numbers.get(digits).format(measure.unit === "share" ? steps * measure.step * 100 : steps * measure.step);
    return measure.unit === "share" ? `${value}%` : value;
  };
  const unitOf = (measure) => words[`unit_${measure.unit}`] ?? "";
  const now = () => data.measures[state.measure];

  /** What is known of one grid in one month. */
  const known = (i, month = state.month, level = state.level, which = state.measure) => {
    const found = figures[which][level - 1];
    const at = month * found.grids + i;
    return { value: found.value[at], below: found.below[at], above: found.above[at], base: found.base[at] };
  };
  const text = (one, measure = now()) => (one.value >= 0 ? written(measure, one.value)
    : one.value === HIDDEN ? words.hidden : words.none);
  const interval = (one, measure = now()) => (one.value < 0 || one.below + one.above === 0 ? words.none
    : words.between.replace("{low}", written(measure, one.value - one.below))
      .replace("{high}", written(measure, one.value + one.above)));
  const classOf = (one, measure = now()) => {
    if (one.value < 0) return NO_DATA;
    // In whole steps, so that 0.9 stored as 900 is in the class that begins with 0.9.
    return measure.breaks.filter((bound) => one.value >= Math.round(bound / measure.step)).length;
  };
  const isWide = (one, measure = now()) => one.value >= 0 && (one.below + one.above) * measure.step >= measure.wide - 1e-9;

  // On the map.
  startMap(map_main);
  const canvas = L.canvas({ pane: "fills", padding: 0.2 });
  const lines = L.canvas({ pane: "borders", padding: 0.2 });
  const highlight = startHighlight(map_main);
  const none = hatched("#e9e7e2", "#b3afa6", 2);
  const dots = dotted();
  let plain = [];
  let wide = [];
  const fillOf = (one) => {
    if (one.value === HIDDEN) return dots;
    if (one.value < 0) return none;
    return (state.uncertain && isWide(one) ? wide : plain)[classOf(one)];
  };

  const cardOf = (level, i) => {
    const one = known(i, state.month, level.level);
    const place = [level.rows.town?.[i], level.level === 2 ? level.rows.community?.[i] : null];
    return el("div", { class: "card" },
      el("span", { class: "card-name" }, level.rows.name[i]),
      el("span", { class: "card-place" }, [...place.filter(Boolean), level.rows.code[i]].join(" · ")),
      el("div", { class: "card-rate" }, el("b", {}, text(one)),
        el("span", {}, `${unitOf(now())} ${now().short}`.trim())),
      facts([[words.interval, interval(one)], [now().base, one.value < 0 ? words.none : number.format(one.base)]]),
      trendOf(level, i));
  };

  /** The months of one grid as a line, its intervals as a band; a gap where nothing is known. */
  const trendOf = (level, i) => {
    const [width, height, count] = [230, 54, data.months.length];
    if (count < 2) return "";
    const line = data.months.map((_, month) => known(i, month, level.level));
    const there = line.filter((one) => one.value >= 0);
    if (!there.length) return "";
    const least = Math.min(...there.map((one) => one.value - one.below));
    const most = Math.max(...there.map((one) => one.value + one.above), least + 1);
    const x = (month) => (2 + (month * (width - 4)) / (count - 1)).toFixed(1);
    const y = (steps) => (height - 3 - ((steps - least) * (height - 6)) / (most - least)).toFixed(1);
    const svg = (tag, attributes) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      return made;
    };
    const picture = svg("svg", { class: "trend", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": words.trend.replace("{count}", count) });
    line.forEach((one, month) => {
      if (one.value < 0) return;
      picture.append(svg("line", { class: "band", x1: x(month), x2: x(month),
        y1: y(one.value - one.below), y2: y(one.value + one.above) }));
      if (month && line[month - 1].value >= 0) {
        picture.append(svg("line", { class: "path", x1: x(month - 1), y1: y(line[month - 1].value),
          x2: x(month), y2: y(one.value) }));
      }
    });
    const one = line[state.month];
    if (one.value >= 0) picture.append(svg("circle", { cx: x(state.month), cy: y(one.value), r: 3 }));
    return picture;
  };

  const layers = new Map(data.levels.map((level) => {
    const polygons = level.polygons.map((shape, i) => {
      const polygon = L.polygon(shape, { pane: "fills", renderer: canvas, fillOpacity: 1, color: "#fff", weight: 0.8 });
      polygon.on("mouseover", () => highlight(shape)).on("mouseout", () => highlight([]));
      polygon.on("click", () => open(level, i));
      return polygon;
    });
    return [level.level, { level, polygons, group: L.layerGroup(polygons) }];
  }));
  const hint = L.tooltip({ className: "card", sticky: true, direction: "auto", offset: [12, 0] });
  for (const { level, polygons, group } of layers.values()) {
    polygons.forEach((polygon, i) => { polygon.place = i; });
    group.eachLayer((polygon) => polygon.on("mousemove", (event) => {
      if (matchMedia("(hover: none)").matches || map_main.hasLayer(popup)) return;
      if (hint.place !== polygon) { hint.place = polygon; hint.setContent(cardOf(level, polygon.place)); }
      hint.setLatLng(event.latlng).addTo(map_main);
    }).on("mouseout", () => hint.remove()));
  }
  const popup = L.popup({ maxWidth: 300, autoPanPadding: [20, 20] });
  let opened = null;
  const open = (level, i) => {
    hint.remove();
    opened = [level, i];
    popup.setLatLng(level.labels[i].slice(0, 2)).setContent(cardOf(level, i)).openOn(map_main);
    highlight(level.polygons[i]);
  };
  map_main.on("popupclose", () => { opened = null; highlight([]); });
  const one = data.levels.find((level) => level.level === 1);
  for (const shape of one.polygons) {
    L.polygon(shape, { renderer: lines, pane: "borders", interactive: false, fill: false, color: "#23292d", weight: 1.3 })
      .addTo(map_main);
  }

  // The table.
  const table = document.querySelector(".figures table");
  const order = { column: "code", down: false, from: 0, filter: "" };
  const columns = () => [
    { name: "name", label: words.name, of: (level, i) => level.rows.name[i] },
    { name: "value", label: now().short, number: true, of: (_, i) => text(known(i)), by: (i) => known(i).value },
    { name: "interval", label: words.interval, number: true, of: (_, i) => interval(known(i)),
      by: (i) => (known(i).value < 0 ? -1 : known(i).below + known(i).above) },
    { name: "base", label: now().base, number: true,
      of: (_, i) => (known(i).value < 0 ? words.none : number.format(known(i).base)), by: (i) => (known(i).value < 0 ? -1 : known(i).base) },
    ...(state.level === 2 ? [{ name: "community", label: words.community, of: (level, i) => level.rows.community?.[i] ?? "" }] : []),
    { name: "code", label: words.code, of: (level, i) => level.rows.code[i] },
  ];
  const fillTable = () => {
    const { level } = layers.get(state.level);
    const heads = columns();
    const column = heads.find((head) => head.name === order.column) ?? heads[0];
    const wanted = order.filter.trim().toLowerCase();
    const rows = level.rows.code.map((_, i) => i).filter((i) => !wanted
      || level.rows.name[i].toLowerCase().includes(wanted) || level.rows.code[i].includes(wanted)
      || (level.rows.community?.[i] ?? "").toLowerCase().includes(wanted));
    const keys = column.by ? rows.map(column.by) : rows.map((i) => column.of(level, i));
    const compare = column.by ? (a, b) => a - b : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    const places = rows.map((_, k) => k).sort((a, b) => {
      // What is unknown stands last whichever way is sorted; equal rows keep the order of codes.
      if (column.by && (keys[a] < 0) !== (keys[b] < 0)) return keys[a] < 0 ? 1 : -1;
      return (order.down ? -1 : 1) * compare(keys[a], keys[b]) || a - b;
    });
    order.from = Math.min(order.from, Math.max(0, Math.floor((rows.length - 1) / ROWS) * ROWS));
    const shown = places.slice(order.from, order.from + ROWS).map((k) => rows[k]);
    table.replaceChildren(
      el("thead", {}, el("tr", {}, ...heads.map((head) => {
        const sorted = head.name === column.name;
        const button = el("button", { type: "button", title: words.sort_by.replace("{column}", head.label) }, head.label);
        button.dataset.column = head.name;
        return el("th", { scope: "col", class: head.number ? "number" : "",
          ...(sorted ? { "aria-sort": order.down ? "descending" : "ascending" } : {}) }, button);
      }))),
      el("tbody", {}, ...shown.map((i) => el("tr", {}, ...heads.map((head, k) => {
        const cell = head.of(level, i);
        if (k) return el("td", { class: head.number ? "number" : "" }, cell);
        const button = el("button", { type: "button", title: words.show_on_map.replace("{name}", cell) }, cell);
        button.dataset.place = i;
        return el("th", { scope: "row" }, button);
      })))));
    document.querySelector(".pages span").textContent = words.rows
      .replace("{first}", number.format(rows.length ? order.from + 1 : 0))
      .replace("{last}", number.format(order.from + shown.length)).replace("{count}", number.format(rows.length));
    document.querySelector('.pages [name="previous"]').disabled = order.from === 0;
    document.querySelector('.pages [name="next"]').disabled = order.from + ROWS >= rows.length;
    document.getElementById("figures-title").textContent = words.table_label
      .replace("{measure}", now().short).replace("{month}", data.months[state.month]);
  };
  table.addEventListener("click", (event) => {
    const { column, place } = event.target.dataset;
    if (column) {
      order.down = order.column === column && !order.down;
      order.column = column;
      order.from = 0;
      fillTable();
      table.querySelector(`button[data-column="${column}"]`).focus();
    } else if (place) {
      const { level } = layers.get(state.level);
      map_main.fitBounds(L.polygon(level.polygons[place]).getBounds(), { maxZoom: 16, animate: false, padding: [60, 60] });
      open(level, Number(place));
      document.querySelector("main").scrollIntoView({ block: "nearest" });
    }
  });
  document.querySelector('input[name="filter"]').addEventListener("input", (event) => {
    order.filter = event.target.value;
    order.from = 0;
    fillTable();
  });
  for (const [name, by] of [["previous", -ROWS], ["next", ROWS]]) {
    document.querySelector(`.pages [name="${name}"]`).addEventListener("click", () => { order.from += by; fillTable(); });
  }

  // What stands around the map.
  const fillLegend = () => {
    const measure = now();
    const patch = (fill) => {
      const made = el("canvas", { width: 30, height: 18, "aria-hidden": "true" });
      const pen = made.getContext("2d");
      pen.fillStyle = fill;
      pen.fillRect(0, 0, 30, 18);
      return made;
    };
    document.querySelector(".legend h2").textContent = `${measure.short}${unitOf(measure) && ` (${unitOf(measure)})`}`;
    const lines_ = [...measure.legend].reverse().map(({ colour, label }) => el("li", {}, patch(colour), label));
    const others = [[wide[3], words.uncertain_long], [none, measure.no_data_long], [dots, words.hidden_long]]
      .map(([fill, label]) => el("li", { class: "none" }, patch(fill), label));
    document.querySelector(".legend ul").replaceChildren(...lines_, ...others);
    document.querySelector(".legend .note").textContent = `${measure.subtitle}。${measure.note}`
      .replace("。", document.documentElement.lang === "en" ? ". " : "。");
  };
  const fillHeadline = () => {
    const found = figures[state.measure][0];
    let [sum, weight] = [0, 0];
    for (let i = 0; i < found.grids; i += 1) {
      const { value, base } = known(i, state.month, 1);
      if (value >= 0) { sum += value * base; weight += base; }
    }
    const mean = weight ? sum / weight : NO_DATA;
    document.querySelector(".headline .what").textContent = `${words.total} · ${now().short}`;
    document.querySelector(".headline b").textContent = mean < 0 ? words.none
      : written(now(), now().unit === "share" ? cut(mean) : Math.round(mean));
    document.querySelector(".headline .remark").textContent = words.weighted;
  };
  let write = () => {};
  const draw = () => {
    const { level, polygons } = layers.get(state.level);
    data.legend = now().legend;
    level.classes = polygons.map((polygon, i) => {
      const known_ = known(i);
      polygon.setStyle({ fillColor: fillOf(known_) });
      return classOf(known_);
    });
    fillHeadline();
    fillTable();
    write();
    if (opened) popup.setContent(cardOf(...opened));
  };
  const chooseMeasure = () => {
    plain = now().legend.map(({ colour }) => colour);
    wide = plain.map((colour) => hatched(colour, isDark(colour) ? "#ffffff99" : "#ffffffd0", 2));
    fillLegend();
  };
  const chooseLevel = () => {
    map_main.closePopup();
    for (const [level, { group }] of layers) if (level !== state.level) group.remove();
    layers.get(state.level).group.addTo(map_main);
  };
  const on = (selector, change) => {
    for (const input of document.querySelectorAll(selector)) {
      input.addEventListener("change", () => { change(input); draw(); });
    }
  };
  on('input[name="measure"]', (input) => { state.measure = Number(input.value); chooseMeasure(); });
  on('input[name="level"]', (input) => { state.level = Number(input.value); order.from = 0; chooseLevel(); });
  on('input[name="uncertain"]', (input) => { state.uncertain = input.checked; });
  chooseMeasure();
  chooseLevel();
  startMonths(data.months, state.month, (month) => { state.month = month; draw(); });
  write = startNames(map_main, () => (state.level === 1 ? [1] : [1, 2]));
  document.body.dataset.ready = "yes";
}

if (typeof DecompressionStream === "undefined") {
  document.querySelector("main").append(el("p", { class: "empty" }, words.too_old));
} else {
  Promise.all([unzipped("packed-ground"), unzipped("packed-figures")])
    .then(([ground, bytes]) => startReport(JSON.parse(new TextDecoder().decode(ground)), bytes));
}
