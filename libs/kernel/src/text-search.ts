/** Up to this product of the lengths the engine's own search is fast enough at its worst (a few milliseconds). */
const NATIVE_WORK = 1 << 24;

/** Whether the worst case of the built-in search would stop the process: it is the product of both lengths. */
export function needsCare(text: string, piece: string): boolean {
  return Math.max(0, text.length - piece.length) * piece.length > NATIVE_WORK;
}

/** The first place of the piece in the text at or after `from`, or -1: in time that grows with the text, never with the product. */
export function findText(text: string, piece: string, from = 0): number {
  if (!needsCare(text, piece)) return text.indexOf(piece, from);
  const borders = bordersOf(piece);
  let matched = 0;
  for (let at = Math.max(0, from); at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    while (matched > 0 && code !== piece.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (code === piece.charCodeAt(matched)) matched += 1;
    if (matched === piece.length) return at - matched + 1;
  }
  return -1;
}

/** Knuth, Morris, Pratt: how much of a failed match can be kept. */
function bordersOf(piece: string): Int32Array {
  const borders = new Int32Array(piece.length);
  for (let at = 1, length = 0; at < piece.length; at += 1) {
    const code = piece.charCodeAt(at);
    while (length > 0 && code !== piece.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (code === piece.charCodeAt(length)) length += 1;
    borders[at] = length;
  }
  return borders;
}
