import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { aStoredToken } from '@flow/testing/auth';
import { aDomainQuota } from '@flow/testing/quotas';
import { aDomainRetention } from '@flow/testing/retention';
import { aStoredSecret, aVariable } from '@flow/testing/secrets';
import { aSavedInput } from '@flow/testing/triggers';
import { SqlDomainQuotas } from '../domain-quota-store.sql';
import { SqlDomainRetentions } from '../domain-retention-store.sql';
import type { Relational } from '../relational';
import { SqlSavedInputStore } from '../saved-input-store.sql';
import { SqlSecretStore } from '../secret-store.sql';
import { SqlTokenStore } from '../token-store.sql';
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
    () => inputs.add(aSavedInput(), 1),
    () => inputs.remove(aSavedInput().domain, aSavedInput().triggerId, aSavedInput().name),
    () => tokens.remove(token.principal, token.id),
    () => secrets.remove(secret.domain, secret.name),
    () => variables.remove(variable.domain, variable.name),
  ];
}
