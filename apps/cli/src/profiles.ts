import { isJsonObject } from '@flow/kernel';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed, UsageWrong } from './command.errors';
import type { Cli } from './installation';

export const DEFAULT_PROFILE = 'default';
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** A service that someone logged in to. */
export interface Profile {
  readonly address: string;
  readonly token: string;
  readonly domain?: string;
}

interface Content {
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** The logins of one user: a file of mode 0600 in the folder that XDG names, written whole or not at all. */
export class Profiles {
  private constructor(
    readonly file: string,
    private readonly content: Content,
    /** Whether others than its owner can read the file. */
    readonly isOpen: boolean,
  ) {}

  /** @throws CommandFailed when what stands there is not what this command wrote */
  static read({ environment }: Cli): Profiles {
    const file = join(configFolder(environment), 'flowctl', 'profiles.json');
    try {
      const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (!isContent(content)) throw new SyntaxError('it holds something else');
      const isOpen = process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
      return new Profiles(file, content, isOpen);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return new Profiles(file, { current: DEFAULT_PROFILE, profiles: {} }, false);
      if (error instanceof SyntaxError)
        throw new CommandFailed(`${file} is no file of logins: remove it, and log in again.`);
      throw error;
    }
  }

  /** The name of the one that is taken when none is named. */
  get current(): string {
    return this.content.current;
  }

  get names(): string[] {
    return Object.keys(this.content.profiles).sort();
  }

  find(name: string): Profile | undefined {
    return Object.hasOwn(this.content.profiles, name) ? this.content.profiles[name] : undefined;
  }

  /** @throws UsageWrong for a name that nobody logged in by */
  get(name: string): Profile {
    const profile = this.find(name);
    if (profile) return profile;
    const known = this.names.length > 0 ? ` There is ${this.names.join(', ')}.` : '';
    throw new UsageWrong(`No profile has the name "${name}".${known} Make it with: flowctl login --profile ${name}`);
  }

  /** Keeps it and makes it the current one. @throws UsageWrong for a name that is none */
  keep(name: string, profile: Profile): void {
    if (!NAME.test(name) || name === '__proto__')
      throw new UsageWrong(`"${name}" is no name of a profile: letters, digits, dots, hyphens, at most 64.`);
    this.write({ current: name, profiles: { ...this.content.profiles, [name]: profile } });
  }

  use(name: string): void {
    this.get(name);
    this.write({ ...this.content, current: name });
  }

  /** What is left goes on; the file is gone with its last profile. */
  forget(gone: readonly string[]): void {
    const left = Object.entries(this.content.profiles).filter(([name]) => !gone.includes(name));
    if (left.length === 0) rmSync(this.file, { force: true });
    else {
      const current = gone.includes(this.current) ? (left[0]?.[0] ?? DEFAULT_PROFILE) : this.current;
      this.write({ current, profiles: Object.fromEntries(left) });
    }
  }

  private write(content: Content): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const fresh = `${this.file}.${process.pid}`;
    try {
      writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      chmodSync(fresh, 0o600);
      renameSync(fresh, this.file);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }
}

/** XDG's folder; on Windows that of roaming settings. A path that is not absolute is none, as XDG says. */
function configFolder(environment: Cli['environment']): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: roaming, HOME: home, USERPROFILE: windowsHome } = environment;
  if (xdg?.startsWith('/')) return xdg;
  if (process.platform === 'win32' && roaming) return roaming;
  const own = home || windowsHome;
  if (!own) throw new UsageWrong('Neither HOME nor XDG_CONFIG_HOME is set: there is no place for logins.');
  return join(own, '.config');
}

function isContent(value: unknown): value is Content {
  if (!isJsonObject(value)) return false;
  const { current, profiles } = value as { current: unknown; profiles: unknown };
  if (typeof current !== 'string' || typeof profiles !== 'object' || profiles === null) return false;
  return Object.values(profiles as Record<string, unknown>).every((one) => {
    const { address, token, domain } = (one ?? {}) as Record<string, unknown>;
    return typeof address === 'string' && typeof token === 'string' && ['string', 'undefined'].includes(typeof domain);
  });
}
