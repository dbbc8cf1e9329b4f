import { isIPv4, isIPv6 } from 'node:net';
import type { DomainId, Fault, PrincipalId } from '@flow/kernel';

export const LARGEST_SECRET_BYTES = 64 * 1024;
export const MOST_HOSTS = 50;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** At least two labels behind the star: `*.com` would be half the world. */
const SUFFIX = new RegExp(`^\\*(?:\\.${LABEL}){2,}$`);

/** What is shown of a secret: everything but its value. */
export interface Secret {
  readonly id: string;
  readonly domain: DomainId;
  /** Unique within its domain; read in templates as `{{secrets.name}}`. */
  readonly name: string;
  /** Where it may be sent: host names and `*.suffix` patterns, in lower case; none is nowhere. */
  readonly hosts: readonly string[];
  readonly createdBy: PrincipalId;
  readonly createdAt: Date;
  readonly modifiedBy: PrincipalId;
  readonly updatedAt: Date;
}

/** The rule for names of secrets and variables. */
export function faultsOfName(name: string): Fault[] {
  if (NAME.test(name)) return [];
  const message = 'A name is 1 to 128 letters, digits and underscores, and does not begin with a digit.';
  return [{ pointer: '/name', code: 'name.invalid', message }];
}

export function faultsOfValue(value: string): Fault[] {
  const bytes = Buffer.byteLength(value, 'utf8');
  const wellFormed = (value as string & { isWellFormed(): boolean }).isWellFormed();
  if (bytes > 0 && bytes <= LARGEST_SECRET_BYTES && wellFormed) return [];
  const message = wellFormed
    ? `A secret has 1 to ${LARGEST_SECRET_BYTES} bytes; this one has ${bytes}.`
    : 'A secret is well-formed text; this one holds half of a surrogate pair.';
  return [{ pointer: '/value', code: 'secret.value_invalid', message }];
}

export function faultsOfHosts(hosts: readonly string[]): Fault[] {
  if (hosts.length > MOST_HOSTS)
    return [{ pointer: '/hosts', code: 'secret.hosts_too_many', message: `A secret has at most ${MOST_HOSTS} hosts.` }];
  return hosts.flatMap((host, i) =>
    isHostPattern(host.toLowerCase())
      ? []
      : [
          {
            pointer: `/hosts/${i}`,
            code: 'secret.host_invalid',
            message:
              'A host is a name or address without port and path (api.example.com), or *. and a suffix of two parts or more (*.example.com).',
          },
        ],
  );
}

function isHostPattern(host: string): boolean {
  if (host.length > 253) return false;
  if (isIPv6(host)) return true;
  // What ends in a number is an address or a mistake (10.1, 0x7f.1), never a name.
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host)) return isIPv4(host);
  return HOST.test(host) || SUFFIX.test(host);
}

/** Lower case, each once, in their order. */
export function normalHosts(hosts: readonly string[]): string[] {
  return [...new Set(hosts.map((host) => host.toLowerCase()))];
}

/** Whether a secret bound to these hosts may be sent to `host` (a name or an address, without port). */
export function mayGoTo(hosts: readonly string[], host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return hosts.some((allowed) => (allowed.startsWith('*.') ? name.endsWith(allowed.slice(1)) : name === allowed));
}
