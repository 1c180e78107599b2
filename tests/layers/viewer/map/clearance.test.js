import assert from "node:assert/strict";
import { test } from "node:test";

import { sidesOf } from "../../../../layers/viewer/map/clearance.js";

const box = (left, top, width, height) => ({ left, top, width, height, right: left + width, bottom: top + height });
const MAP = box(0, 0, 1000, 700);

test("a bare map keeps an edge", () => {
  assert.deepEqual(sidesOf(MAP, []), { top: 16, right: 16, bottom: 16, left: 16 });
  assert.deepEqual(sidesOf(MAP, [box(10, 10, 0, 0)]), { top: 16, right: 16, bottom: 16, left: 16 });
});

test("a panel takes the side where it costs less of the map", () => {
  // A high and narrow one stands at the left, a flat and wide one lies on top.
  assert.deepEqual(sidesOf(MAP, [box(10, 10, 200, 600)]), { top: 16, right: 16, bottom: 16, left: 226 });
  assert.deepEqual(sidesOf(MAP, [box(10, 10, 900, 60)]), { top: 86, right: 16, bottom: 16, left: 16 });
  assert.equal(sidesOf(MAP, [box(780, 300, 200, 390)]).right, 236);
});

test("a panel behind the line of a larger one takes nothing more", () => {
  const large = box(10, 10, 200, 600);
  assert.deepEqual(sidesOf(MAP, [box(20, 620, 150, 40), large]), sidesOf(MAP, [large]));
});

test("it is measured from the map's own corner", () => {
  const moved = (one) => box(one.left + 300, one.top + 80, one.width, one.height);
  const panels = [box(10, 10, 200, 600), box(700, 10, 290, 40)];
  assert.deepEqual(sidesOf(moved(MAP), panels.map(moved)), sidesOf(MAP, panels));
});

test("however large panels are, a third of each side is left for the map", () => {
  const { top, bottom, left, right } = sidesOf(MAP, [box(0, 0, 980, 300), box(0, 320, 980, 375)]);
  assert.ok(700 - top - bottom >= 0.34 * 700);
  assert.ok(1000 - left - right >= 0.34 * 1000);
});
