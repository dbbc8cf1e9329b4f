import type { AnyEntity } from './entity';
import { AUDIT_HEADS, AUDIT_JOURNAL, AUDIT_RECORDS } from './audit.entity';
import { DOMAIN_QUOTAS } from './domain-quota.entity';
import { DOMAIN_RETENTIONS } from './domain-retention.entity';
import { FILES } from './file.entity';
import { SAVED_INPUTS } from './saved-input.entity';
import { SECRETS, VARIABLES } from './secret.entity';
import { TOKENS } from './token.entity';
import { FIRINGS, TRIGGERS } from './trigger.entity';

/** Every table that TypeORM maps. */
export const ENTITIES: readonly AnyEntity[] = [
  TOKENS,
  SECRETS,
  VARIABLES,
  DOMAIN_RETENTIONS,
  DOMAIN_QUOTAS,
  TRIGGERS,
  FIRINGS,
  SAVED_INPUTS,
  AUDIT_RECORDS,
  AUDIT_HEADS,
  AUDIT_JOURNAL,
  FILES,
];
