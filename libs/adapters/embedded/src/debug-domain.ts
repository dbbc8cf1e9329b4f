import type { DomainId } from '@flow/kernel';

/** Debug runs stand in a domain of their own, which no list asks for; the blank keeps it from any real one. */
export function debugDomain(domain: DomainId): string {
  return `debug ${domain}`;
}
