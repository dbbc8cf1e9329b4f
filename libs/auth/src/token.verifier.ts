import type { VerifiedToken } from './token';

/** Says what a bearer token stands for: tokens of our own, or those of an identity provider. */
export abstract class TokenVerifier {
  /** Undefined when the token is unknown, revoked, expired or broken: these cannot be told apart. Throws when it cannot be known now. */
  abstract verify(bearer: string): Promise<VerifiedToken | undefined>;
}
