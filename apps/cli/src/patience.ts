import { setTimeout as pause } from 'node:timers/promises';
import { ServiceAway, ServiceRefused } from './service.errors';

/** A service that restarts is back by then. */
const AWAY_MS = 30_000;
const PAUSE_MS = 1_000;

export interface Bearing {
  readonly signal: AbortSignal;
  /** Told once each time when the service no longer answers. */
  readonly onAway: () => void;
}

/** Bears that the service is away for a while: it may be starting anew. */
export class Patience {
  private sinceMs: number | undefined;

  constructor(private readonly bearing: Bearing) {}

  renew(): void {
    this.sinceMs = undefined;
  }

  /** Waits a moment. @throws the error when it is another one, or when this has gone on for too long */
  async endure(error: unknown): Promise<void> {
    const { signal, onAway } = this.bearing;
    const isAway = error instanceof ServiceAway || (error instanceof ServiceRefused && error.status === 503);
    if (!isAway || signal.aborted || ('code' in error && error.code === 'stream.too_many')) throw error;
    if (this.sinceMs === undefined) onAway();
    this.sinceMs ??= Date.now();
    if (Date.now() - this.sinceMs > AWAY_MS) throw error;
    await pause(PAUSE_MS, undefined, { signal });
  }
}
