import type { Clock } from '@flow/kernel';
import type { AuditedCommand } from './audit-record';

/** What one token was denied within a window; past it they are counted, and the count has a record. */
export const DENIALS_A_WINDOW = 60;
export const WINDOW_MS = 60_000;

interface Window {
  readonly sinceMs: number;
  recorded: number;
  /** The first that had no record of its own, and how many there were. */
  unrecorded: { readonly first: AuditedCommand; count: number } | undefined;
}

export interface UnrecordedDenials {
  readonly first: AuditedCommand;
  readonly count: number;
}

/**
 * Keeps whoever is denied again and again from filling the disk: so many records a minute and token, then one that says how many more there were.
 * Only who has a valid token is denied, so there are no more windows than tokens.
 */
export class Denials {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly clock: Clock) {}

  /** Whether this one is to have a record of its own. */
  admit(command: AuditedCommand): boolean {
    const key = `${command.domain} ${command.actor.tokenId}`;
    const window = this.windowOf(key);
    if (window.recorded < DENIALS_A_WINDOW) {
      window.recorded += 1;
      return true;
    }
    window.unrecorded ??= { first: command, count: 0 };
    window.unrecorded.count += 1;
    return false;
  }

  /** What was counted in windows that are over, or in all of them. */
  takeCounted(evenOpen = false): readonly UnrecordedDenials[] {
    const nowMs = this.clock.monotonicMs();
    const counted: UnrecordedDenials[] = [];
    for (const [key, { sinceMs, unrecorded }] of this.windows) {
      if (!evenOpen && nowMs - sinceMs < WINDOW_MS) continue;
      this.windows.delete(key);
      if (unrecorded) counted.push(unrecorded);
    }
    return counted;
  }

  private windowOf(key: string): Window {
    const nowMs = this.clock.monotonicMs();
    const standing = this.windows.get(key);
    // One that is over and has counted stays until its count is taken.
    if (standing && (nowMs - standing.sinceMs < WINDOW_MS || standing.unrecorded)) return standing;
    const window: Window = { sinceMs: nowMs, recorded: 0, unrecorded: undefined };
    this.windows.set(key, window);
    return window;
  }
}
