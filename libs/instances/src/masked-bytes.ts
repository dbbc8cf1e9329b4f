import { MASK } from '@flow/secrets';

/** The bytes with the mask in every place of a hidden text, also where it lies across two pieces. */
export async function* maskedBytes(
  source: AsyncIterable<Uint8Array>,
  hidden: readonly string[],
): AsyncGenerator<Uint8Array> {
  if (hidden.length === 0) {
    yield* source;
    return;
  }
  // One character a byte: what is looked for is compared byte by byte, in whatever charset the bytes are.
  const forms = hidden.map((text) => Buffer.from(text).toString('latin1'));
  const longest = Math.max(...forms.map(({ length }) => length));
  let kept = '';
  for await (const piece of source) {
    const all = kept + Buffer.from(piece).toString('latin1');
    const cut = cutBefore(all, Math.max(0, all.length - longest + 1), forms);
    yield Buffer.from(without(all.slice(0, cut), forms), 'latin1');
    kept = all.slice(cut);
  }
  yield Buffer.from(without(kept, forms), 'latin1');
}

/** The last place up to `cut` that lies in no hidden text. */
function cutBefore(text: string, cut: number, forms: readonly string[]): number {
  for (let at = cut; ;) {
    const before = at;
    for (const form of forms) {
      const start = text.lastIndexOf(form, at - 1);
      if (start >= 0 && start < at && start + form.length > at) at = start;
    }
    if (at === before) return at;
  }
}

function without(text: string, forms: readonly string[]): string {
  return forms.reduce((masked, form) => (masked.includes(form) ? masked.split(form).join(MASK) : masked), text);
}
