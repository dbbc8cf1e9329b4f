import type { DecidedInstallation } from '@flow/platform';
import { MOVE_ID, SCHEMA_VERSION } from './collections';
import { MongoInstallationMark } from './installation-mark.mongo';
import { Mongo } from './mongo';

export interface MongoSeen {
  readonly server: string;
  /** Of its collections; 0 where there are none. */
  readonly schema: number;
  readonly newest: number;
  /** A data folder is being moved there. */
  readonly isMoving: boolean;
  readonly installation: DecidedInstallation | undefined;
  readonly isReplicaSet: boolean;
  /** What its clock says, where it tells. */
  readonly clockMs: number | undefined;
  /** When it was asked, by the clock of this machine. */
  readonly askedMs: number;
}

/** Looks at MongoDB and changes nothing. @throws MongoUnavailable, MongoSchemaTooNew */
export async function lookAtMongo(url: string): Promise<MongoSeen> {
  const mongo = await Mongo.open(url, { for: 'look', poolSize: 1 });
  try {
    const { version } = await mongo.command({ buildInfo: 1 });
    const askedMs = Date.now();
    // The name that servers of before 4.4.2 know as well.
    const { setName, msg, localTime } = await mongo.command({ isMaster: 1 });
    const schema = await mongo.read(() => mongo.collection('schema').findOne({}));
    const move = await mongo.read(() => mongo.collection('moves').findOne({ _id: MOVE_ID }));
    return {
      ...{
        server: String(version),
        schema: schema?.version ?? 0,
        newest: SCHEMA_VERSION,
        isMoving: move?.isDone === false,
      },
      installation: await new MongoInstallationMark(mongo).find(),
      // A router of a sharded cluster says so.
      isReplicaSet: setName !== undefined || msg === 'isdbgrid',
      ...{ clockMs: localTime instanceof Date ? localTime.getTime() : undefined, askedMs },
    };
  } finally {
    await mongo.close();
  }
}
