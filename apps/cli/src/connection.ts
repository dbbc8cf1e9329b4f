import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageWrong } from './command.errors';
import { readGiven, type Cli } from './installation';
import { Profiles, type Profile } from './profiles';
import { addressOf } from './service.address';

/** What every command that asks a service takes. */
export interface ServiceOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly domain?: string;
  readonly profile?: string;
}

/** Where to ask, by which right, and which login it comes from. */
export interface Connection {
  readonly address: string;
  readonly token: string;
  readonly domain?: string;
  /** The profile whose token it is. */
  readonly profile?: string;
}

/**
 * The token: of --token-file, else of the --profile that is named, else FLOW_TOKEN, else of the current profile. The address: --url,
 * else that of the profile, else as the settings of this machine say. A profile's token goes to the profile's own address only.
 * @throws UsageWrong, SettingsInvalid
 */
export function connectionOf(cli: Cli, options: ServiceOptions): Connection {
  const { environment } = cli;
  const named = options.profile ?? (environment.FLOW_PROFILE || undefined);
  const profiles = profilesOf(cli, options, named);
  const name = named ?? profiles?.current;
  const profile = name === undefined ? undefined : named ? profiles?.get(name) : profiles?.find(name);
  const address = options.url === undefined && profile ? profile.address : addressOf(cli, options.url);
  const domain = options.domain ?? (profile?.address === address ? profile.domain : undefined);
  const given = tokenGiven(cli, options, options.profile !== undefined);
  const token = given ?? tokenOf(cli, { profile, name, address, isOpen: profiles?.isOpen === true, profiles });
  return {
    address,
    token,
    ...(domain !== undefined && { domain }),
    ...(given === undefined && name !== undefined && { profile: name }),
  };
}

/** Not read where nothing of them is wanted: a broken file of logins must not stop one who brings address and token. */
function profilesOf(cli: Cli, { url, tokenFile }: ServiceOptions, named: string | undefined): Profiles | undefined {
  const bringsAll = url !== undefined && (tokenFile !== undefined || !!cli.environment.FLOW_TOKEN);
  return bringsAll && named === undefined ? undefined : Profiles.read(cli);
}

function tokenOf(
  cli: Cli,
  from: {
    profile: Profile | undefined;
    name: string | undefined;
    address: string;
    isOpen: boolean;
    profiles: Profiles | undefined;
  },
): string {
  const { profile, name, address } = from;
  if (!profile)
    throw new UsageWrong(
      'A token is needed: log in with `flowctl login`, set FLOW_TOKEN, or name a file that holds it with --token-file.',
    );
  if (profile.address !== address)
    throw new UsageWrong(
      `The token of the profile "${name ?? ''}" is for ${profile.address}, and is not sent to ${address}: set FLOW_TOKEN, or log in there with --profile <name>.`,
    );
  if (from.isOpen && from.profiles) warnOfReaders(cli, from.profiles.file);
  return profile.token;
}

/** Never from the command line itself: other users of a machine can read that. */
function tokenGiven(cli: Cli, { tokenFile: file }: ServiceOptions, profileIsNamed: boolean): string | undefined {
  if (file === undefined)
    return profileIsNamed || !cli.environment.FLOW_TOKEN?.trim() ? undefined : checkedToken(cli.environment.FLOW_TOKEN);
  const token = readGiven(cli, file).trim();
  if (!token) throw new UsageWrong(`${file} is empty: it should hold a token.`);
  const path = resolve(cli.cwd, file);
  if (file !== '-' && process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) warnOfReaders(cli, file);
  return checkedToken(token);
}

/** @throws UsageWrong */
export function checkedToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageWrong('The token holds characters that no token has.');
}

function warnOfReaders({ terminal }: Cli, file: string): void {
  terminal.tell(`${terminal.paintTold('yellow', 'WARNING')} ${file} can be read by others. Run: chmod 600 ${file}`);
}
