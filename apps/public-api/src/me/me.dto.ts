import {
  PERMISSIONS,
  TOKEN_DEFAULT_MS,
  TOKEN_LONGEST_MS,
  type NewToken,
  type Permission,
  type TokenDomains,
} from '@flow/auth';
import { Doc, Optional } from '@flow/http';
import { RequestInvalid, durationMs, type DomainId, type PrincipalId } from '@flow/kernel';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, Length, Matches } from 'class-validator';

const DAY_MS = 24 * 60 * 60 * 1_000;

export class NewTokenBody {
  @Doc('What the token is for.')
  @IsString()
  @Length(1, 128)
  name!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(PERMISSIONS.length)
  @IsIn(PERMISSIONS, { each: true })
  permissions!: Permission[];

  @Doc('Business domains that it speaks for; ["*"] means all. The one of this request when left out.')
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(/^(\*|[a-z0-9][a-z0-9_-]{0,62})$/, { each: true })
  domains?: string[];

  @Doc(
    `How long it lives, ISO 8601; P${TOKEN_DEFAULT_MS / DAY_MS}D when left out, at most P${TOKEN_LONGEST_MS / DAY_MS}D.`,
    'P30D',
  )
  @Optional()
  @IsString()
  @Matches(/^P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d{1,3})?S)?)?$/)
  lifetime?: string;

  @Doc('Whom it speaks for; another principal than your own needs platform.admin.')
  @Optional()
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/)
  principal?: string;
}

export function newTokenOf({ name, permissions, domains, lifetime, principal }: NewTokenBody): NewToken {
  const lifetimeMs = lifetime === undefined ? undefined : durationMs(lifetime);
  if (lifetime !== undefined && (lifetimeMs === undefined || lifetimeMs <= 0))
    throw new RequestInvalid([
      {
        pointer: '/lifetime',
        code: 'field.invalid',
        message: `"${lifetime}" is no ISO 8601 duration; for example P30D.`,
      },
    ]);
  const spoken: TokenDomains | undefined = domains?.includes('*') ? '*' : (domains as DomainId[] | undefined);
  return {
    name,
    permissions,
    ...(spoken && { domains: spoken }),
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    ...(principal !== undefined && { principal: principal as PrincipalId }),
  };
}
