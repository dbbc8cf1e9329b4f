import type { DomainId } from '@flow/kernel';

/** A secret in the clear, and where it may be sent: host names and `*.suffix` patterns; none is nowhere. */
export interface RevealedSecret {
  readonly value: string;
  readonly hosts: readonly string[];
}

/** Secrets for whoever carries out a step; no API leads here. */
export abstract class SecretReader {
  /** The secrets of this business domain by name; what it does not have is missing from the answer. */
  abstract reveal(domain: DomainId, names: readonly string[]): Promise<ReadonlyMap<string, RevealedSecret>>;
}
