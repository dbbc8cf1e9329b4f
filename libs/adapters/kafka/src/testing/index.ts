export { KafkaWorld, testBrokers, type ReadMessage } from './kafka-world';
