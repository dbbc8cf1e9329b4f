import type { DagContent } from '@flow/dags';
import type { DagId, DomainId } from '@flow/kernel';

const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Contents of versions that were read last, parsed: a version never changes, so none goes stale. Nobody can change what all share. */
export class DagContents {
  private readonly kept = new Map<string, { readonly content: DagContent; readonly characters: number }>();
  private characters = 0;

  /** `read` gives the version's JSON. */
  get(domain: DomainId, dagId: DagId, version: string, read: () => string): DagContent {
    const key = `${domain} ${dagId} ${version}`;
    const known = this.kept.get(key);
    this.kept.delete(key);
    if (known) {
      this.kept.set(key, known);
      return known.content;
    }
    const text = read();
    const content = frozen(JSON.parse(text) as DagContent);
    this.kept.set(key, { content, characters: text.length });
    this.characters += text.length;
    for (const [oldest, { characters }] of this.kept) {
      if (this.characters <= MOST_CHARACTERS) break;
      this.kept.delete(oldest);
      this.characters -= characters;
    }
    return content;
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
