import type { TFunction } from 'i18next';

export const TRIGGER_KINDS = ['manual', 'form', 'cron', 'event', 'webhook', 'dag', 'operator'] as const;

/** What starts a DAG or has started an instance, in words; a kind that the console does not know by its own name. */
export function triggerText(t: TFunction, kind: string): string {
  const known = TRIGGER_KINDS.find((one) => one === kind);
  return known ? t(`dags.trigger.${known}`) : kind;
}
