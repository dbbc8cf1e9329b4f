import type { PartVerdict } from '@flow/moving';
import { isSame } from '@flow/moving';
import { bar, columns, countText, timeText } from './layout';
import type { Terminal } from './terminal';

const DRAW_EVERY_MS = 100;
const SAY_EVERY_MS = 2_000;
const SHOWN_DIGITS = 12;

type Step = 'copy' | 'verify';
const DOES: Readonly<Record<Step, string>> = { copy: 'Copied', verify: 'Compared' };

/** Shows how far a move is: counts, how fast, and how long it will take. */
export class MoveProgress {
  private readonly done: Readonly<Record<Step, Map<string, number>>> = { copy: new Map(), verify: new Map() };
  private readonly began = new Map<Step, { readonly at: number; readonly done: number }>();
  private shownAt = performance.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly totals: ReadonlyMap<string, number>,
  ) {}

  readonly note = (step: Step, part: string, done: number): void => {
    this.done[step].set(part, done);
    const now = performance.now();
    if (!this.began.has(step)) this.began.set(step, { at: now, done: this.sum(step) });
    if (now - this.shownAt < (this.terminal.isLive ? DRAW_EVERY_MS : SAY_EVERY_MS)) return;
    this.shownAt = now;
    const line = this.lineOf(step);
    if (!this.terminal.isLive) this.terminal.tell(`  ${line}`);
    else {
      const rows = [...this.totals].map(([name, total]) => {
        const count = this.done[step].get(name) ?? 0;
        return [`  ${name}`, bar(count, total), `${count.toLocaleString('en')} of ${total.toLocaleString('en')}`];
      });
      this.terminal.draw([...columns(rows), line]);
    }
  };

  private lineOf(step: Step): string {
    const all = [...this.totals.values()].reduce((sum, total) => sum + total, 0);
    const done = this.sum(step);
    const { at = 0, done: before = 0 } = this.began.get(step) ?? {};
    const perMs = (done - before) / Math.max(1, performance.now() - at);
    const left = perMs > 0 ? `; about ${timeText((all - done) / perMs)} left` : '';
    const rate = `${countText(Math.round(perMs * 1_000), 'entry', 'entries')} a second`;
    return `${DOES[step]} ${done.toLocaleString('en')} of ${countText(all, 'entry', 'entries')}, ${rate}${left}`;
  }

  private sum(step: Step): number {
    let sum = 0;
    for (const count of this.done[step].values()) sum += count;
    return sum;
  }
}

/** A line for each part: how many are on both sides, and the checksum over them. */
export function verdictTable(verdicts: readonly PartVerdict[]): readonly string[] {
  return columns([
    ['  PART', 'FOLDER', 'SERVERS', 'CHECKSUM', ''],
    ...verdicts.map((verdict) => [
      `  ${verdict.part}`,
      verdict.inSource.toLocaleString('en'),
      verdict.inTarget.toLocaleString('en'),
      verdict.sourceChecksum.slice(0, SHOWN_DIGITS),
      isSame(verdict) ? 'the same' : 'DIFFERS',
    ]),
  ]);
}

/** What is wrong with a part, with the names of the first that differ. */
export function faultOf({ part, inSource, inTarget, differing }: PartVerdict): string {
  const more = inTarget - inSource;
  const count = more > 0 ? ` ${countText(more, 'entry', 'entries')} too many are in the servers.` : '';
  const named = differing.length > 0 ? ` Missing or different there: ${differing.join(', ')}.` : '';
  return `${part}:${count}${named}`;
}
