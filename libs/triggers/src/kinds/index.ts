import type { TriggerKind } from '../trigger';
import { cron } from './cron';
import { event } from './event';
import { closed, type KindRules } from './kind';

/** Every kind there is. */
export const KINDS: Readonly<Record<TriggerKind, KindRules>> = {
  manual: { config: closed({}) },
  form: { config: closed({}) },
  cron,
  webhook: { config: closed({}) },
  event,
  dag: { config: closed({}) },
};
