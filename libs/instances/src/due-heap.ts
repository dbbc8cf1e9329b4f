/** Things by the moment at which they are due, the earliest first. Adding and taking cost the logarithm of their number. */
export class DueHeap<T> {
  private readonly entries: { readonly at: number; readonly what: T }[] = [];

  get size(): number {
    return this.entries.length;
  }

  /** When the first one is due. */
  get next(): number | undefined {
    return this.entries[0]?.at;
  }

  add(at: number, what: T): void {
    const { entries } = this;
    let i = entries.push({ at, what }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.isBefore(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Takes out what is due by then, `most` at most, the earliest first. */
  takeDue(by: number, most: number): T[] {
    const due: T[] = [];
    while (due.length < most && (this.next ?? Infinity) <= by) {
      const first = this.entries[0];
      if (first) due.push(first.what);
      this.dropFirst();
    }
    return due;
  }

  private dropFirst(): void {
    const { entries } = this;
    this.swap(0, entries.length - 1);
    entries.pop();
    for (let i = 0; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let first = i;
      if (left < entries.length && this.isBefore(left, first)) first = left;
      if (right < entries.length && this.isBefore(right, first)) first = right;
      if (first === i) return;
      this.swap(i, first);
      i = first;
    }
  }

  private isBefore(a: number, b: number): boolean {
    return (this.entries[a]?.at ?? Infinity) < (this.entries[b]?.at ?? Infinity);
  }

  private swap(a: number, b: number): void {
    const { entries } = this;
    const [one, other] = [entries[a], entries[b]];
    if (!one || !other) return;
    entries[a] = other;
    entries[b] = one;
  }
}
