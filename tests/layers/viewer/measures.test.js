import assert from "node:assert/strict";
import { test } from "node:test";

import {
  between, breaksOf, classNames, classOf, dayName, fieldsOf, gapOf, grouped, intervalOf, isWithheld, monthName,
  nameOf, pointsOf, shown, valueOf,
} from "../../../layers/viewer/measures.js";
import { percent } from "../../../layers/viewer/shares.js";
import { COVERAGE, figure } from "./measure.js";

const DAYS = { ...COVERAGE, value: "overdue_days", low: null, high: null, base: "paired_known", unit: "days", step: 0.1 };
const COUNT = { ...COVERAGE, value: "workload", base: "cadres", unit: "number", step: 1 };

test("a share is cut to a tenth of a percent, not rounded", () => {
  const written = [[0, "0.0%"], [0.9996, "99.9%"], [1, "100.0%"], [0.57, "57.0%"], [0.29, "29.0%"], [0.0009, "0.0%"],
    [1 / 3, "33.3%"], [2 / 3, "66.6%"]];
  for (const [share, text] of written) assert.equal(percent(share), text);
});

test("every tenth of a percent is written as itself", () => {
  for (let tenths = 0; tenths <= 1000; tenths += 1) assert.equal(percent(tenths / 1000), `${(tenths / 10).toFixed(1)}%`);
});

test("what is not known is a dash, never 0", () => {
  assert.equal(percent(null), "–");
  assert.equal(percent(undefined), "–");
  assert.equal(grouped(null), "–");
  assert.equal(grouped(undefined), "–");
  assert.equal(shown(COVERAGE, null), "–");
  assert.equal(between(COVERAGE, null), "");
});

test("values are written with the digits of their measure", () => {
  assert.equal(shown(COVERAGE, 0.9996), "99.9%");
  assert.equal(shown(DAYS, 6.25), "6.3");
  assert.equal(shown(COUNT, 5.4), "5");
  assert.equal(grouped(1234567), "1,234,567");
  assert.equal(between(COVERAGE, [0.38, 0.43]), "38.0%–43.0%");
});

test("a value on a break is in the class above; no value is in none", () => {
  const breaks = [0.5, 0.6, 0.7];
  const classes = [[0, 0], [0.4999, 0], [0.5, 1], [0.6, 2], [0.65, 2], [0.7, 3], [1, 3], [null, -1]];
  for (const [value, place] of classes) assert.equal(classOf(value, breaks), place);
});

test("a month is classed by the breaks of its year, of the last one before it, else of the first", () => {
  for (const [month, year] of [["2026-10", 2026], ["2031-01", 2026], ["2025-12", 2024], ["2024-01", 2024], ["2019-05", 2024]]) {
    assert.equal(breaksOf(COVERAGE, month), COVERAGE.breaks[year], month);
  }
});

test("classes are named by their bounds, shares in percent", () => {
  assert.deepEqual(classNames(COVERAGE, COVERAGE.breaks[2026], "zh"),
    ["< 55", "55 – 65", "65 – 75", "75 – 85", "85 – 95", "≥ 95"]);
  assert.deepEqual(classNames({ ...DAYS, colours: ["#1", "#2", "#3"] }, [3, 7.5], "en"), ["< 3", "3 – 7.5", "≥ 7.5"]);
});

test("value and interval are read from the columns of the measure", () => {
  assert.equal(valueOf(COVERAGE, figure()), 0.93);
  assert.equal(valueOf(COVERAGE, figure({ coverage: 0 })), 0);
  assert.equal(valueOf(COVERAGE, undefined), null);
  assert.deepEqual(intervalOf(COVERAGE, figure()), [0.9, 0.96]);
  assert.equal(intervalOf(COVERAGE, figure({ coverage_high: null })), null);
  assert.equal(intervalOf(DAYS, figure()), null);
});

test("only columns that show a measure are asked for, each once", () => {
  assert.deepEqual(fieldsOf(COVERAGE), ["coverage", "coverage_low", "coverage_high", "known", "by_paired", "unknown"]);
  assert.deepEqual(fieldsOf({ ...DAYS, base: "unknown", numerator: null }), ["overdue_days", "unknown"]);
});

test("why a place has no value: not published, not handed in, nothing to measure", () => {
  const bare = { coverage: null, known: 0, unknown: 0 };
  assert.equal(gapOf(COVERAGE, figure()), "");
  assert.equal(gapOf(COVERAGE, figure({ coverage: 0 })), "");
  assert.equal(gapOf(COVERAGE, figure({ ...bare, hidden: true })), "secret");
  assert.equal(gapOf(COVERAGE, figure({ ...bare, withheld: "paired coverage" })), "secret");
  // Something is counted, and yet there is no value: it would tell of somebody.
  assert.equal(gapOf(COVERAGE, figure({ ...bare, known: 3 })), "secret");
  assert.equal(gapOf(COVERAGE, figure({ ...bare, unknown: 20 })), "unknown");
  assert.equal(gapOf(COVERAGE, figure(bare)), "none");
  assert.equal(gapOf(COVERAGE, undefined), "none");
  // What is no count of visits does not wait for a delivery.
  assert.equal(gapOf({ ...COUNT, base: "cadres" }, figure({ workload: null, unknown: 20 })), "none");
});

test("a column is withheld by its name, every column of a hidden place", () => {
  const some = figure({ withheld: "paired overdue" });
  assert.equal(isWithheld(some, "overdue"), true);
  assert.equal(isWithheld(some, "over"), false);
  assert.equal(isWithheld(figure({ hidden: true }), "registered"), true);
  assert.equal(isWithheld(undefined, "registered"), false);
});

test("months and days are named in both languages", () => {
  assert.equal(monthName("2026-10", "zh"), "2026年10月");
  assert.equal(monthName("2026-10", "en"), "October 2026");
  assert.equal(monthName("2026-10", "en", "short"), "Oct 2026");
  assert.equal(monthName("2026-01", "zh", "short"), "2026年1月");
  assert.equal(dayName("2026-10-09", "zh"), "10月9日");
  assert.equal(dayName("2026-10-09", "en"), "9 October");
});

test("a name is given in the page's language where it has one", () => {
  assert.equal(nameOf(figure(), "zh"), "金鼎小区");
  assert.equal(nameOf(figure(), "en"), "Jinding");
  assert.equal(nameOf(figure({ name_en: null }), "en"), "金鼎小区");
});

test("a share is held against an earlier one in points, with its direction", () => {
  const moves = [[0.8, 0.75, "▲ +5.0"], [0.75, 0.8, "▼ −5.0"], [0.8, 0.8, "0.0"], [0.80001, 0.8, "0.0"], [null, 0.8, ""], [0.8, null, ""]];
  for (const [now, before, text] of moves) assert.equal(pointsOf(now, before), text);
});
