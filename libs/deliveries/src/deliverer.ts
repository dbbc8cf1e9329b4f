import { setMaxListeners } from 'node:events';
import { AppError, type Clock, type DomainId, type Random } from '@flow/kernel';
import { OutboundBlocked, OutboundError, OutboundInvalid, type HttpClient } from '@flow/platform';
import { pauseAfter, retryAfterMs } from './back-off';
import { domainOfLane, type Delivery } from './delivery';
import type { DeliveryStore } from './delivery.store';
import { signedHeaders } from './signature';
import type { WebhookSecrets } from './webhook-secrets.service';

export const ATTEMPT_MS = 15_000;
/** Others leave a delivery alone for so long: an attempt, and what is written down of it. */
const TAKEN_MS = 2 * ATTEMPT_MS;
/** Attempts under way at a time: in all, of one business domain, and in a lane whose last attempt was taken. After a failure it is one. */
export const MOST_AT_ONCE = 64;
export const MOST_OF_A_DOMAIN = 16;
export const MOST_OF_A_LANE = 4;
/** Before a store that failed is asked again. */
const PAUSE_AFTER_FAULT_MS = 1_000;

export type DeliveryOutcome = 'delivered' | 'retried' | 'dead';

export interface DelivererEvents {
  /** The store or the keys failed; it is tried again. */
  onFault(error: unknown): void;
  onAttempt(outcome: DeliveryOutcome): void;
}

interface Lane {
  /** Ids of deliveries that are being sent. */
  readonly underWay: Set<string>;
  isFailing: boolean;
}

/** What an attempt came to: taken, or why not, when the receiver wants to be asked again, and whether that makes no sense. */
type Answer =
  | { readonly taken: true }
  | { readonly taken: false; readonly error: string; readonly retryAfterMs?: number; readonly isLast?: boolean };

/**
 * Sends what is due, each lane (`laneOf`) by itself: the longest due first, a few at a time, one at a time after a failure. Attempts
 * and the time of the next stand in the store, so that another process goes on where this one ended; what was sent and not
 * written down is sent again, under the same id.
 */
export class Deliverer {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes in which something may be due, in the order in which they get their turn. */
  private readonly ready = new Set<string>();
  /** Attempts under way, by business domain. */
  private readonly ofDomains = new Map<DomainId, number>();
  private readonly idle: (() => void)[] = [];
  private readonly stopping = new AbortController();
  private active = 0;
  private running = false;
  private isOn = false;
  private alarm: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly store: DeliveryStore,
    private readonly http: HttpClient,
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly events: DelivererEvents,
  ) {
    // Every attempt listens, and waits for its store at most once more.
    setMaxListeners(2 * MOST_AT_ONCE, this.stopping.signal);
  }

  /** Attempts under way. */
  get underWay(): number {
    return this.active;
  }

  /** Begins with what earlier processes have left. */
  async start(): Promise<void> {
    this.isOn = true;
    await this.look();
  }

  /** Something is due in this lane. */
  wake(lane: string): void {
    if (!this.isOn) return;
    this.ready.add(lane);
    void this.work();
  }

  /** Begins nothing more; what is under way may end for so long, then it is cut off and done again after the next start. */
  async stop(withinMs: number): Promise<void> {
    this.isOn = false;
    this.alarm?.cancel();
    const ended = new Promise<void>((resolve) => {
      if (this.active === 0) resolve();
      else this.idle.push(resolve);
    });
    if (withinMs <= 0) this.stopping.abort();
    const cancel = this.clock.after(withinMs, () => this.stopping.abort());
    await ended;
    cancel();
  }

  /** Finds the lanes that are due, and when to look again. */
  private async look(): Promise<void> {
    try {
      const nowMs = this.nowMs();
      for (const { lane, nextAt } of await this.store.lanes())
        if (nextAt.getTime() <= nowMs) this.ready.add(lane);
        else this.lookAt(nextAt.getTime());
    } catch (error) {
      this.faulted(error);
    }
    await this.work();
  }

  private lookAt(at: number): void {
    if (!this.isOn || (this.alarm && this.alarm.at <= at)) return;
    this.alarm?.cancel();
    const cancel = this.clock.after(at - this.nowMs(), () => {
      this.alarm = undefined;
      void this.look();
    });
    this.alarm = { at, cancel };
  }

  /** Gives every lane that is ready and has room its turn, again and again, until none has. */
  private async work(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let lane = this.nextLane(); lane !== undefined; lane = this.nextLane()) {
      this.ready.delete(lane);
      try {
        const delivery = await this.firstDue(lane);
        if (!delivery) await this.lookWhenNextIn(lane);
        // What went on meanwhile has woken the lane again.
        else if (this.isOn && this.hasRoom(lane)) {
          this.begin(lane, delivery);
          this.ready.add(lane);
        }
      } catch (error) {
        this.faulted(error);
      }
    }
    this.running = false;
  }

  private nextLane(): string | undefined {
    if (!this.isOn || this.active >= MOST_AT_ONCE) return undefined;
    for (const lane of this.ready) if (this.hasRoom(lane)) return lane;
    return undefined;
  }

  private hasRoom(lane: string): boolean {
    const { underWay, isFailing } = this.lanes.get(lane) ?? { underWay: new Set(), isFailing: false };
    if (underWay.size >= (isFailing ? 1 : MOST_OF_A_LANE)) return false;
    return (this.ofDomains.get(domainOfLane(lane)) ?? 0) < MOST_OF_A_DOMAIN;
  }

  /** Those that are being sent as this is asked are due until it is written down what came of that. */
  private async firstDue(lane: string): Promise<Delivery | undefined> {
    const underWay = new Set(this.lanes.get(lane)?.underWay);
    for (;;) {
      const now = this.clock.now();
      const due = await this.store.due(lane, now, 1 + underWay.size);
      const first = due.find(({ id }) => !underWay.has(id));
      if (!first) return undefined;
      const until = new Date(now.getTime() + TAKEN_MS);
      if (await this.store.take(first.id, { attempts: first.attempts, now, until })) return first;
      underWay.add(first.id);
    }
  }

  /** What is due already is being sent, and wakes its lane at its end. */
  private async lookWhenNextIn(lane: string): Promise<void> {
    const nextMs = (await this.store.nextIn(lane))?.getTime();
    if (nextMs !== undefined && nextMs > this.nowMs()) this.lookAt(nextMs);
  }

  private begin(lane: string, delivery: Delivery): void {
    const standing = this.lanes.get(lane) ?? { underWay: new Set(), isFailing: false };
    this.lanes.set(lane, standing);
    standing.underWay.add(delivery.id);
    this.count(delivery.domain, 1);
    void this.attempt(delivery).then((outcome) => {
      standing.underWay.delete(delivery.id);
      standing.isFailing = outcome === 'retried';
      if (standing.underWay.size === 0 && !standing.isFailing) this.lanes.delete(lane);
      this.count(delivery.domain, -1);
      if (this.active === 0) for (const resolve of this.idle.splice(0)) resolve();
      this.wake(lane);
    });
  }

  private count(domain: DomainId, change: 1 | -1): void {
    this.active += change;
    const ofDomain = (this.ofDomains.get(domain) ?? 0) + change;
    if (ofDomain === 0) this.ofDomains.delete(domain);
    else this.ofDomains.set(domain, ofDomain);
  }

  /** Sends it once and writes down what came of it; undefined when it was cut off. */
  private async attempt(delivery: Delivery): Promise<DeliveryOutcome | undefined> {
    const { id } = delivery;
    const attempts = delivery.attempts + 1;
    const answer = await this.send(delivery);
    if (!answer) return undefined;
    const at = this.clock.now();
    const pauseMs =
      answer.taken || answer.isLast ? undefined : pauseAfter(attempts, this.random.fraction(), answer.retryAfterMs);
    const outcome = answer.taken ? 'delivered' : pauseMs === undefined ? 'dead' : 'retried';
    const isWritten = await this.persistently(async () => {
      if (answer.taken) await this.store.settle(id, attempts);
      else if (pauseMs === undefined) await this.store.bury(id, { attempts, lastError: answer.error, at });
      else {
        const nextAt = new Date(at.getTime() + pauseMs);
        await this.store.postpone(id, { attempts, nextAt, lastError: answer.error });
        this.lookAt(nextAt.getTime());
      }
    });
    if (isWritten) this.events.onAttempt(outcome);
    return outcome;
  }

  private async send({ id, domain, url, body, traceparent }: Delivery): Promise<Answer | undefined> {
    try {
      const headers = {
        ...signedHeaders(await this.secrets.valuesOf(domain), { id, body }, this.clock.now()),
        'content-type': 'application/json',
        'user-agent': 'flow-automation',
        ...(traceparent !== undefined && { traceparent }),
      };
      const { signal } = this.stopping;
      const request = { url, method: 'POST', headers, body, timeoutMs: ATTEMPT_MS, signal, dropsBody: true };
      const { status, headers: said } = await this.http.request(request);
      if (status >= 200 && status < 300) return { taken: true };
      if (status === 410) return { taken: false, error: 'The receiver answered 410: it is gone.', isLast: true };
      const error =
        status >= 300 && status < 400
          ? `The receiver answered ${status}: redirects are not followed.`
          : `The receiver answered ${status}.`;
      return { taken: false, error, retryAfterMs: retryAfterMs(said['retry-after'], this.clock.now()) };
    } catch (error) {
      if (this.stopping.signal.aborted) return undefined;
      // What this service may not or cannot call, it may not or cannot call in a day either.
      const isLast = error instanceof OutboundBlocked || error instanceof OutboundInvalid;
      if (error instanceof OutboundError) return { taken: false, error: error.message, isLast };
      this.events.onFault(error);
      return { taken: false, error: error instanceof AppError ? error.message : 'The delivery could not be made.' };
    }
  }

  /** False when it is given up, because this process ends. */
  private async persistently(work: () => Promise<void>): Promise<boolean> {
    for (;;) {
      try {
        await work();
        return true;
      } catch (error) {
        this.events.onFault(error);
        await this.pause();
        if (this.stopping.signal.aborted) return false;
      }
    }
  }

  private pause(): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.clock.after(PAUSE_AFTER_FAULT_MS, end);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }

  private faulted(error: unknown): void {
    this.events.onFault(error);
    this.lookAt(this.nowMs() + PAUSE_AFTER_FAULT_MS);
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
