import assert from "node:assert/strict";
import { test } from "node:test";

import { lookOf, tally } from "../../../../layers/viewer/map/looks.js";
import { COVERAGE, figure } from "../measure.js";

const BREAKS = COVERAGE.breaks[2026];
const look = (part, off = new Set()) => lookOf(COVERAGE, part && figure(part), BREAKS, off);

test("a grid has the colour of its class; 0 is a colour like any other", () => {
  assert.deepEqual(look({}), { colour: "#a4", kind: "value", wide: false, off: false });
  assert.equal(look({ coverage: 0 }).colour, "#a0");
  assert.equal(look({ coverage: 0.95 }).colour, "#a5", "a value on a break is in the class above");
});

test("nothing known and not published look different, and neither has a colour", () => {
  const bare = { coverage: null, known: 0 };
  assert.deepEqual(look(bare), { colour: null, kind: "none", wide: false, off: false });
  assert.deepEqual(look({ ...bare, unknown: 20 }), { colour: null, kind: "none", wide: false, off: false });
  assert.deepEqual(look({ ...bare, hidden: true }), { colour: null, kind: "secret", wide: false, off: false });
  assert.deepEqual(look(undefined), { colour: null, kind: "none", wide: false, off: false });
});

test("a wide interval is marked and changes no colour; its bound counts as wide", () => {
  assert.equal(look({ coverage_low: 0.25, coverage_high: 0.35 }).wide, true, "0.35 - 0.25 is less than 0.1 to a machine");
  assert.equal(look({ coverage_low: 0.85, coverage_high: 0.96 }).colour, "#a4");
  assert.equal(look({ coverage_low: 0.87, coverage_high: 0.96 }).wide, false);
  assert.equal(look({ coverage_low: null }).wide, false);
});

test("what the legend hides is off, the other classes are not", () => {
  const off = new Set([4]);
  assert.equal(look({}, off).off, true);
  assert.equal(look({ coverage: 0.5 }, off).off, false);
});

test("every grid is counted once by colour or by why it has none", () => {
  const looks = [{}, {}, { coverage: 0.1 }, { coverage: null, known: 0 }, { coverage: null, hidden: true },
    { coverage: 0.7, coverage_low: 0.4, coverage_high: 0.9 }].map((part) => look(part));
  const { sizes, others } = tally(COVERAGE, looks);
  assert.deepEqual(sizes, [1, 0, 1, 0, 2, 0]);
  assert.deepEqual(others, { none: 1, secret: 1, wide: 1 });
  assert.equal(sizes.reduce((sum, one) => sum + one, others.none + others.secret), looks.length);
});
