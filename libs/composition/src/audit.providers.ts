import { AuditChain, AuditPurge, AuditRecords, AuditTelling, AuditTrail } from '@flow/audit';
import { Clock, keepingMs } from '@flow/kernel';
import { SecretBox } from '@flow/secrets';
import { randomUUID } from 'node:crypto';
import { EventTelling } from './events.providers';
import { made, type Ground, type Provided } from './made';

/** What tells audit records to the world outside; nothing does where KAFKA_BROKERS is not set. */
export class AuditEvents {
  constructor(readonly telling: AuditTelling | undefined) {}
}

/** Who has done what. */
export const auditProviders = ({ settings, stores, log, metrics }: Ground): readonly Provided[] => [
  made(AuditChain, [SecretBox], (box) => {
    const [newest = ''] = box.keyIds;
    return new AuditChain({ newest, all: box.keysFor('audit') });
  }),
  made(AuditEvents, [Clock, EventTelling], (clock, { relay }) => {
    if (!relay) return new AuditEvents(undefined);
    const onFault = (error: unknown) =>
      log.error({ err: error }, 'audit records could not be told; they wait, and it is tried again');
    return new AuditEvents(new AuditTelling(stores.audit, stores.events, clock, relay, onFault));
  }),
  made(AuditTrail, [AuditChain, Clock, AuditEvents], (chain, clock, { telling }) => {
    const linked = metrics.counter('audit_records_total', 'Commands that have got their audit record.');
    const trail = new AuditTrail(stores.auditJournal, stores.audit, chain, clock, randomUUID(), {
      onFault: (error) =>
        log.error(
          { err: error },
          'audit records could not be written; they stand in the journal, and it is tried again',
        ),
      onLinked: (count) => {
        linked.inc(count);
        telling?.wake();
      },
    });
    metrics.gauge('audit_waiting', 'Commands that wait for their audit record in this process.', () => trail.waiting);
    return trail;
  }),
  made(AuditRecords, [AuditTrail, AuditChain], (trail, chain) => new AuditRecords(stores.audit, trail, chain)),
  made(
    AuditPurge,
    [AuditChain, Clock],
    (chain, clock) =>
      new AuditPurge(stores.audit, chain, clock, keepingMs(settings.auditRetention) ?? Infinity, (error) =>
        log.error({ err: error }, 'old audit records could not be removed; it is tried again'),
      ),
  ),
];
