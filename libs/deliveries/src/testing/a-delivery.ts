import type { NewDelivery } from '@flow/deliveries';
import type { DomainId } from '@flow/kernel';

let made = 0;

/** A delivery of an instance of its own, of domain `acme`; ids rise. */
export function aDelivery(change: Partial<NewDelivery> = {}): NewDelivery {
  made += 1;
  const instance = change.instance ?? `01J${String(made).padStart(23, '0')}`;
  return {
    id: `${instance}:3:0`,
    domain: 'acme' as DomainId,
    instance,
    url: 'https://hooks.example.com/done?key=k',
    body: '{"id":"x","text":"ü \\u0000"}',
    ...change,
  };
}
