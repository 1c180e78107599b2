import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { STATES } from "../../../../layers/viewer/panels/card.js";
import { HEADLINE } from "../../../../layers/viewer/panels/headline.js";
import { COUNTS } from "../../../../layers/viewer/panels/rows.js";
import { DESK_WORDS } from "../../../../layers/viewer/words/desk.js";
import { WORDS } from "../../../../layers/viewer/words/words.js";

const VIEWER = new URL("../../../../layers/viewer/", import.meta.url);
const PAGES = { "index.html": WORDS, "review.html": DESK_WORDS };
const read = (name) => readFileSync(new URL(name, VIEWER), "utf8");
const modules = readdirSync(VIEWER, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));

/** The names of words, those within a group with the group's, each with its kind and how much it takes. */
const kinds = (words) => Object.entries(words).flatMap(([name, value]) =>
  value && typeof value === "object"
    ? kinds(value).map((part) => `${name}.${part}`)
    : [`${name}:${typeof value}${typeof value === "function" ? value.length : ""}`]).sort();

for (const [page, words] of Object.entries(PAGES)) {
  test(`the words of ${page} are the same in both languages, of the same kinds`, () => {
    assert.deepEqual(kinds(words.zh), kinds(words.en));
  });

  test(`every word that ${page} asks for is there and is a text`, () => {
    const asked = [...read(page).matchAll(/data-(?:word|label)="([a-z0-9_]+)"/g)].map(([, name]) => name);
    assert.ok(asked.length > 5);
    for (const name of asked) for (const language of ["zh", "en"]) assert.equal(typeof words[language][name], "string", name);
  });
}

test("every word that a module names is there", () => {
  let count = 0;
  for (const name of modules) {
    const words = name.startsWith("desk/") ? DESK_WORDS.zh : WORDS.zh;
    const text = read(name);
    const asked = [...text.matchAll(/(?<![./"\w])(?:this\.)?(?:words(?:\(\))?\.|said\.(?=sketch))([a-z]\w*)/g)].map(([, word]) => word);
    const taken = [...text.matchAll(/const \{ ([\w, ]+) \} = (?:this\.)?words\(\)/g)].flatMap(([, list]) => list.split(", "));
    count += asked.length + taken.length;
    for (const word of [...asked, ...taken]) assert.ok(word in words, `${name} names ${word}`);
  }
  assert.ok(count > 150, `${count} were found`);
});

test("no Chinese is left in the English but the name of the language, and no text is empty by mistake", () => {
  const texts = (words) => Object.entries(words).flatMap(([name, value]) =>
    value && typeof value === "object" ? texts(value) : [[name, value]]);
  for (const words of Object.values(PAGES)) {
    const english = texts(words.en).filter(([name, text]) => typeof text === "string" && !["language", "zh"].includes(name));
    for (const [name, text] of english) assert.doesNotMatch(text, /\p{Script=Han}/u, name);
  }
});

test("every state, column and kind of gap has its words", () => {
  for (const words of Object.values(WORDS)) {
    assert.deepEqual(Object.keys(words.state_names).sort(), [...STATES].sort());
    for (const column of COUNTS) assert.ok(words.columns[column], column);
    for (const length of [6, 9, 12, 15]) assert.ok(words.levels[length]);
    assert.deepEqual(Object.keys(words.gaps), ["secret", "unknown", "none"]);
  }
  assert.equal(new Set(HEADLINE).size, HEADLINE.length);
});

test("sentences carry what they are given", () => {
  for (const language of ["zh", "en"]) {
    const words = WORDS[language];
    assert.match(words.rows(3, 112), /3.*112|112.*3/);
    assert.match(words.rows(112, 112), /^112/);
    assert.match(words.offline("10:42"), /10:42/);
    assert.match(words.edition_lost("99"), /99/);
    assert.match(words.new_edition("第 2 版网格"), /第 2 版网格/);
    assert.match(words.interval("1%", "2%"), /1%–\u2060?2%/);
    assert.notEqual(words.caption("M", 1), words.caption("M", 2));
    assert.match(words.reports_size(400), /^1 k/i);
    assert.match(words.reports_size(2_345_678), /^2\.3 MB/);
  }
});
