import ipaddr from 'ipaddr.js';
import { OutboundAllowInvalid } from './http-client.errors';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface HostRule {
  readonly host: string;
  readonly port: number | null;
}
interface RangeRule {
  readonly network: Address;
  readonly bits: number;
  readonly port: number | null;
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** What is allowed, how many bits of it count, and at which port: `host`, `10.0.0.0/8`, `[::1]:80`. */
const ENTRY = /^(\[[^\]]+\]|[^:/[\]]+)(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/;
/** All global unicast of IPv6; whatever lies outside (compatible and unassigned ranges) is denied with the special ones. */
const IPV6_GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Which addresses may be connected to. Public unicast always; everything else (private, loopback, link-local, CGNAT,
 * multicast, reserved, documentation, tunnels, mapped and translated IPv4) only when the allow-list has the host
 * by name, or the address. An entry of the list is a host name, `*.suffix`, an address or a
 * CIDR, each with `:port` where only that port is meant (IPv6 in brackets then).
 */
export class OutboundGuard {
  private readonly hosts: HostRule[] = [];
  private readonly ranges: RangeRule[] = [];

  /** Throws OutboundAllowInvalid. */
  constructor(allow: readonly string[] = []) {
    for (const entry of allow.map((text) => text.trim().toLowerCase()).filter((text) => text !== '')) this.add(entry);
  }

  /** Whether a connection to `address` may be made for a URL that names `host`. */
  permits(host: string, port: number, address: string): boolean {
    const parsed = parseAddress(address);
    if (!parsed) return false;
    if (isPublic(parsed)) return true;
    const name = plainHost(host);
    return (
      this.hosts.some((rule) => names(rule.host, name) && fits(rule.port, port)) ||
      this.ranges.some((rule) => fits(rule.port, port) && rule.network.kind() === parsed.kind() && inside(parsed, rule))
    );
  }

  private add(entry: string): void {
    const bare = /^([^/[\]]+)(?:\/(\d{1,3}))?$/.exec(entry);
    const split = bare && parseAddress(bare[1] ?? '') ? bare : ENTRY.exec(entry);
    if (!split) throw new OutboundAllowInvalid(entry);
    const [, subject = '', bits, port] = split;
    const network = parseAddress(plainHost(subject));
    if (network) this.ranges.push({ network, bits: bitsOf(network, bits, entry), port: portOf(port, entry) });
    else {
      const host = subject.replace(/\.$/, '');
      if (bits !== undefined || !isHostRule(host)) throw new OutboundAllowInvalid(entry);
      this.hosts.push({ host, port: portOf(port, entry) });
    }
  }
}

/** A URL's host as it is compared: lower case, no brackets, no trailing dot. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Digits and dots alone are a misspelt address, not a name. */
function isHostRule(host: string): boolean {
  const name = host.replace(/^\*\./, '');
  return HOST_NAME.test(name) && !/^[\d.]+$/.test(name);
}

/** `*.example.com` stands for every name below example.com. */
function names(rule: string, host: string): boolean {
  return rule.startsWith('*.') ? host.endsWith(rule.slice(1)) && host.length >= rule.length : rule === host;
}

function bitsOf(network: Address, text: string | undefined, entry: string): number {
  const most = network.kind() === 'ipv4' ? 32 : 128;
  const bits = text === undefined ? most : Number(text);
  if (bits > most) throw new OutboundAllowInvalid(entry);
  return bits;
}

/** Only the plain spellings: four decimal parts, or IPv6 without a zone. Whoever means something else does not get in. */
function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text);
  return undefined;
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(IPV6_GLOBAL);
}

function inside(address: Address, { network, bits }: RangeRule): boolean {
  return address.kind() === 'ipv4'
    ? (address as ipaddr.IPv4).match(network, bits)
    : (address as ipaddr.IPv6).match(network, bits);
}

function fits(rulePort: number | null, port: number): boolean {
  return rulePort === null || rulePort === port;
}

function portOf(text: string | undefined, entry: string): number | null {
  if (text === undefined) return null;
  const port = Number(text);
  if (port < 1 || port > 65_535) throw new OutboundAllowInvalid(entry);
  return port;
}
