import { type DomainId, PRIORITIES, type Priority } from '@flow/kernel';

type Call = () => Promise<void>;

/** Of so many calls one is of the lowest priority that has any: nobody waits for ever because others are more urgent. */
const CALLS_A_LEAST = 10;

/**
 * Calls that wait for their turn: so many at once, those of higher priority first; within a priority the business domains take turns, each with
 * its calls in their order, so that a domain with ten thousand calls delays that of another by one.
 */
export class CallQueue {
  /** The lowest priority first. */
  private readonly waiting = PRIORITIES.map((priority) => ({ priority, domains: new Map<DomainId, Call[]>() }));
  private stopped = false;
  private begun = 0;
  underWay = 0;

  constructor(private readonly atOnce: number) {}

  /** The call begins at once when there is room. It never rejects. */
  push(priority: Priority, domain: DomainId, call: Call): void {
    if (this.stopped) return;
    const domains = this.waiting.find((one) => one.priority === priority)?.domains;
    const calls = domains?.get(domain);
    if (calls) calls.push(call);
    else domains?.set(domain, [call]);
    this.next();
  }

  /** Calls that have not begun are forgotten; nothing new begins. */
  stop(): void {
    this.stopped = true;
    for (const { domains } of this.waiting) domains.clear();
  }

  private next(): void {
    while (this.underWay < this.atOnce) {
      const call = this.first();
      if (!call) return;
      this.underWay += 1;
      this.begun += 1;
      void call().finally(() => {
        this.underWay -= 1;
        this.next();
      });
    }
  }

  private first(): Call | undefined {
    const has = ({ domains }: (typeof this.waiting)[number]) => domains.size > 0;
    const isLeastsTurn = this.begun % CALLS_A_LEAST === CALLS_A_LEAST - 1;
    const turn = isLeastsTurn ? this.waiting.find(has) : this.waiting.findLast(has);
    const [next] = turn?.domains ?? [];
    if (!turn || !next) return undefined;
    const [domain, calls] = next;
    const call = calls.shift();
    // Its next turn comes behind all others'.
    turn.domains.delete(domain);
    if (calls.length > 0) turn.domains.set(domain, calls);
    return call;
  }
}
