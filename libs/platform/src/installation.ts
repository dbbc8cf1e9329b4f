import { AppError } from '@flow/kernel';

/** Whether anybody has worked with a store before ids of installations were: there may be no telling. */
export type StoreUse = 'used' | 'unused' | 'unknown';

/** Which installation a store belongs to. What stands never changes. */
export abstract class InstallationMark {
  abstract find(): Promise<string | undefined>;
  /** Where none stands; gives the one that stands. */
  abstract put(id: string): Promise<string>;
  abstract use(): Promise<StoreUse>;
}

export interface DecidedInstallation {
  readonly id: string;
  /** The other store has it too: one that comes without it is another's. */
  readonly isSettled: boolean;
}

/** The same in the store that decides. */
export abstract class DecidingMark {
  abstract find(): Promise<DecidedInstallation | undefined>;
  abstract put(id: string): Promise<DecidedInstallation>;
  abstract settle(): Promise<void>;
  abstract use(): Promise<StoreUse>;
}

/** How the two stores are called for people, with the settings or files that say where they are. */
export interface StoreNames {
  readonly documents: string;
  readonly relational: string;
}

/** Stores that do not belong together: what one says of the other would be wrong. */
export class StoresMixed extends AppError {
  readonly kind = 'conflict';
  readonly code = 'stores.mixed';
  constructor(fact: string, { documents, relational }: StoreNames) {
    super(
      `${fact} Let ${documents} and ${relational} be those of one installation, or both be empty. No data was changed.`,
    );
  }
}

/** Those of servers. */
export const SERVER_STORES: StoreNames = {
  documents: 'MongoDB (MONGODB_URL)',
  relational: 'MariaDB (MARIADB_URL)',
};

/** What is seen of two stores. */
export interface StoresSeen {
  readonly documents: DecidedInstallation | undefined;
  readonly relational: string | undefined;
  /** Asked where no id tells it. */
  readonly use: () => Promise<Readonly<Record<'documents' | 'relational', StoreUse>>>;
}

/**
 *     documents      relational
 *     none           none         a new installation, or one of before ids were: unless one has data and the other never had any
 *     none           an id        documents of this installation are elsewhere
 *     an id          the same     well
 *     an id          another      two installations
 *     not settled    none         the start that decided was cut off
 *     settled        none         the relational data of this installation is elsewhere
 */
export async function conflictBetween(seen: StoresSeen, names: StoreNames): Promise<StoresMixed | undefined> {
  const { documents, relational } = seen;
  if (documents && relational !== undefined)
    return documents.id === relational
      ? undefined
      : new StoresMixed(
          `${names.documents} belongs to the installation ${documents.id}, and ${names.relational} to ${relational}.`,
          names,
        );
  const without = (one: string, other: string, id: string) =>
    new StoresMixed(
      `${one} belongs to no installation, and ${other} to ${id}: what belongs beside it is elsewhere.`,
      names,
    );
  if (relational !== undefined) return without(names.documents, names.relational, relational);
  if (documents?.isSettled) return without(names.relational, names.documents, documents.id);
  const use = await seen.use();
  const stranger = (one: string, other: string) =>
    new StoresMixed(`${one} holds data of an installation, and ${other} has never been used.`, names);
  if (use.documents === 'used' && use.relational === 'unused') return stranger(names.documents, names.relational);
  if (use.relational === 'used' && use.documents === 'unused') return stranger(names.relational, names.documents);
  return undefined;
}

export interface InstallationStores {
  readonly documents: DecidingMark;
  readonly relational: InstallationMark;
  readonly names: StoreNames;
}

/**
 * The id of the installation that both stores belong to. Where there is none yet it is made: one insert decides it among all that start at once, the
 * other store follows, and that is noted, so that a start that was cut off in between is gone on with.
 * @throws StoresMixed
 */
export async function agreeOnInstallation(stores: InstallationStores, newId: () => string): Promise<string> {
  const { documents, relational, names } = stores;
  let decided = await documents.find();
  for (;;) {
    const conflict = await conflictBetween(
      {
        documents: decided,
        relational: await relational.find(),
        use: async () => ({ documents: await documents.use(), relational: await relational.use() }),
      },
      names,
    );
    if (!conflict) break;
    // Another start may have decided and gone on between two of these looks.
    const now = await documents.find();
    if (now?.id === decided?.id && now?.isSettled === decided?.isSettled) throw conflict;
    decided = now;
  }
  decided ??= await documents.put(newId());
  if (decided.isSettled) return decided.id;
  const followed = await relational.put(decided.id);
  if (followed !== decided.id)
    throw new StoresMixed(
      `${names.documents} belongs to the installation ${decided.id}, and ${names.relational} to ${followed}.`,
      names,
    );
  await documents.settle();
  return decided.id;
}
