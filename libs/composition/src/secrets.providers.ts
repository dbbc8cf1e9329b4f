import { DagSecretUsers } from './secret-users';
import { DagStore } from '@flow/dags';
import { Clock, IdGenerator, Random } from '@flow/kernel';
import { KeyedHash } from '@flow/platform';
import {
  openSecretBox,
  SecretBox,
  SecretsService,
  SecretStore,
  SecretUsers,
  StoredSecretReader,
  VariablesService,
  VariableStore,
} from '@flow/secrets';
import { TriggerStore } from '@flow/triggers';
import { made, type Ground, type Provided } from './made';

/** Secrets and variables. */
export const secretsProviders = ({ settings }: Ground): readonly Provided[] => [
  made(SecretBox, [Random], (random) => openSecretBox(settings.dataDir, settings.secretsKey ?? undefined, random)),
  made(KeyedHash, [SecretBox], (box) => new KeyedHash(box.keyFor('idempotency'))),
  made(
    StoredSecretReader,
    [SecretStore, SecretBox, Clock],
    (store, box, clock) => new StoredSecretReader(store, box, clock),
  ),
  made(SecretUsers, [DagStore, TriggerStore], (...stores) => new DagSecretUsers(...stores)),
  made(
    SecretsService,
    [SecretStore, SecretBox, StoredSecretReader, SecretUsers, Clock, IdGenerator],
    (...args) => new SecretsService(...args),
  ),
  made(VariablesService, [VariableStore, Clock, IdGenerator], (...args) => new VariablesService(...args)),
];
