// The few things that every part of the page does to the document.

/**
 * Find an element that is there.
 * @param {string} selector
 * @returns {any}
 */
export const find = (selector) => document.querySelector(selector);

/**
 * Make an element; text goes in as text, so that no name can be markup.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners; false and null are left out.
 * @param {...(Node | string | number | null | false | undefined)} children
 * @returns {any}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) made.style.setProperty(name, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : /** @type {Node} */ (child))));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element of a drawing.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 */
export function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Put the words of a language where the page asks for them.
 * @param {Record<string, any>} words
 */
export function dress(words) {
  for (const part of document.querySelectorAll("[data-word]")) {
    part.textContent = words[/** @type {HTMLElement} */ (part).dataset.word ?? ""];
  }
  for (const part of document.querySelectorAll("[data-label]")) {
    part.setAttribute("aria-label", words[/** @type {HTMLElement} */ (part).dataset.label ?? ""]);
  }
}

/**
 * Say something in passing.
 * @param {string} text
 * @param {{stay?: boolean}} [how] Whether it stays until something else is said.
 */
export function tell(text, { stay = false } = {}) {
  const toast = find("#toast");
  clearTimeout(Number(toast.dataset.timer));
  toast.textContent = text;
  toast.hidden = !text;
  if (text && !stay) toast.dataset.timer = String(setTimeout(() => { toast.hidden = true; }, 6000));
}

/**
 * Let the browser keep a file.
 * @param {Blob} content
 * @param {string} name
 */
export function keep(content, name) {
  const link = el("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
