import assert from "node:assert/strict";
import { test } from "node:test";

import { keyOf, monthOf, sideOf } from "../../../../layers/viewer/map/editions.js";
import { spotted } from "../../../../layers/viewer/map/spots.js";

test("what the map is compared with is a month, a day, an edition, or nothing", () => {
  assert.deepEqual(sideOf("2026-08"), { kind: "month", value: "2026-08" });
  assert.deepEqual(sideOf("2026-05-31"), { kind: "day", value: "2026-05-31" });
  assert.deepEqual(sideOf("e12"), { kind: "edition", value: "12" });
  assert.deepEqual(sideOf(""), { kind: "", value: "" });
});

test("only a month has figures of its own", () => {
  assert.deepEqual(["2026-08", "2026-05-31", "e12", ""].map(monthOf), ["2026-08", "", "", ""]);
});

test("a territory is kept by what it is compared with, at which level, beside which archive", () => {
  const keys = [keyOf("e1", 1, "/a"), keyOf("e1", 2, "/a"), keyOf("e2", 2, "/a"), keyOf("e2", 2, "/b")];
  assert.equal(new Set(keys).size, keys.length);
});

test("spots are outlined for what the address names", () => {
  assert.deepEqual(spotted(""), []);
  assert.deepEqual(spotted("coverage"), ["coverage"]);
  assert.deepEqual(spotted("coverage.incidents"), ["coverage", "incidents"]);
});
