// A measure and figures to test with: a share in six classes, as /measures.json and /v1/coverage give them.

const texts = (title) => ({
  title, short: title, class_first: "< {lower}{upper}", class_middle: "{lower} – {upper}", class_last: "≥ {lower}",
});

/** @type {import("../../../layers/viewer/measures.js").Measure} */
export const COVERAGE = {
  name: "coverage",
  value: "coverage",
  low: "coverage_low",
  high: "coverage_high",
  base: "known",
  numerator: "by_paired",
  colours: ["#a0", "#a1", "#a2", "#a3", "#a4", "#a5"],
  breaks: { 2024: [0.5, 0.6, 0.7, 0.8, 0.9], 2026: [0.55, 0.65, 0.75, 0.85, 0.95] },
  unit: "share",
  step: 0.001,
  wide: 0.1,
  words: { zh: texts("走访覆盖率"), en: texts("Coverage") },
};

/** @param {Record<string, any>} [part] */
export const figure = (part = {}) => ({
  code: "150625100001001", name: "金鼎小区", name_en: "Jinding", hidden: false, withheld: null,
  known: 20, unknown: 0, by_paired: 19, coverage: 0.93, coverage_low: 0.9, coverage_high: 0.96, ...part,
});
