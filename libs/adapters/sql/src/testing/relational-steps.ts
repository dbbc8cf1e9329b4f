import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLIC as DOMAIN, aChain, aCommand, anEntry, later as afterwards } from '@flow/testing/audit';
import { aStoredToken } from '@flow/testing/auth';
import { aFile } from '@flow/testing/files';
import { aDomainQuota } from '@flow/testing/quotas';
import { aDomainRetention } from '@flow/testing/retention';
import { aStoredSecret, aVariable } from '@flow/testing/secrets';
import { AT, PUBLIC, aFiring, aSavedInput, aTrigger, later } from '@flow/testing/triggers';
import { SqlAuditJournal } from '../audit-journal-store.sql';
import { SqlAuditStore } from '../audit-store.sql';
import { SqlDomainQuotas } from '../domain-quota-store.sql';
import { SqlDomainRetentions } from '../domain-retention-store.sql';
import { SqlFileStore } from '../file-store.sql';
import { SqlFiringStore } from '../firing-store.sql';
import type { Relational } from '../relational';
import { SqlSavedInputStore } from '../saved-input-store.sql';
import { SqlSecretStore } from '../secret-store.sql';
import { SqlTokenStore } from '../token-store.sql';
import { SqlTriggerStore } from '../trigger-store.sql';
import { SqlVariableStore } from '../variable-store.sql';

/** Every transaction of the stores by its name, found in their sources. */
export function transactionNames(): readonly string[] {
  const folder = join(__dirname, '..');
  return readdirSync(folder)
    .filter((file) => file.endsWith('-store.sql.ts'))
    .flatMap((file) => {
      const calls = readFileSync(join(folder, file), 'utf8').matchAll(/relational\.run\(\s*(?:'([^']*)')?/g);
      return Array.from(calls, ([, name = '']) => name);
    });
}

/** Every kind of write that the relational database knows, in an order that a service could have; the same at each run. */
export function relationalSteps(relational: Relational): readonly (() => Promise<unknown>)[] {
  const tokens = new SqlTokenStore(relational);
  const secrets = new SqlSecretStore(relational);
  const variables = new SqlVariableStore(relational);
  const quotas = new SqlDomainQuotas(relational);
  const retentions = new SqlDomainRetentions(relational);
  const files = new SqlFileStore(relational);
  const inputs = new SqlSavedInputStore(relational);
  const token = aStoredToken();
  const other = aStoredToken({ id: 'other' as never, expiresAt: new Date(1) });
  const secret = aStoredSecret();
  const variable = aVariable();
  return [
    () => tokens.add(token),
    () => tokens.markUsed(token.id, new Date(5)),
    () => tokens.add(other),
    () => tokens.purge(new Date(2), 10),
    () => secrets.add(secret),
    () => secrets.replace({ ...secret, envelope: 'next' }),
    () => variables.add(variable),
    () => variables.replace({ ...variable, value: 'next' }),
    () => retentions.put(aDomainRetention()),
    () => retentions.put(aDomainRetention({ retention: 'P1D' })),
    () => retentions.remove(aDomainRetention().domain),
    () => quotas.put(aDomainQuota()),
    () => quotas.put(aDomainQuota({ liveInstances: 3 })),
    () => quotas.remove(aDomainQuota().domain),
    () => files.add(aFile(1), 2),
    () => files.add(aFile(2), 2),
    () => files.remove([aFile(1).id]),
    () => inputs.add(aSavedInput(), 1),
    () => inputs.remove(aSavedInput().domain, aSavedInput().triggerId, aSavedInput().name),
    ...triggerSteps(relational),
    ...auditSteps(relational),
    () => tokens.remove(token.principal, token.id),
    () => secrets.remove(secret.domain, secret.name),
    () => variables.remove(variable.domain, variable.name),
  ];
}

/** Commands on their way into the trail, and out of it when their time is over. */
function auditSteps(relational: Relational): readonly (() => Promise<unknown>)[] {
  const [journal, store, chain] = [new SqlAuditJournal(relational), new SqlAuditStore(relational), aChain()];
  return [
    () => journal.add([anEntry(1), anEntry(2)]),
    () => store.append(DOMAIN, [aCommand(1), aCommand(2)], chain),
    () => journal.remove([anEntry(1).command.id]),
    () => store.markTold(DOMAIN, 1),
    () => store.append(DOMAIN, [aCommand(3)], chain),
    () => store.removeOldest(DOMAIN, afterwards(2), 10, chain),
  ];
}

/** A schedule that goes on, what it decided and what came besides, to the end of both. */
function triggerSteps(relational: Relational): readonly (() => Promise<unknown>)[] {
  const triggers = new SqlTriggerStore(relational);
  const firings = new SqlFiringStore(relational);
  const [trigger, other] = [aTrigger(), aTrigger({ id: 'other' as never, owner: 'bob' })];
  const dead = (n: number) => aFiring(n, { status: 'dead', endedAt: later(n) });
  const gathering = aFiring(5, { status: 'gathering' });
  const fired = { status: 'fired', reason: null, instanceId: null, attempts: 1, dueAt: AT, endedAt: later(1) } as const;
  return [
    () => triggers.add(trigger),
    () => triggers.add(other),
    () => triggers.replace({ ...trigger, name: 'next', revision: 2 }, 1),
    () =>
      triggers.advance(
        [{ trigger: { ...trigger, revision: 2 }, nextFireAt: later(9), firings: [aFiring(1)] }],
        'me',
        later(60),
      ),
    () => firings.accept([aFiring(2, { groupId: 'g' }), dead(3), dead(4), gathering], 'me', AT),
    () => firings.release({ by: 'me' }),
    () => firings.take('me', later(1), later(60), 1),
    () => firings.settle([{ id: aFiring(1).id, ...fired }]),
    () => triggers.countEnd(trigger.id, aFiring(1).id, true),
    () => firings.batch(aFiring(6, { cause: 'batch' }), [gathering.id], 'me', AT),
    () => firings.editDead(PUBLIC, dead(4).id, { id: 'e', data: { n: 2 } }),
    () => firings.redrive(PUBLIC, { ids: [dead(3).id] }, { now: later(2) }, 10),
    () => firings.skipGroup(PUBLIC, 'g', { code: 'backfill.cancelled', message: 'by bob' }, later(3)),
    () => firings.removeDead(PUBLIC, dead(4).id),
    () => firings.purge(later(2), 10),
    () => triggers.disableOf(PUBLIC, 'bob', { principal: 'root', at: later(4) }),
    () => triggers.remove(PUBLIC, trigger.id),
  ];
}
