import { UsageWrong } from './command.errors';
import type { Cli } from './installation';
import { settingsOf } from './local.settings';

/** How this machine reaches a listener: one on all addresses is asked on the loopback. IPv6 stands in brackets. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** Where the service is asked, without a slash at the end: what --url says, else what the settings say. @throws UsageWrong, SettingsInvalid */
export function addressOf(cli: Cli, url: string | undefined): string {
  if (url !== undefined) return checked(url);
  const { apiServerHost, apiServerPort } = settingsOf(cli).settings;
  if (apiServerPort === 0)
    throw new UsageWrong('API_SERVER_PORT is 0, so that the service takes a free port: name its address with --url.');
  return `http://${reachable(apiServerHost)}:${apiServerPort}`;
}

function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new UsageWrong(`--url wants an address such as http://127.0.0.1:8082, not "${text}".`);
  if (url.username !== '' || url.password !== '')
    throw new UsageWrong('--url takes no user and no password: the token is given by FLOW_TOKEN or --token-file.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}
