import { AppError, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import type { Permission } from './permission';

/** Who asks, within which business domain, and what they may do there. */
export interface Caller {
  readonly principal: PrincipalId;
  readonly tokenId: TokenId;
  readonly domain: DomainId;
  readonly permissions: ReadonlySet<Permission>;
}

export class PermissionMissing extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'permission.missing';
  constructor(permission: Permission) {
    super(`Your token lacks the permission ${permission}.`, { permission });
  }
}

/** The first line of every use case. */
export function demand(caller: Caller, permission: Permission): void {
  if (!caller.permissions.has(permission)) throw new PermissionMissing(permission);
}
