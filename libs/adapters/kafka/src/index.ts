export { DEAD_LETTERS_TOPIC } from './dead-letters.kafka';
export { KafkaEventConsumer } from './event-consumer.kafka';
export type { KafkaConsumerEvents } from './kafka-consumption';
export { KafkaEventPublisher } from './event-publisher.kafka';
export { KafkaConnection } from './kafka-connection';
export type { KafkaPlace } from './kafka.config';
export { KafkaMisconfigured, KafkaTopicMissing, KafkaUnavailable } from './kafka.errors';
export type { KafkaLine } from './kafka-log';
