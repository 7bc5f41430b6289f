// What the studio's form is filled in with. It is kept in this tab, so that it survives a reload.

/** @typedef {{name: string, url: string}} Kept */
/**
 * The files of the field that receives dropped ones have no name.
 * @typedef {{model?: string, variant?: number, values?: Record<string, string | boolean>, files?: Record<string, Kept[]>, keys?: [string, string][]}} Draft
 */

/** Each account has its own, since another one may sign in here. */
const PLACE = `enlarger.studio.${document.querySelector(".account")?.textContent ?? ""}`;

/** @param {Draft} draft What is not in it stays as it was kept before. */
export function remember(draft) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ ...recall(), ...draft }));
  } catch {
    // The storage is full or switched off: the draft does not survive then.
  }
}

/** @returns {Draft | null} */
export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  } catch {
    return null;
  }
}
