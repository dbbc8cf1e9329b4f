import { ServiceAway } from './service.errors';

const NEWLINE = 10;
/** More than the records that are looked for have. */
const HEAD = 4_096;

/** Looks at the lines of an archive as they go by: how many runs are whole, and how the page ends. Holds the head of one line at most. */
export class ArchiveLines {
  whole = 0;
  private head = Buffer.alloc(0);
  private end: { readonly nextCursor: string | null } | undefined;

  /** The cursor of the next page; null when there is none. */
  get next(): string | null {
    if (!this.end) throw new Error('The page has not ended.');
    return this.end.nextCursor;
  }

  /** The pieces as they are. @throws ServiceAway when they end before the page does */
  async *watching(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.take(piece);
      yield piece;
    }
    if (!this.end) throw new ServiceAway('The answer was cut off.');
  }

  private take(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const newline = piece.indexOf(NEWLINE, at);
      const stop = newline < 0 ? piece.length : newline;
      if (this.head.length < HEAD)
        this.head = Buffer.concat([this.head, piece.subarray(at, Math.min(stop, at + HEAD))]);
      if (newline >= 0) this.over();
      at = stop + 1;
    }
  }

  private over(): void {
    const text = this.head.toString('utf8');
    this.head = Buffer.alloc(0);
    if (text.startsWith('{"record":"whole"')) this.whole += 1;
    if (text.startsWith('{"record":"end"')) this.end = JSON.parse(text) as { nextCursor: string | null };
  }
}
