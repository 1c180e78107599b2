import assert from "node:assert/strict";
import { test } from "node:test";

import { mapStyle } from "../../../../layers/viewer/map/style.js";

const BASE = { ground: ["https://host/g/{z}/{x}/{y}"], names: ["https://host/n/{z}/{x}/{y}"], attribution: "Host" };
const style = (part = {}) =>
  mapStyle({ tiles: "http://here/v1/tiles/1.pmtiles", theme: "light", language: "zh", level: 2, heated: false, base: null, ...part });
const layers = (part) => Object.fromEntries(style(part).layers.map((layer) => [layer.id, layer]));

/** What an expression of feature states gives for a state; the few operators that the style uses. */
function paint(expression, state) {
  if (!Array.isArray(expression)) return expression;
  const [operator, ...rest] = expression;
  const value = (one) => paint(one, state);
  if (operator === "feature-state") return state[rest[0]] ?? null;
  if (operator === "boolean") return rest.map(value).find((one) => typeof one === "boolean");
  if (operator === "to-color") return rest.map(value).find(Boolean);
  if (operator === "==") return value(rest[0]) === value(rest[1]);
  if (operator === "!=") return value(rest[0]) !== value(rest[1]);
  if (operator === "case") {
    for (let at = 0; at + 1 < rest.length; at += 2) if (value(rest[at])) return value(rest[at + 1]);
    return value(rest.at(-1));
  }
  throw new Error(`the style uses ${operator}`);
}

const LOOK = { colour: "#56a3ab", kind: "value", wide: false, off: false };

test("a grid is painted in the colour of its state, and in that of the ground where it has none", () => {
  const { fill } = layers();
  assert.equal(paint(fill.paint["fill-color"], LOOK), "#56a3ab");
  assert.equal(paint(fill.paint["fill-color"], {}), paint(fill.paint["fill-color"], { ...LOOK, colour: null }));
});

test("each pattern lies over the grids whose state asks for it, and over no other", () => {
  const { none, secret, wide } = layers();
  const opaque = (layer, state) => paint(layer.paint["fill-opacity"], state) > 0;
  const states = [LOOK, { ...LOOK, colour: null, kind: "none" }, { ...LOOK, colour: null, kind: "secret" }, { ...LOOK, wide: true }];
  assert.deepEqual(states.map((state) => [none, secret, wide].map((layer) => opaque(layer, state))),
    [[false, false, false], [true, false, false], [false, true, false], [false, false, true]]);
});

test("what the legend hides is faint, and its patterns are gone", () => {
  const { fill, none, secret, wide } = layers();
  const off = { ...LOOK, kind: "none", wide: true, off: true };
  assert.ok(paint(fill.paint["fill-opacity"], off) < 0.2);
  assert.ok(paint(fill.paint["fill-opacity"], LOOK) > 0.8);
  for (const layer of [none, secret, wide]) assert.equal(paint(layer.paint["fill-opacity"], off), 0);
});

test("under a heat map grids are seen through, and still there to be asked what lies under the pointer", () => {
  const { fill, wide } = layers({ heated: true });
  assert.equal(paint(fill.paint["fill-opacity"], LOOK), 0);
  assert.equal(paint(wide.paint["fill-opacity"], { ...LOOK, wide: true }), 0);
});

test("spots and redrawn grids are outlined by their state alone", () => {
  for (const id of ["redrawn", "cold", "hot"]) {
    const width = layers()[id].paint["line-width"];
    assert.equal(paint(width, {}), 0);
    assert.ok(paint(width, { [id]: true }) > 2);
    if (id !== "redrawn") assert.ok(paint(layers()[`${id}-halo`].paint["line-width"], { [id]: true }) > paint(width, { [id]: true }));
  }
});

test("the level chooses what is filled; borders between compounds are drawn at theirs only", () => {
  assert.equal(layers({ level: 2 }).fill["source-layer"], "grids");
  assert.equal(layers({ level: 1 }).fill["source-layer"], "communities");
  assert.ok("grids" in layers({ level: 2 }));
  assert.ok(!("grids" in layers({ level: 1 })));
});

test("names are those of the language, with the Chinese where there is no English", () => {
  assert.deepEqual(layers()["grid-names"].layout["text-field"], ["get", "name"]);
  assert.deepEqual(layers({ language: "en" })["grid-names"].layout["text-field"],
    ["coalesce", ["get", "name_en"], ["get", "name"]]);
});

test("a base map lies below the grids and its names above; our own ground and streets go", () => {
  const order = style({ base: BASE }).layers.map(({ id }) => id);
  assert.ok(order.indexOf("base") < order.indexOf("fill") && order.indexOf("fill") < order.indexOf("base-names"));
  for (const id of ["parks", "water", "streets", "casing-streets", "street-names", "place-names", "building-names"]) {
    assert.ok(!order.includes(id), id);
    assert.ok(id in layers(), id);
  }
  assert.ok(paint(layers({ base: BASE }).fill.paint["fill-opacity"], LOOK) < paint(layers().fill.paint["fill-opacity"], LOOK));
  assert.ok(layers({ base: BASE, theme: "dark" }).base.paint["raster-brightness-max"] < 1, "it must not glare");
});

test("both themes have the same layers in the same order, and other inks", () => {
  const [light, dark] = ["light", "dark"].map((theme) => style({ theme }).layers);
  assert.deepEqual(light.map(({ id }) => id), dark.map(({ id }) => id));
  assert.notDeepEqual(light[0].paint, dark[0].paint);
});

test("tiles come from one archive, and features are known by their codes", () => {
  const { sources } = style();
  assert.deepEqual(Object.keys(sources), ["ground"]);
  assert.equal(sources.ground.url, "pmtiles://http://here/v1/tiles/1.pmtiles");
  assert.deepEqual(sources.ground.promoteId, { grids: "code", communities: "code", towns: "code" });
});
