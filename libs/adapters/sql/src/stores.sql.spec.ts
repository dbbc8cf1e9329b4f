import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditJournalContract, auditStoreContract } from '@flow/testing/audit';
import { domainQuotasContract } from '@flow/testing/quotas';
import { domainRetentionsContract } from '@flow/testing/retention';
import { fileStoreContract } from '@flow/testing/files';
import { tokenStoreContract } from '@flow/testing/auth';
import { installationMarkContract } from '@flow/testing/platform';
import { secretStoreContract, variableStoreContract } from '@flow/testing/secrets';
import { firingStoreContract, savedInputStoreContract, triggerStoreContract } from '@flow/testing/triggers';
import {
  ENTITIES,
  SqlAuditJournal,
  SqlAuditStore,
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlFileStore,
  SqlFiringStore,
  SqlSavedInputStore,
  SqlSecretStore,
  SqlTokenStore,
  SqlTriggerStore,
  SqlVariableStore,
  SqliteRelational,
  type Relational,
} from '@flow/adapters/sql';

function world<T>(make: (relational: Relational) => T) {
  const folder = mkdtempSync(join(tmpdir(), 'relational-'));
  const relational = SqliteRelational.open(folder, ENTITIES);
  return {
    store: make(relational),
    close: async () => {
      await relational.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

tokenStoreContract('SqlTokenStore', async () => world((relational) => new SqlTokenStore(relational)));
secretStoreContract('SqlSecretStore', async () => world((relational) => new SqlSecretStore(relational)));
domainRetentionsContract('SqlDomainRetentions', async () => world((relational) => new SqlDomainRetentions(relational)));
domainQuotasContract('SqlDomainQuotas', async () => world((relational) => new SqlDomainQuotas(relational)));
fileStoreContract('SqlFileStore', async () => world((relational) => new SqlFileStore(relational)));
variableStoreContract('SqlVariableStore', async () => world((relational) => new SqlVariableStore(relational)));

const triggers = async () => {
  const { store, close } = world((relational) => ({
    triggers: new SqlTriggerStore(relational),
    firings: new SqlFiringStore(relational),
    inputs: new SqlSavedInputStore(relational),
  }));
  return { ...store, close };
};
triggerStoreContract('SqlTriggerStore', triggers);
firingStoreContract('SqlFiringStore', triggers);
savedInputStoreContract('SqlSavedInputStore', triggers);
const audit = async () => {
  const { store, close } = world((relational) => ({
    store: new SqlAuditStore(relational),
    journal: new SqlAuditJournal(relational),
  }));
  return { ...store, close };
};
auditStoreContract('SqlAuditStore', audit);
auditJournalContract('SqlAuditJournal', audit);
installationMarkContract('SqliteRelationalMark', async () => {
  const { store, close } = world((relational) => relational);
  return { store: store.installation(), reopen: async () => store.installation(), close };
});
