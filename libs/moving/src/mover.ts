import { textOf, Tally, type Entry } from './entry';
import type { MoveNotes } from './move.notes';
import type { MoveSource } from './move.source';
import type { MoveTarget } from './move.target';

const MOST_NAMED = 20;

/** What goes from one store to another. */
export interface Route {
  readonly source: MoveSource;
  readonly target: MoveTarget;
}

export interface MoverEvents {
  /** So many of a part are in the target, or were compared. */
  onProgress(step: 'copy' | 'verify', part: string, done: number): void;
  /** Asked between two requests: true ends the work there, to be taken up again. */
  isOver(): boolean;
}

/** What a comparison of both sides came to. */
export interface PartVerdict {
  readonly part: string;
  readonly inSource: number;
  readonly inTarget: number;
  readonly sourceChecksum: string;
  readonly targetChecksum: string;
  /** Keys of what is missing in the target or differs there: the first of them. */
  readonly differing: readonly string[];
}

export function isSame({ inSource, inTarget, sourceChecksum, targetChecksum, differing }: PartVerdict): boolean {
  return inSource === inTarget && sourceChecksum === targetChecksum && differing.length === 0;
}

/**
 * Copies what sources hold into targets, a page at a time, and notes how far it is when a page is durable: cut off at any moment, it goes on
 * with that page, which is written again as it was. Then everything is read back from both sides and compared.
 */
export class Mover {
  constructor(
    private readonly routes: readonly Route[],
    private readonly notes: MoveNotes,
    private readonly events: MoverEvents,
  ) {}

  /** False when it was ended before all was copied. */
  async copy(): Promise<boolean> {
    for (const { source, target } of this.routes)
      for (const part of source.parts) if (!(await this.copyPart(part, source, target))) return false;
    return true;
  }

  /** Undefined when it was ended before all was compared. */
  async verify(): Promise<readonly PartVerdict[] | undefined> {
    const verdicts: PartVerdict[] = [];
    for (const { source, target } of this.routes)
      for (const part of source.parts) {
        const verdict = await this.verifyPart(part, source, target);
        if (!verdict) return undefined;
        verdicts.push(verdict);
      }
    return verdicts;
  }

  private async copyPart(part: string, source: MoveSource, target: MoveTarget): Promise<boolean> {
    let { place, count } = (await this.notes.progress(part)) ?? { place: null, count: 0 };
    for (let page = source.page(part, place); ;) {
      const entries = await page;
      this.events.onProgress('copy', part, count);
      const last = entries.at(-1);
      if (!last) return true;
      if (this.events.isOver()) return false;
      ({ place } = last);
      count += entries.length;
      // The next one is read while this one is on its way.
      page = source.page(part, place);
      page.catch(() => undefined);
      await target.put(part, entries);
      await this.notes.reached(part, { place, count });
    }
  }

  private async verifyPart(part: string, source: MoveSource, target: MoveTarget): Promise<PartVerdict | undefined> {
    const [here, there] = [new Tally(), new Tally()];
    const differing: string[] = [];
    for (let place: string | null = null; ;) {
      const entries: readonly (Entry & { readonly place: string })[] = await source.page(part, place);
      const last = entries.at(-1);
      if (!last) break;
      if (this.events.isOver()) return undefined;
      const found = await target.find(
        part,
        entries.map(({ key }) => key),
      );
      const texts = new Map(found.map((entry) => [entry.key, textOf(entry)]));
      for (const text of texts.values()) there.add(text);
      for (const entry of entries) {
        const text = textOf(entry);
        here.add(text);
        if (texts.get(entry.key) !== text && differing.length < MOST_NAMED) differing.push(entry.key);
      }
      this.events.onProgress('verify', part, here.count);
      ({ place } = last);
    }
    return {
      part,
      inSource: here.count,
      // Also what no source has given.
      inTarget: await target.count(part),
      sourceChecksum: here.checksum,
      targetChecksum: there.checksum,
      differing,
    };
  }
}
