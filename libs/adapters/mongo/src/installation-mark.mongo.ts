import { DecidingMark, type DecidedInstallation, type StoreUse } from '@flow/platform';
import { INSTALLATION_ID } from './collections';
import { isDuplicate, type Mongo } from './mongo';
import { MongoMoveTarget } from './move-target.mongo';

/** One document: whose insert comes first decides. */
export class MongoInstallationMark extends DecidingMark {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async find(): Promise<DecidedInstallation | undefined> {
    const doc = await this.mongo.read(() => this.marks.findOne({ _id: INSTALLATION_ID }));
    return doc ? { id: doc.id, isSettled: doc.isSettled } : undefined;
  }

  override async put(id: string): Promise<DecidedInstallation> {
    await this.mongo.write('installation.decide', () =>
      this.marks.insertOne({ _id: INSTALLATION_ID, id, isSettled: false }).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error;
      }),
    );
    return (await this.find()) as DecidedInstallation;
  }

  override async settle(): Promise<void> {
    await this.mongo.write('installation.settle', () =>
      this.marks.updateOne({ _id: INSTALLATION_ID }, { $set: { isSettled: true } }),
    );
  }

  override async use(): Promise<StoreUse> {
    return (await MongoMoveTarget.used(this.mongo)).length > 0 ? 'used' : 'unused';
  }

  private get marks() {
    return this.mongo.collection('installation');
  }
}
