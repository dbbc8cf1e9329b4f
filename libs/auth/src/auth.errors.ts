import { AppError, type TokenId } from '@flow/kernel';

/** One answer for a missing, unknown, revoked, expired or broken token: nothing tells them apart. */
export class TokenInvalid extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'token.invalid';
  constructor() {
    super('Send a valid token as "Authorization: Bearer <token>".');
  }
}

export class DomainInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code = 'domain.invalid';
  constructor() {
    super(
      'X-Business-Domain must be 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit.',
    );
  }
}

/**
 * The token does not speak for this domain. 403, not 404: the answer depends on the list in the caller's own token and on nothing else. Whether such a domain exists is never looked
 * up, so that a domain of others and one that never was answer alike, in the same time.
 */
export class DomainForbidden extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'domain.forbidden';
  constructor() {
    super('Your token does not speak for the business domain in X-Business-Domain.');
  }
}

export class TokenNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'token.not_found';
  constructor(id: TokenId) {
    super(`No token of yours has the id ${id}.`, { id });
  }
}

/** The new token would do more, reach further or live longer than the one that makes it. */
export class TokenExceedsOwn extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'token.exceeds_own';
  constructor(what: string) {
    super(`A token cannot give more than it has itself: ${what}.`);
  }
}
