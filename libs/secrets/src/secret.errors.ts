import { AppError } from '@flow/kernel';
import type { SecretUse } from './secret.users';

export class SecretNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'secret.not_found';
  constructor(name: string) {
    super(`There is no secret ${name} in this business domain.`, { name });
  }
}

export class SecretNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'secret.name_taken';
  constructor(name: string) {
    super(`There is a secret ${name} already; replace it with PUT, or take another name.`, { name });
  }
}

/** Flows would fail without it. */
export class SecretInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'secret.in_use';
  constructor(name: string, { total, dags, triggers = [] }: SecretUse) {
    const users = [
      ...dags.map(({ id, title }) => `"${title}" (${id})`),
      ...triggers.map(({ id, dagId }) => `trigger ${id} of ${dagId}`),
    ];
    const more = total > users.length && users.length > 0 ? ` and ${total - users.length} more` : '';
    const [what, them] = total === 1 ? ['DAG or trigger names', 'it'] : ['DAGs and triggers name', 'them'];
    super(
      `${total} ${what} the secret ${name}${users.length > 0 ? `: ${users.join(', ')}${more}` : ''}. Change ${them} first, or delete the secret all the same with force=true.`,
      { name, total, dags: dags.map(({ id }) => id), triggers: triggers.map(({ id }) => id) },
    );
  }
}

export class VariableNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'variable.not_found';
  constructor(name: string) {
    super(`There is no variable ${name} in this business domain.`, { name });
  }
}

export class VariableNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'variable.name_taken';
  constructor(name: string) {
    super(`There is a variable ${name} already; replace it with PUT, or take another name.`, { name });
  }
}

/** The key that a secret was encrypted with is not among those that this installation has. */
export class SecretKeyMissing extends AppError {
  readonly kind = 'internal';
  readonly code = 'secret.key_missing';
  constructor(keyId: string) {
    super(
      `The key ${keyId} that this secret was encrypted with is not known here; restore the key file or SECRETS_KEY that belongs to this data, or set the secret anew.`,
      { keyId },
    );
  }
}

/** What is stored is not what was encrypted, or was moved from where it belongs. */
export class SecretDamaged extends AppError {
  readonly kind = 'internal';
  readonly code = 'secret.damaged';
  constructor() {
    super('A stored secret does not decrypt: it was changed or moved. Set it anew.');
  }
}

/** Keys that cannot be used; stops the start. */
export class SecretKeysInvalid extends AppError {
  readonly kind = 'internal';
  readonly code = 'secret.keys_invalid';
}
