import { randomBytes } from 'node:crypto';
import { Mongo, type MongoOptions } from '../mongo';

/** Where the server of these tests is; see docs/services.md. */
export function mongoAddress(): string {
  const url = process.env.TEST_MONGO_URL;
  if (!url) throw new Error('TEST_MONGO_URL is not set: run scripts/services.sh up, then npm run test:services.');
  return url;
}

/** The address of a database that nobody else uses. */
export function freshAddress(): string {
  const url = new URL(mongoAddress());
  url.pathname = `/flow_test_${randomBytes(6).toString('hex')}`;
  return url.href;
}

/** A database of its own, with as many views of it as are asked for, each by its own connections. */
export class ADatabase {
  private readonly opened: Mongo[] = [];

  constructor(
    readonly address = freshAddress(),
    private readonly options: MongoOptions = {},
  ) {}

  async view(): Promise<Mongo> {
    const mongo = await Mongo.open(this.address, { poolSize: 20, ...this.options });
    this.opened.push(mongo);
    return mongo;
  }

  async close(): Promise<void> {
    await this.opened[0]?.drop();
    for (const mongo of this.opened) await mongo.close();
  }
}
