import type { AnyEntity } from './entity';
import { SECRETS, VARIABLES } from './secret.entity';
import { TOKENS } from './token.entity';

/** Every table that TypeORM maps. */
export const ENTITIES: readonly AnyEntity[] = [TOKENS, SECRETS, VARIABLES];
