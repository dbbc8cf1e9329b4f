export { MASK, Masker } from './masker';
export { LARGEST_SECRET_BYTES, MOST_HOSTS, mayGoTo, type Secret } from './secret';
export { SecretBox, parseKeys, type SealedFor } from './secret-box';
export { KEY_FILE, keyFileFault, openSecretBox } from './secret-keys.file';
export {
  SecretDamaged,
  SecretInUse,
  SecretKeyMissing,
  SecretKeysInvalid,
  SecretNameTaken,
  SecretNotFound,
  VariableNameTaken,
  VariableNotFound,
} from './secret.errors';
export { SecretReader, type RevealedSecret } from './secret.reader';
export { SecretStore, type StoredSecret } from './secret.store';
export { SecretUsers, type SecretUse } from './secret.users';
export { SecretsService, USERS_SHOWN, type SecretContent, type UsedSecret } from './secrets.service';
export { REVEALED_FOR_MS, StoredSecretReader } from './stored-secret.reader';
export { VariableStore, type Variable } from './variable.store';
export { LARGEST_VARIABLE_BYTES, VariablesService } from './variables.service';
