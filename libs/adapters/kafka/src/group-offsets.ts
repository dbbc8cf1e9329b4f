import type { PartitionLag, Subscription } from '@flow/events';
import type { Admin } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection';

const SETTLES_MS = 20_000;

interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
  /** The first message that stands, and the one that will come next. */
  readonly low: bigint;
  readonly high: bigint;
  /** Where the group goes on; undefined where it has not begun. */
  readonly next: bigint | undefined;
}

async function placesOf(admin: Admin, { group, topics }: Subscription): Promise<readonly PartitionPlace[]> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  const places = await Promise.all(
    topics.map(async (topic) => {
      const partitions = committed.find((one) => one.topic === topic)?.partitions ?? [];
      const next = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
        const offset = next.get(partition) ?? -1n;
        return { topic, partition, low: BigInt(low), high: BigInt(high), next: offset < 0n ? undefined : offset };
      });
    }),
  );
  return places.flat();
}

/** Messages that stand and were not taken, as the broker has it. */
export function lagOf(connection: KafkaConnection, subscription: Subscription): Promise<readonly PartitionLag[]> {
  return connection.administer(async (admin) =>
    (await placesOf(admin, subscription)).map(({ topic, partition, low, high, next }) => {
      const from = next ?? (subscription.from === 'beginning' ? low : high);
      return { topic, partition, lag: Number(high > from ? high - from : 0n) };
    }),
  );
}

/**
 * A group that begins now, or with what came from a time on, has that written down before anybody joins it: otherwise what comes while its first member has nothing taken yet, and is replaced by
 * another, would belong to neither. Partitions that come later are read from their first message. Throws while another member is at it.
 */
export function settleBeginning(connection: KafkaConnection, subscription: Subscription): Promise<void> {
  return connection.administer(async (admin) => {
    const places = await placesOf(admin, subscription);
    for (const topic of subscription.topics) {
      const ofTopic = places.filter((place) => place.topic === topic);
      if (ofTopic.some(({ next }) => next !== undefined)) continue;
      const partitions =
        subscription.from instanceof Date
          ? await admin.fetchTopicOffsetsByTimestamp(topic, subscription.from.getTime())
          : ofTopic.map(({ partition, high }) => ({ partition, offset: String(high) }));
      // The client waits for ever when it is cut off meanwhile.
      await connection.within(SETTLES_MS, admin.setOffsets({ groupId: subscription.group, topic, partitions }));
    }
  });
}
