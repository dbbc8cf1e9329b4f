import type { OperatorContext } from '@flow/operators';

/**
 * The rule for secrets in an HTTP step: **every secret in its parameters must name every host that the step contacts**, that is
 * the URL's and, with OAuth2, the token URL's too. A secret that gets a token so says where the token may be used. Hosts are compared by
 * name, whatever the port; `*.example.com` stands for every name below example.com.
 * Gives the first secret and host that do not go together.
 */
export function secretOutOfPlace(
  secrets: OperatorContext['secretsInUse'],
  urls: readonly URL[],
): { readonly secret: string; readonly host: string } | undefined {
  for (const { name, hosts } of secrets)
    for (const url of urls) {
      const host = plain(url.hostname);
      if (!hosts.some((allowed) => covers(plain(allowed), host))) return { secret: name, host };
    }
  return undefined;
}

function covers(allowed: string, host: string): boolean {
  return allowed.startsWith('*.')
    ? host.endsWith(allowed.slice(1)) && host.length > allowed.length - 1
    : host === allowed;
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
