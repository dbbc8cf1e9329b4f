import type { State } from './terminal';

/** One line of `flowctl doctor`: a warning can wait, a fault keeps the service from working. */
export interface Finding {
  readonly about: string;
  readonly state: State;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (about: string, message: string): Finding => ({ about, state: 'ok', message });

export const warning = (about: string, message: string, advice: string): Finding => ({
  about,
  state: 'warning',
  message,
  advice,
});

export const fault = (about: string, message: string, advice: string): Finding => ({
  about,
  state: 'fault',
  message,
  advice,
});
