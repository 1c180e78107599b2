import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
};

export default [
  { ignores: ["layers/assets/**"] },
  {
    files: ["layers/viewer/**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    rules,
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: { ecmaVersion: 2025, sourceType: "module", globals: globals.node },
    rules,
  },
  {
    // Parts of one page's script: viewer/shares.js and map.js come first, then the page's own; Leaflet is global.
    files: ["layers/pages/templates/*.js"],
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: "script",
      globals: {
        ...globals.browser,
        L: "readonly",
        data: "readonly",
        words: "readonly",
        number: "readonly",
        cut: "readonly",
        percent: "readonly",
        el: "readonly",
        facts: "readonly",
        swatch: "readonly",
        colourOf: "readonly",
        unpack: "readonly",
        startMap: "readonly",
        startHighlight: "readonly",
        startMonths: "readonly",
        isDark: "readonly",
        startNames: "readonly",
        bindCheckbox: "readonly",
        borders: "readonly",
        map_main: "readonly",
      },
    },
    rules: {
      ...rules,
      "no-redeclare": "off",
      "no-unused-vars": ["error", { vars: "local" }],
    },
  },
];
