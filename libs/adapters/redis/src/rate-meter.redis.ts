import { MemoryRateMeter, RateMeter, type Clock, type Metered, type Rate } from '@flow/kernel';
import type { RedisConnection } from './redis-connection';

/**
 * GCRA as `MemoryRateMeter` has it, in one step and on the server's clock: KEYS[1] holds the moment (ms) at which the bucket is full again, ARGV is the
 * interval and what a whole bucket takes to fill. Gives whether it was taken, until the bucket is full, and by how much it was too early.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = tonumber(redis.call('GET', KEYS[1]) or now)
local full = math.min(math.max(now, known), now + whole)
local after = full + interval
local over = after - now - whole
if over > 0.001 then return {0, tostring(full - now), tostring(over)} end
redis.call('SET', KEYS[1], string.format('%.4f', after), 'PX', math.ceil(after - now))
return {1, tostring(after - now), '0'}`;

const GIVE_BACK = `
local known = redis.call('GET', KEYS[1])
if not known then return end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local full = known - ARGV[1]
if full <= now then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], string.format('%.4f', full), 'PX', math.ceil(full - now)) end`;

/** Nobody waits longer for Redis than this to learn whether he is within a rate. */
const PATIENCE_MS = 250;
/** After it did not answer it is not asked for so long. */
const PAUSE_MS = 1_000;
const EPSILON_MS = 0.01;

/**
 * Buckets that all processes share. While Redis is away each process counts for itself: that lets through more than one rate allows, as many times as
 * there are processes, and keeps nobody out.
 */
export class RedisRateMeter extends RateMeter {
  private readonly own: MemoryRateMeter;
  private askAgainAt = -Infinity;
  /** How often this process counted for itself. */
  counted = 0;

  constructor(
    private readonly redis: RedisConnection,
    /** Keeps the keys of this meter apart from others'. */
    private readonly name: string,
    private readonly clock: Pick<Clock, 'monotonicMs' | 'after'>,
  ) {
    super();
    this.own = new MemoryRateMeter(clock);
  }

  override take(key: string, rate: Rate): Metered | Promise<Metered> {
    return this.clock.monotonicMs() < this.askAgainAt ? this.takeHere(key, rate) : this.takeThere(key, rate);
  }

  override giveBack(key: string, { max, perMs, burst }: Rate): void {
    this.own.giveBack(key, { max, perMs, burst });
    if (this.clock.monotonicMs() < this.askAgainAt) return;
    this.redis.commands.eval(GIVE_BACK, 1, this.key(key), perMs / max).catch(() => this.pause());
  }

  private async takeThere(key: string, rate: Rate): Promise<Metered> {
    const { max, perMs, burst } = rate;
    const interval = perMs / max;
    const whole = interval * burst;
    let cancel: () => void = () => undefined;
    const late = new Promise<undefined>(
      (resolve) => (cancel = this.clock.after(PATIENCE_MS, () => resolve(undefined))),
    );
    const asked = this.redis.commands.eval(TAKE, 1, this.key(key), interval, whole).catch(() => undefined);
    const answer = (await Promise.race([asked, late])) as readonly [number, string, string] | undefined;
    cancel();
    if (!answer) {
      this.pause();
      return this.takeHere(key, rate);
    }
    const resetMs = Number(answer[1]);
    if (answer[0] === 0) return { isWithin: false, remaining: 0, resetMs, retryAfterMs: Number(answer[2]) };
    return { isWithin: true, remaining: Math.floor((whole - resetMs + EPSILON_MS) / interval), resetMs };
  }

  private takeHere(key: string, rate: Rate): Metered {
    this.counted += 1;
    return this.own.take(key, rate);
  }

  private pause(): void {
    this.askAgainAt = this.clock.monotonicMs() + PAUSE_MS;
  }

  private key(key: string): string {
    return this.redis.key('rate', this.name, key);
  }
}
