// Asks servers by their own clients until each answers: answers.mjs <seconds> [<name> <address> <process>] ...
// Prints a line for each (name, up or down, what it says of itself or why not) and fails when one is down.
import { setTimeout } from 'node:timers/promises';

const PATIENCE_MS = 2_000;

/** Each loads its client itself: to ask one server is a matter of a moment. */
const ASK = {
  async mongo(url) {
    const { default: mongoose } = await import('mongoose');
    const client = new mongoose.mongo.MongoClient(url, { serverSelectionTimeoutMS: PATIENCE_MS });
    try {
      const { version } = await client.db('admin').command({ buildInfo: 1 });
      return `speaks as MongoDB ${version}`;
    } finally {
      await client.close();
    }
  },
  async mariadb(url) {
    const { createConnection } = await import('mysql2/promise');
    const connection = await createConnection({ uri: url, connectTimeout: PATIENCE_MS });
    try {
      const [[{ version }]] = await connection.query('SELECT VERSION() AS version');
      return version;
    } finally {
      await connection.end();
    }
  },
  async redis(url) {
    const { Redis } = await import('ioredis');
    const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: PATIENCE_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return /redis_version:(\S+)/.exec(await client.info('server'))[1];
    } finally {
      client.disconnect();
    }
  },
  async kafka(brokers) {
    const { Kafka, logLevel } = await import('kafkajs');
    const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { controller } = await admin.describeCluster();
      if (controller === null) throw new Error('it has no controller yet');
      return '';
    } finally {
      await admin.disconnect();
    }
  },
};

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function answer(name, address, pid, until) {
  for (;;) {
    try {
      return { up: true, said: await ASK[name](address) };
    } catch (error) {
      if (!isAlive(pid)) return { up: false, said: 'it does not run' };
      if (Date.now() > until) return { up: false, said: error.message || error.code };
    }
    await setTimeout(100);
  }
}

const [seconds, ...asked] = process.argv.slice(2);
const until = Date.now() + Number(seconds) * 1000;
const servers = [];
for (let at = 0; at < asked.length; at += 3) servers.push(asked.slice(at, at + 3));

const answers = await Promise.all(
  servers.map(async ([name, address, pid]) => {
    const { up, said } = await answer(name, address, Number(pid), until);
    console.log([name, up ? 'up' : 'down', said.replace(/\s+/g, ' ')].join('\t'));
    return up;
  }),
);
process.exit(answers.every(Boolean) ? 0 : 1);
