// What leaves the page: a link, a picture, a table.

import { keep } from "./dom.js";

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
 * Keep the map as a picture with its title, legend, source and the mark of synthetic data.
 * @param {HTMLCanvasElement} map
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.subtitle
 * @param {{colour: string, name: string}[]} what.classes
 * @param {string} what.source
 * @param {string} what.stamp "" where data are real.
 * @param {string} what.name Of the file.
 * @param {string} what.font
 * @param {boolean} what.dark
 */
export async function savePicture(map, { title, subtitle, classes, source, stamp, name, font, dark }) {
  const scale = Math.max(1, map.width / 1000);
  const head = 70 * scale;
  const foot = 64 * scale;
  const canvas = document.createElement("canvas");
  canvas.width = map.width;
  canvas.height = map.height + head + foot;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const write = (text, x, y, size, colour, weight = 400) => {
    pen.font = `${weight} ${size * scale}px ${font}`;
    pen.fillStyle = colour;
    pen.fillText(text, x * scale, y);
    return pen.measureText(text).width / scale;
  };
  const [paper, ink, soft] = dark ? ["#171b1d", "#f3f0e8", "#b9b4a6"] : ["#fbf9f5", "#1e2427", "#5d666b"];
  pen.fillStyle = paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(map, 0, head);
  write(title, 18, 32 * scale, 22, ink, 700);
  write(subtitle, 18, 55 * scale, 13, soft);
  if (stamp) {
    pen.font = `700 ${14 * scale}px ${font}`;
    write(stamp, map.width / scale - pen.measureText(stamp).width / scale - 18, 32 * scale, 14, "#c4353c", 700);
  }
  const row = head + map.height + 24 * scale;
  let x = 18;
  for (const { colour, name: label } of classes) {
    pen.fillStyle = colour;
    pen.fillRect(x * scale, row - 11 * scale, 20 * scale, 13 * scale);
    x += 26 + write(label, x + 26, row, 12.5, ink) + 18;
  }
  write(source, 18, row + 26 * scale, 11.5, soft);
  const file = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (file) keep(/** @type {Blob} */ (file), name);
}
