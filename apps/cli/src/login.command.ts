import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Me, Whole } from '@flow/client';
import { CommandFailed, EXIT, UsageWrong } from './command.errors';
import { checkedToken, connectionOf, type ServiceOptions } from './connection';
import { readGiven, type Cli } from './installation';
import { columns, wrap } from './layout';
import { DEFAULT_PROFILE, Profiles } from './profiles';
import { askHidden, askLine } from './prompt';
import { addressOf } from './service.address';
import { ServiceClient } from './service.client';

interface LoginOptions extends ServiceOptions {
  readonly json?: boolean;
}

type Caller = Whole<Me>;

/** `flowctl login [address]`: keeps address and token under a name once the service has accepted them. */
export async function loginCommand(cli: Cli, given: string | undefined, options: LoginOptions): Promise<number> {
  const { terminal } = cli;
  const profiles = Profiles.read(cli);
  const name = options.profile ?? DEFAULT_PROFILE;
  const address = await addressFor(cli, given ?? options.url);
  if (!isPrivateTo(address))
    terminal.tell(
      `${terminal.paintTold('yellow', 'WARNING')} ${address} is plain HTTP: others on the way can read the token.`,
    );
  const token = await tokenFor(cli, options.tokenFile);
  const { domain } = options;
  const client = ServiceClient.at(cli, { address, token, ...(domain !== undefined && { domain }) });
  const me = (await client.ask('GET /me')) as Caller;
  profiles.keep(name, { address, token, ...(domain !== undefined && { domain }) });
  if (options.json)
    terminal.json({ profile: name, address, principal: me.principal, domain: me.domain, file: profiles.file });
  else {
    terminal.say(`Logged in to ${address} as ${me.principal}, domain ${me.domain}.`);
    terminal.say(`Kept as profile "${name}" in ${profiles.file}, which only you can read.`);
  }
  return EXIT.done;
}

/** `flowctl logout`: forgets a login here; the token itself stays valid until it is revoked. */
export function logoutCommand(cli: Cli, options: { profile?: string; all?: boolean; json?: boolean }): number {
  const profiles = Profiles.read(cli);
  if (options.all && options.profile !== undefined) throw new UsageWrong('Name a profile, or all of them, not both.');
  if (profiles.names.length === 0) throw new CommandFailed('Nobody is logged in here.');
  const name = options.profile ?? profiles.current;
  if (!options.all) profiles.get(name);
  const gone = options.all ? profiles.names : [name];
  profiles.forget(gone);
  if (options.json) cli.terminal.json({ forgotten: gone });
  else
    cli.terminal.say(
      `Forgotten: ${gone.join(', ')}. The token itself is valid until it expires or is revoked (DELETE /me/tokens/<id>).`,
    );
  return EXIT.done;
}

/** `flowctl whoami`: what the service says of the one who asks. */
export async function whoamiCommand(cli: Cli, options: LoginOptions): Promise<number> {
  const { terminal } = cli;
  const connection = connectionOf(cli, options);
  const me = (await ServiceClient.at(cli, connection).ask('GET /me')) as Caller;
  const { address, profile } = connection;
  if (options.json) {
    terminal.json({ ...me, address, profile: profile ?? null });
    return EXIT.done;
  }
  const { domains, expiresAt } = me.token;
  const spoken = typeof domains === 'string' ? 'all' : domains.join(', ');
  const rows = [
    ['principal', me.principal],
    ['domain', `${me.domain} (the token speaks for: ${spoken})`],
    ['service', address],
    ['login', profile === undefined ? 'the token that was given' : `profile "${profile}"`],
    ['expires', expiresAt ?? 'never'],
  ];
  for (const line of columns(rows.map(([label = '', value = '']) => [terminal.paint('dim', label), value])))
    terminal.say(line);
  terminal.say(terminal.paint('dim', 'may'));
  for (const line of wrap(me.permissions.join('  '), terminal.width - 2)) terminal.say(`  ${line.trim()}`);
  return EXIT.done;
}

/** `flowctl profiles`: the logins of this user, without their tokens. */
export function profilesCommand(cli: Cli, options: { json?: boolean }): number {
  const { terminal } = cli;
  const profiles = Profiles.read(cli);
  const all = profiles.names.map((name) => {
    const { address, domain } = profiles.get(name);
    return { name, address, domain: domain ?? null, current: name === profiles.current };
  });
  if (options.json) terminal.json({ file: profiles.file, profiles: all });
  else if (all.length === 0) terminal.say('Nobody is logged in here. Log in with: flowctl login');
  else {
    const rows = all.map(({ name, address, domain, current }) => [current ? '*' : ' ', name, address, domain ?? '']);
    for (const line of columns(rows)) terminal.say(line);
  }
  return EXIT.done;
}

/** `flowctl use <profile>`: whose address and token are taken from now on. */
export function useCommand(cli: Cli, name: string, options: { json?: boolean }): number {
  const profiles = Profiles.read(cli);
  profiles.use(name);
  const { address } = profiles.get(name);
  if (options.json) cli.terminal.json({ profile: name, address });
  else cli.terminal.say(`From now on: profile "${name}", ${address}.`);
  return EXIT.done;
}

async function addressFor(cli: Cli, given: string | undefined): Promise<string> {
  if (given !== undefined || !process.stdin.isTTY) return addressOf(cli, given);
  const usual = usualAddress(cli);
  const answer = await askLine(`Address of the service${usual ? ` [${usual}]` : ''}: `, process.stdin, process.stderr);
  return addressOf(cli, answer.trim() || usual);
}

/** Settings that are wrong stop nobody who logs in elsewhere. */
function usualAddress(cli: Cli): string | undefined {
  try {
    return addressOf(cli, undefined);
  } catch {
    return undefined;
  }
}

async function tokenFor(cli: Cli, file: string | undefined): Promise<string> {
  const text =
    file !== undefined
      ? readGiven(cli, file)
      : process.stdin.isTTY
        ? await askHidden('Token (it is not shown): ', process.stdin, process.stderr)
        : readFileSync(0, 'utf8');
  if (text.trim() === '')
    throw new UsageWrong('No token was given: type it, or send it to the input, as in: flowctl login < token-file');
  return checkedToken(text);
}

/** Whether what is sent there cannot be read on the way: HTTPS, or this machine itself. */
function isPrivateTo(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  return (
    protocol === 'https:' || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  );
}
