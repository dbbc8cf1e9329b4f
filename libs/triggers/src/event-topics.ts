import { AppError, type Fault } from '@flow/kernel';
import type { FiringReason } from './firing';

export interface TopicRules {
  /** Whether there are brokers at all (KAFKA_BROKERS). */
  readonly isConnected: boolean;
  /** Names, `*` for any row of characters (EVENT_TOPICS_ALLOWED). */
  readonly allowed: readonly string[];
  /** What this service writes itself and nobody may start from: a letter that dies again would come again. */
  readonly own: readonly string[];
  /** Whether a topic can be read now. @throws when not */
  readonly look?: (topic: string) => Promise<void>;
}

/** Topics that triggers of this installation may name. Its brokers know one user, so that what is allowed here is allowed to every business domain. */
export class EventTopics {
  private readonly patterns: readonly RegExp[];

  constructor(private readonly rules: TopicRules) {
    this.patterns = rules.allowed.map(patternOf);
  }

  /** What keeps a trigger from naming it. */
  faultOf(topic: string): Pick<Fault, 'code' | 'message'> | undefined {
    if (!this.rules.isConnected)
      return {
        code: 'trigger.kafka_missing',
        message: 'No Kafka is connected: set KAFKA_BROKERS in every process, or take "source": "internal".',
      };
    if (!this.rules.own.includes(topic) && this.patterns.some((pattern) => pattern.test(topic))) return undefined;
    return {
      code: 'trigger.topic_forbidden',
      message: `Topic "${topic}" is not among those that triggers may read: EVENT_TOPICS_ALLOWED has to name it, in every process.`,
    };
  }

  /** What keeps a topic from being read now, though a trigger names it. */
  async problemOf(topic: string): Promise<FiringReason | null> {
    const fault = this.faultOf(topic);
    if (fault) return fault;
    try {
      await this.rules.look?.(topic);
      return null;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { code: error.code, message: error.message };
    }
  }
}

/** A process without brokers. */
export const NO_TOPICS = new EventTopics({ isConnected: false, allowed: [], own: [] });

function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('.*')}$`);
}
