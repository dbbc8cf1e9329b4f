import { WaitingRoom, type ServerName } from '@flow/http';
import { SystemClock, SystemRandom } from '@flow/platform';
import type { Settings } from '@flow/settings';
import { assertFree } from './ports';
import { StartEnded, type StoreWait, type Waiting } from './store-waiting';
import type { Log } from './task-log';

/** While a store stays away, a line for it so often. */
const TELL_MS = 30_000;

/** What a process does while its stores are not there: it says so, and answers its probes. */
export class StartWait {
  private readonly awaited = new Map<string, number>();
  private room: Promise<WaitingRoom> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly ports: Partial<Readonly<Record<ServerName, number>>>,
    private readonly log: Log,
  ) {}

  /** @throws what `open` throws; PortTaken; StartEnded when `signal` says so */
  async during<T>(signal: AbortSignal, open: (waiting: Waiting) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    let fault: unknown;
    const onWait = (wait: StoreWait) => {
      this.tell(wait);
      this.room ??= this.openRoom();
      this.room.catch((error: unknown) => {
        fault ??= error;
        ending.abort();
      });
    };
    const waiting = {
      clock: new SystemClock(),
      random: new SystemRandom(),
      signal: AbortSignal.any([signal, ending.signal]),
      onWait,
      onThere: ({ store, waitedMs }: Pick<StoreWait, 'store' | 'waitedMs'>) => {
        this.awaited.delete(store.toLowerCase());
        this.log.info({ store, waitedS: Math.round(waitedMs / 1_000) }, `${store} is there`);
      },
    };
    try {
      return await open(waiting);
    } catch (error) {
      throw error instanceof StartEnded ? (fault ?? error) : error;
    } finally {
      await this.room?.then(
        (room) => room.close(),
        () => undefined,
      );
    }
  }

  private async openRoom(): Promise<WaitingRoom> {
    for (const port of Object.values(this.ports)) await assertFree(this.settings, port);
    return WaitingRoom.open(this.settings.apiServerHost, this.ports, () => [...this.awaited.keys()]);
  }

  private tell({ store, setting, waitedMs, nextTryMs, error }: StoreWait): void {
    const told = this.awaited.get(store.toLowerCase());
    if (told !== undefined && waitedMs - told < TELL_MS) return;
    this.awaited.set(store.toLowerCase(), waitedMs);
    const [waitedS, nextTryS] = [Math.round(waitedMs / 1_000), Math.ceil(nextTryMs / 1_000)];
    this.log.warn(
      { store, setting, waitedS, nextTryS, why: error.message },
      `the start waits for ${store} (${setting})`,
    );
  }
}
