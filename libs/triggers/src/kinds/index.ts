import type { TriggerKind } from '../trigger';
import { cron } from './cron';
import { dag } from './dag';
import { event } from './event';
import { closed, type KindRules } from './kind';
import { webhook } from './webhook';

/** Every kind there is. */
export const KINDS: Readonly<Record<TriggerKind, KindRules>> = {
  manual: { config: closed({}) },
  form: { config: closed({}) },
  cron,
  webhook,
  event,
  dag,
};
