import { Mongo, MongoBlobStore, MongoInstallationMark, MongoMoveNotes, MongoMoveTarget } from '@flow/adapters/mongo';
import { RelationalMoveTarget, lookAtMariaDb, mariaDbOf, openRelational, type MariaDbConfig } from '@flow/adapters/sql';
import { MoveSourceChanged, MoveTargetInUse, type MoveNote, type MoveNotes, type MoveTarget } from '@flow/moving';
import { SystemClock, type BlobStore } from '@flow/platform';
import type { Settings } from '@flow/settings';
import { resolve } from 'node:path';
import { CommandFailed } from './command.errors';

/** What is found where the folder is to be moved: nothing, a part of it from before, or all of it. */
export type Standing = 'empty' | 'begun' | { readonly movedAt: Date };

const TO_MONGO = 'MONGODB_URL';
const TO_MARIADB = 'MARIADB_URL';

/** The servers that the settings name. */
export class MoveServers {
  private constructor(
    private readonly mongodbUrl: string,
    private readonly mariaDb: MariaDbConfig,
    private readonly settings: Settings,
  ) {}

  /** @throws CommandFailed */
  static of(settings: Settings, home: string): MoveServers {
    const { mongodbUrl } = settings;
    const mariaDb = mariaDbOf(settings);
    if (mongodbUrl === null || !mariaDb)
      throw new CommandFailed('MONGODB_URL and MARIADB_URL must name the databases that the data folder is moved to.');
    // A path in the settings is relative to the installation.
    const tls = mariaDb.tls.includes('/') ? resolve(home, mariaDb.tls) : mariaDb.tls;
    return new MoveServers(mongodbUrl, { ...mariaDb, tls }, settings);
  }

  /** Changes nothing. @throws MoveTargetInUse, MoveSourceChanged, and when a server cannot be used */
  async look(dataDir: string, source: string): Promise<Standing> {
    const mongo = await Mongo.open(this.mongodbUrl, { for: 'look', poolSize: 2 });
    try {
      const note = await new MongoMoveNotes(mongo, new SystemClock()).find();
      const used = await MongoMoveTarget.used(mongo);
      const { used: tables } = await lookAtMariaDb(this.mariaDb);
      if (note) return standingOf(note, used, { dataDir, source });
      if (used.length > 0) throw new MoveTargetInUse(TO_MONGO);
      if (tables.length > 0) throw new MoveTargetInUse(TO_MARIADB);
      return 'empty';
    } finally {
      await mongo.close();
    }
  }

  /** Tables, collections and indexes are made where there are none. */
  async open(from: BlobStore): Promise<OpenedServers> {
    const mongo = await Mongo.open(this.mongodbUrl, { for: 'move', poolSize: 4 });
    try {
      const relational = await openRelational({ ...this.settings, mariadbTls: this.mariaDb.tls });
      const clock = new SystemClock();
      return {
        notes: new MongoMoveNotes(mongo, clock),
        documents: new MongoMoveTarget(mongo, new MongoBlobStore(mongo, clock), from),
        relational: new RelationalMoveTarget(relational),
        async belongTo(installation) {
          const marks = { documents: new MongoInstallationMark(mongo), relational: relational.installation() };
          const standing = { documents: (await marks.documents.find())?.id, relational: await marks.relational.find() };
          if ((standing.documents ?? installation) !== installation) throw new MoveTargetInUse(TO_MONGO);
          if ((standing.relational ?? installation) !== installation) throw new MoveTargetInUse(TO_MARIADB);
          await marks.documents.put(installation);
          await marks.relational.put(installation);
          await marks.documents.settle();
        },
        serves: async () => (await MongoMoveTarget.used(mongo)).includes('workers'),
        async close() {
          await relational.close();
          await mongo.close();
        },
      };
    } catch (error) {
      await mongo.close();
      throw error;
    }
  }
}

export interface OpenedServers {
  readonly notes: MoveNotes;
  readonly documents: MoveTarget;
  readonly relational: MoveTarget;
  /** They are of the folder's installation from now on. @throws MoveTargetInUse when they are another's */
  belongTo(installation: string): Promise<void>;
  /** Whether a process of the service has been started there. */
  serves(): Promise<boolean>;
  close(): Promise<void>;
}

function standingOf(
  note: MoveNote,
  used: readonly string[],
  { dataDir, source }: { readonly dataDir: string; readonly source: string },
): Standing {
  if (note.isDone && note.source === source) return { movedAt: note.at };
  if (note.isDone || used.includes('workers')) throw new MoveTargetInUse(TO_MONGO);
  if (note.source !== source) throw new MoveSourceChanged(dataDir);
  return 'begun';
}
