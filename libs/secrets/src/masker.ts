import { findText, isJsonObject, type Json } from '@flow/kernel';

/** What stands where a secret stood. */
export const MASK = '***';

/** Shorter values would turn up in any text by chance; they are left as they are. */
const SHORTEST_MASKED = 4;
/** Fewer characters of Base64 than these match by chance. */
const SHORTEST_BASE64 = 6;

/** Base64 of `value` wherever it stands within a longer encoded text: at each of the three offsets, without the edge characters that depend on its neighbours. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const skipped = [0, 2, 3][offset] ?? 0;
    const wholeGroups = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = text.slice(skipped, wholeGroups);
    if (core.length < SHORTEST_BASE64) return [];
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function formsOf(value: string): string[] {
  const url = encodeURIComponent((value as string & { toWellFormed(): string }).toWellFormed());
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    // encodeURIComponent leaves these; other encoders do not.
    url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
    ...base64Forms(value),
  ];
}

/** `text` with the mask in every place of `form`, in time that grows with both and never with their product. */
function without(text: string, form: string): string {
  let rest = 0;
  let masked = '';
  for (let at = findText(text, form); at >= 0; at = findText(text, form, rest)) {
    masked += text.slice(rest, at) + MASK;
    rest = at + form.length;
  }
  return rest === 0 ? text : masked + text.slice(rest);
}

/**
 * The one place that hides secrets in what is stored, logged or answered: their values as they are, JSON-escaped, URL-encoded
 * and in Base64, also as part of a longer text (`Basic ...`). Values under 4 characters are not hidden.
 */
export class Masker {
  /** Longest first, so that a secret within another one's form does not break it apart. */
  private forms: readonly string[] = [];

  constructor(values: Iterable<string>) {
    this.add(...values);
  }

  /** Hides these as well from now on. */
  add(...values: readonly string[]): void {
    const forms = new Set(this.forms);
    for (const value of values) if (value.length >= SHORTEST_MASKED) for (const form of formsOf(value)) forms.add(form);
    this.forms = [...forms].sort((a, b) => b.length - a.length);
  }

  /** What is hidden, in every form: for those who hide it in another thread or in bytes. */
  get hidden(): readonly string[] {
    return this.forms;
  }

  text(text: string): string {
    let masked = text;
    for (const form of this.forms) masked = without(masked, form);
    return masked;
  }

  /** Texts, keys and numbers in it are masked; what holds no secret is the same value, not a copy. */
  json(value: Json): Json {
    return this.forms.length === 0 ? value : this.walk(value);
  }

  private walk(value: Json): Json {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') {
      const text = String(value);
      return this.text(text) === text ? value : MASK;
    }
    if (Array.isArray(value)) {
      const list: readonly Json[] = value;
      const masked = list.map((item) => this.walk(item));
      return masked.some((item, i) => item !== list[i]) ? masked : list;
    }
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value);
    const masked = entries.map(([key, item]): [string, Json] => [this.text(key), this.walk(item)]);
    const same = masked.every(([key, item], i) => key === entries[i]?.[0] && item === entries[i][1]);
    return same ? value : Object.fromEntries(masked);
  }
}
