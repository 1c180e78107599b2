// What leaves the page: a link, a picture, a table.

import { keep } from "../dom.js";

/**
 * Put a text on the clipboard; false where the browser does not let pages do it.
 * @param {string} text
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * @typedef {object} Entry A swatch of the legend and what it means.
 * @property {string} name
 * @property {string} colour Of its fill, or of its outline.
 * @property {string} kind class, wide, none, secret, or spot: only outlined.
 */

/**
 * Read what the legend on the page explains, so that the picture explains the same.
 * @returns {Entry[]}
 */
export function explained() {
  const rows = [...document.querySelectorAll(
    "#legend :is([data-class][aria-pressed=true], .swatch, .other), #legend .spot:has(:checked)")];
  return rows.map((row) => {
    const swatch = /** @type {HTMLElement} */ (row.querySelector("i"));
    const kind = ["wide", "none", "secret", "spot"].find((one) => row.classList.contains(one)) ?? "class";
    const style = getComputedStyle(swatch);
    return { kind, name: row.querySelector("span")?.textContent ?? "",
      colour: kind === "spot" ? style.borderTopColor : style.backgroundColor };
  });
}

/**
 * Keep the map as a picture with its title, legend, source and the mark of synthetic data.
 * @param {HTMLCanvasElement} map
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.subtitle
 * @param {Entry[]} what.entries
 * @param {Record<string, {width: number, height: number, data: Uint8Array | Uint8ClampedArray}>} what.patterns
 *   By kind, as the map has them.
 * @param {string} what.source
 * @param {string} what.stamp "" where data are real.
 * @param {string} what.name Of the file.
 * @param {string} what.font
 * @param {boolean} what.dark
 */
export async function savePicture(map, { title, subtitle, entries, patterns, source, stamp, name, font, dark }) {
  const scale = Math.max(1, map.width / 1000);
  const wide = map.width / scale;
  const canvas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const set = (size, weight = 400) => { pen.font = `${weight} ${size * scale}px ${font}`; };
  const widthOf = (text, size, weight) => {
    set(size, weight);
    return pen.measureText(text).width / scale;
  };
  const rows = laid(entries.map((entry) => ({ ...entry, wide: 44 + widthOf(entry.name, 12.5) })), wide - 36);
  const [head, foot] = [70, 44 + 22 * rows.length];
  canvas.width = map.width;
  canvas.height = map.height + (head + foot) * scale;
  const write = (text, x, y, size, colour, weight = 400) => {
    set(size, weight);
    pen.fillStyle = colour;
    pen.fillText(text, x * scale, y * scale);
  };
  const [paper, ink, soft] = dark ? ["#171b1d", "#f3f0e8", "#b9b4a6"] : ["#fbf9f5", "#1e2427", "#5d666b"];
  pen.fillStyle = paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(map, 0, head * scale);
  write(title, 18, 32, 22, ink, 700);
  write(subtitle, 18, 55, 13, soft);
  if (stamp) write(stamp, wide - widthOf(stamp, 14, 700) - 18, 32, 14, dark ? "#ff9c8f" : "#a4262c", 700);
  let y = head + map.height / scale + 24;
  for (const row of rows) {
    let x = 18;
    for (const entry of row) {
      swatch(pen, entry, patterns, { x: x * scale, y: (y - 11) * scale, scale });
      write(entry.name, x + 26, y, 12.5, ink);
      x += entry.wide;
    }
    y += 22;
  }
  write(source, 18, y + 4, 11.5, soft);
  const file = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (file) keep(/** @type {Blob} */ (file), name);
}

/**
 * Break entries into rows of at most a width.
 * @param {(Entry & {wide: number})[]} entries
 * @param {number} most
 */
export function laid(entries, most) {
  /** @type {(Entry & {wide: number})[][]} */
  const rows = [[]];
  let x = 0;
  for (const entry of entries) {
    if (x && x + entry.wide > most) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push(entry);
    x += entry.wide;
  }
  return rows;
}

function swatch(pen, { kind, colour }, patterns, { x, y, scale }) {
  const [width, height] = [20 * scale, 13 * scale];
  if (kind === "spot") {
    pen.lineWidth = 2.5 * scale;
    pen.strokeStyle = colour;
    pen.strokeRect(x + scale, y + scale, width - 2 * scale, height - 2 * scale);
    return;
  }
  pen.fillStyle = kind === "wide" ? "#56a3ab" : kind === "class" ? colour : "#e3ded1";
  pen.fillRect(x, y, width, height);
  const image = patterns[kind];
  if (!image) return;
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [image.width, image.height];
  tile.getContext("2d")?.putImageData(
    new ImageData(new Uint8ClampedArray(image.data), image.width, image.height), 0, 0);
  pen.fillStyle = pen.createPattern(tile, "repeat") ?? pen.fillStyle;
  pen.fillRect(x, y, width, height);
}
