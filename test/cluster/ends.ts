import { RunEndListener, type RunEnd } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { canonicalJson, type Json } from '@flow/kernel';
import type { Door } from '../simulation/door';
import { FLOWS } from '../simulation/flows';
import type { Ledger, Violate } from '../simulation/ledger';
import type { WatchedGround } from './ground';

/** Nobody hangs on the ends of this one. */
const UNHEARD = FLOWS[0]?.id;

/** Whoever hangs on ends of runs, outside of all processes: what it was told, and how often. */
export class HeardEnds {
  readonly told = new Map<InstanceId, { readonly text: string; times: number }>();

  constructor(
    private readonly ledger: Ledger,
    private readonly ground: WatchedGround,
    private readonly violate: Violate,
  ) {}

  /** As one process tells it, through its door. */
  behind(door: Door): RunEndListener {
    return new Telling((end) => door.ask('ends.tell', true, async () => this.hear(end)));
  }

  /** When all is over, each end has been heard. */
  check(): void {
    for (const { id, creation, run } of this.ledger.accounts.values()) {
      const heard = this.told.get(id);
      if (creation.dagId === UNHEARD) {
        if (heard) this.violate(`The end of ${id} was told, and nobody listens to it.`);
        continue;
      }
      const { status, result = null, failure = null } = run.outcome ?? {};
      const text = textOf({ status: status ?? null, result, reason: failure });
      if (heard?.text !== text) this.violate(`The end of ${id} is ${text}, and was told as ${heard?.text}.`);
    }
  }

  get repeated(): number {
    return [...this.told.values()].filter(({ times }) => times > 1).length;
  }

  private hear({ instance, status, result, reason }: RunEnd): void {
    const text = textOf({ status, result, reason });
    const before = this.told.get(instance);
    if (before && before.text !== text) this.violate(`The end of ${instance} was ${before.text}, and is now ${text}.`);
    if (!this.ledger.accounts.get(instance)?.run.outcome)
      this.violate(`The end of ${instance} was told and is not durable.`);
    const row = this.ground.instances.get(instance);
    if (row?.header.seq !== this.ledger.accounts.get(instance)?.seq)
      this.violate(`The end of ${instance} was told before its row had it.`);
    this.told.set(instance, { text, times: (before?.times ?? 0) + 1 });
  }
}

class Telling extends RunEndListener {
  constructor(private readonly tell: (end: RunEnd) => Promise<void>) {
    super();
  }

  override wants({ dagId }: { readonly dagId: string }): boolean {
    return dagId !== UNHEARD;
  }

  override ended(end: RunEnd): Promise<void> {
    return this.tell(end);
  }
}

function textOf(end: object): string {
  return canonicalJson(JSON.parse(JSON.stringify(end)) as Json);
}
