import {
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
  type Relational,
} from '@flow/adapters/sql';
import { auditJournalContract, auditStoreContract } from '@flow/testing/audit';
import { tokenStoreContract } from '@flow/testing/auth';
import { fileStoreContract } from '@flow/testing/files';
import { domainQuotasContract } from '@flow/testing/quotas';
import { domainRetentionsContract } from '@flow/testing/retention';
import { installationMarkContract } from '@flow/testing/platform';
import { secretStoreContract, variableStoreContract } from '@flow/testing/secrets';
import { firingStoreContract, savedInputStoreContract, triggerStoreContract } from '@flow/testing/triggers';
import { TestDatabase } from './testing/mariadb-server';

const on =
  <T>(make: (relational: Relational) => T) =>
  async () => {
    const database = await TestDatabase.make();
    const relational = await database.open();
    return {
      store: make(relational),
      close: async () => {
        await relational.close();
        await database.remove();
      },
    };
  };

tokenStoreContract(
  'SqlTokenStore on MariaDB',
  on((relational) => new SqlTokenStore(relational)),
);
secretStoreContract(
  'SqlSecretStore on MariaDB',
  on((relational) => new SqlSecretStore(relational)),
);
variableStoreContract(
  'SqlVariableStore on MariaDB',
  on((relational) => new SqlVariableStore(relational)),
);
fileStoreContract(
  'SqlFileStore on MariaDB',
  on((relational) => new SqlFileStore(relational)),
);
domainQuotasContract(
  'SqlDomainQuotas on MariaDB',
  on((relational) => new SqlDomainQuotas(relational)),
);
domainRetentionsContract(
  'SqlDomainRetentions on MariaDB',
  on((relational) => new SqlDomainRetentions(relational)),
);

const triggers = async () => {
  const { store, close } = await on((relational) => ({
    triggers: new SqlTriggerStore(relational),
    firings: new SqlFiringStore(relational),
    inputs: new SqlSavedInputStore(relational),
  }))();
  return { ...store, close };
};
triggerStoreContract('SqlTriggerStore on MariaDB', triggers);
firingStoreContract('SqlFiringStore on MariaDB', triggers);
savedInputStoreContract('SqlSavedInputStore on MariaDB', triggers);
const audit = async () => {
  const { store, close } = await on((relational) => ({
    store: new SqlAuditStore(relational),
    journal: new SqlAuditJournal(relational),
  }))();
  return { ...store, close };
};
auditStoreContract('SqlAuditStore on MariaDB', audit);
auditJournalContract('SqlAuditJournal on MariaDB', audit);
installationMarkContract('MariaDbMark', async () => {
  const database = await TestDatabase.make();
  const [one, other] = [await database.open(), await database.open()];
  const close = async () => {
    await one.close();
    await other.close();
    await database.remove();
  };
  return { store: one.installation(), reopen: async () => other.installation(), close };
});
