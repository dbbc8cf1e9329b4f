import { LiveFanOut, type News } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import type { RedisConnection } from './redis-connection';

/** One command for all that is stored at once, however many instances: channel and message by turns. */
const PUBLISH_ALL = `for i = 1, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end`;
const MOST_AT_ONCE = 1_000;
const LETTERS: Readonly<Record<News, string>> = { events: 'e', lines: 'l' };
const NEWS = Object.keys(LETTERS) as readonly News[];

/**
 * A channel for each instance, to which only those listen who watch it. What is published in one turn of the event loop goes together. A message is the
 * kinds of news and who says it: `el 01H...`.
 */
export class RedisLiveFanOut extends LiveFanOut {
  private gathered = new Map<InstanceId, Set<News>>();
  /** Instances of whose news Redis took none. */
  lost = 0;

  constructor(
    private readonly redis: RedisConnection,
    /** Of this process alone. */
    private readonly speaker: string,
  ) {
    super();
  }

  override publish(id: InstanceId, news: News): void {
    if (this.gathered.size === 0) setImmediate(() => this.send());
    const known = this.gathered.get(id);
    if (known) known.add(news);
    else this.gathered.set(id, new Set([news]));
  }

  override subscribe(id: InstanceId, onNews: (news: News) => void): () => void {
    const tellAll = () => {
      for (const news of NEWS) onNews(news);
    };
    return this.redis.channels.listen(this.channel(id), {
      onMessage: (message) => {
        const [letters = '', speaker] = message.split(' ');
        if (speaker === this.speaker) return;
        for (const news of NEWS) if (letters.includes(LETTERS[news])) onNews(news);
      },
      onStanding: tellAll,
    });
  }

  private send(): void {
    const all = [...this.gathered];
    this.gathered = new Map();
    for (let from = 0; from < all.length; from += MOST_AT_ONCE) {
      const some = all.slice(from, from + MOST_AT_ONCE);
      const said = some.flatMap(([id, news]) => [this.channel(id), this.message(news)]);
      this.redis.commands.eval(PUBLISH_ALL, 0, ...said).catch(() => {
        this.lost += some.length;
      });
    }
  }

  private message(news: ReadonlySet<News>): string {
    return `${[...news].map((one) => LETTERS[one]).join('')} ${this.speaker}`;
  }

  private channel(id: InstanceId): string {
    return this.redis.key('live', id);
  }
}
