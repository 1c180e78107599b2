import assert from "node:assert/strict";
import { test } from "node:test";

import { PLACE, kindOf } from "../../../../layers/viewer/codes.js";
import { heatClasses, toggled } from "../../../../layers/viewer/panels/legend.js";
import { coordinates, suggested } from "../../../../layers/viewer/panels/search.js";
import { laid } from "../../../../layers/viewer/panels/share.js";
import { runs } from "../../../../layers/viewer/panels/spark.js";

test("two numbers are coordinates in either order and with any sign between them", () => {
  for (const text of ["108.73, 39.84", "39.84,108.73", " 39.84，108.73 ", "108.73、39.84", "108.73 39.84"]) {
    assert.deepEqual(coordinates(text), [108.73, 39.84], text);
  }
  for (const text of ["108,39", "108.73", "金鼎 1.5, 2.5", "108.73, 39.84, 1.0", ""]) assert.equal(coordinates(text), null, text);
});

test("codes of every level are known by their length, other numbers are none", () => {
  const kinds = { 150625: "banner", 150625100: "town", 150625100001: "community", 150625100001001: "grid" };
  for (const [code, kind] of Object.entries(kinds)) {
    assert.ok(PLACE.test(code));
    assert.equal(kindOf(code), kind);
  }
  assert.ok(PLACE.test("15062510000100A"), "the last three may be letters");
  for (const text of ["1506", "1506251", "150625100001001x", "金鼎"]) assert.ok(!PLACE.test(text), text);
});

test("a community is gone to by its own code, whatever else by its grid", () => {
  const one = { kind: "compound", code: "K1", label: "金鼎小区", grid_code: "150625100001001", longitude: 108.7, latitude: 39.8 };
  assert.deepEqual(suggested(one), { kind: "compound", label: "金鼎小区", note: "150625100001001", code: "150625100001001", spot: [108.7, 39.8] });
  const community = suggested({ ...one, kind: "community", code: "150625100001", grid_code: null, longitude: null, latitude: null });
  assert.deepEqual([community.code, community.note, community.spot], ["150625100001", "", null]);
});

test("a class is hidden and shown again; all hidden would show nothing, and shows all", () => {
  assert.deepEqual(toggled(new Set(), 2, 6), new Set([2]));
  assert.deepEqual(toggled(new Set([2, 3]), 2, 6), new Set([3]));
  assert.deepEqual(toggled(new Set([0, 1]), 2, 3), new Set());
});

test("the legend's own set is not changed", () => {
  const hidden = new Set([1]);
  toggled(hidden, 2, 6);
  assert.deepEqual(hidden, new Set([1]));
});

test("classes of a heat map are named by their bounds", () => {
  const words = { class_first: "< {upper}", class_middle: "{lower} – {upper}", class_last: "≥ {lower}" };
  const scale = { breaks: [1, 2.5], colours: ["#1", "#2", "#3"], words: { zh: words, en: words } };
  assert.deepEqual(heatClasses(scale, "en"), ["< 1", "1 – 2.5", "≥ 2.5"]);
});

test("a month without a value is a gap in the curve, not a fall to nothing", () => {
  const points = [0.5, 0.6, null, 0, null, null, 0.7].map((value) => ({ value, interval: null, redraw: false, guessed: false }));
  assert.deepEqual(runs(points), [[0, 1], [3], [6]]);
  assert.deepEqual(runs([]), []);
});

test("entries of a picture's legend are broken into rows, in their order; a long one has a row of its own", () => {
  const entries = [40, 50, 30, 200, 60].map((wide) => ({ kind: "class", colour: "", name: String(wide), wide }));
  assert.deepEqual(laid(entries, 100).map((row) => row.map(({ wide }) => wide)), [[40, 50], [30], [200], [60]]);
});
