import type { LargeValues } from '@flow/instances';
import type { Metrics } from '@flow/observability';
import type { Settings } from '@flow/settings';
import type { FactoryProvider, ValueProvider } from '@nestjs/common';
import type { App } from './app';
import type { Stores } from './stores';
import type { Log } from './task-log';

/** Tokens under which a process's own settings and log are injected. */
export const SETTINGS = Symbol('settings');
export const LOG = Symbol('log');

/** What is told to whoever watches over the process. */
export interface ServiceEvents {
  onFenced(error: Error): void;
  /** Somebody asks this process to let go of what it holds. */
  onDrain(): void;
}

/** What every service of a process is made of. */
export interface Ground {
  readonly app: App;
  readonly settings: Settings;
  readonly stores: Stores;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly large: LargeValues;
  readonly events: ServiceEvents;
}

export type Provided = FactoryProvider | ValueProvider;

type Token<T> = abstract new (...args: never[]) => T;
type Tokens<A extends readonly unknown[]> = { readonly [K in keyof A]: Token<A[K]> };

/** A provider whose arguments are checked against the constructor that takes them. */
export function made<T, A extends readonly unknown[]>(
  provide: Token<T>,
  inject: Tokens<A>,
  make: (...args: A) => T,
): FactoryProvider<T> {
  return { provide, inject: [...inject] as never, useFactory: make as never };
}
